import { toHex, type Bytes } from "./encodings.ts";
import type { Entry, Socket } from "./socket.ts";

/** An entry of a room's log, or word that this one is the device's own (the id as hex). */
export type Arrived = Entry | { own: string };

const commit = 1;

/** A room's log on one device: whatever way its entries come, they are processed one after the other (section 8). */
export abstract class Log {
  /** Everything up to here was processed. */
  cursor = 0;
  /** The server said that this device is no longer in the room. */
  removed = false;
  /** What could not be processed, and why. */
  readonly faults: Error[] = [];
  private begun = false;
  private readonly arrived = new Map<number, Arrived>();
  private tail: Promise<unknown> = Promise.resolve();

  protected constructor(
    readonly raw: Bytes,
    private readonly socket: () => Socket,
  ) {}

  /** Takes in one entry. */
  protected abstract processed(seq: number, what: Arrived): Promise<void>;

  /** The server took a commit that this device cannot follow. */
  protected abstract overtaken(): void;

  /** Takes what the server pushed. A gap is fetched. */
  take(items: readonly Entry[]): void {
    for (const entry of items) this.came(entry[0], entry);
    const [first] = items;
    if (first !== undefined && first[0] > this.cursor + 1) void this.catchUp().catch((error: unknown) => this.faults.push(error as Error));
  }

  /** Fetches and processes everything that the server has and this device has not. */
  async catchUp(): Promise<void> {
    for (;;) {
      await this.tail;
      const { items, head } = await this.socket().fetch(this.raw, this.cursor);
      for (const entry of items) this.came(entry[0], entry);
      await this.tail;
      if (this.cursor >= head || items.length === 0) return;
    }
  }

  /** This device's part of the log begins behind `seq`; again, after it entered the room again. */
  protected begin(seq: number): void {
    this.cursor = seq;
    this.begun = true;
    this.removed = false;
    for (const old of this.arrived.keys()) if (old <= seq) this.arrived.delete(old);
    void this.serially(() => this.drain());
  }

  protected beginOnce(seq: number): void {
    if (!this.begun) this.begin(seq);
  }

  protected came(seq: number, what: Arrived): void {
    if (seq > this.cursor) this.arrived.set(seq, what);
    void this.serially(() => this.drain());
  }

  protected async upTo(seq: number): Promise<void> {
    await this.tail;
    if (this.cursor < seq) await this.catchUp();
  }

  /** Runs work after all that was begun before it, as everything that reads or changes the group has to. */
  protected serially<T>(work: () => Promise<T>): Promise<T> {
    const done = this.tail.then(work);
    this.tail = done.catch(() => undefined);
    return done;
  }

  private async drain(): Promise<void> {
    if (!this.begun) return;
    const before = this.cursor;
    for (let next = this.arrived.get(this.cursor + 1); next !== undefined; next = this.arrived.get(this.cursor + 1)) {
      const seq = this.cursor + 1;
      this.arrived.delete(seq);
      try {
        await this.processed(seq, next);
      } catch (error) {
        const what = "own" in next ? next.own : toHex(next[4]);
        this.faults.push(new Error(`Entry ${String(seq)} (${what})`, { cause: error }));
        if (!("own" in next) && next[2] === commit) this.overtaken();
      }
      this.cursor = seq;
    }
    if (this.cursor > before && !this.removed) this.socket().acknowledge(this.raw, this.cursor);
  }
}
