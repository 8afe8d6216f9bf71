/**
 * Welcomes that the server keeps for this device (docs/protocol.md, section 8). It deletes everything up to what is
 * acknowledged, so that nothing is acknowledged past one that is not opened.
 */
import { isRefusal, Refusal } from "../../protocol/errors.ts";
import type { InboxItem } from "../../protocol/frames.ts";
import { SerialQueue } from "../../crypto/queue.ts";
import type { Link } from "../../transport/link.ts";
import { type Errands, willPass, WrongGroup } from "../common/index.ts";

export class Inbox {
  readonly #queue = new SerialQueue();
  /** By seq what this connection brought and is not opened. */
  readonly #waiting = new Map<number, InboxItem>();
  /** On this connection the newest that was opened, and up to where the server was told or had nothing. */
  #opened = 0;
  #told = 0;

  constructor(
    private readonly link: Pick<Link, "post">,
    private readonly errands: Pick<Errands, "run">,
    private readonly open: (item: InboxItem) => Promise<void>,
  ) {}

  /** One at a time with Welcomes: whatever else brings this device into rooms. */
  enter<T>(work: () => Promise<T>): Promise<T> {
    return this.#queue.run(work);
  }

  /** Whether a Welcome to the room waits to be opened. */
  has(room: string): boolean {
    return [...this.#waiting.values()].some((item) => item.room === room);
  }

  /** The server brings everything again that was not acknowledged. */
  connected(): void {
    this.#waiting.clear();
    this.#opened = this.#told = 0;
  }

  arrived(items: readonly InboxItem[]): void {
    this.#told ||= Math.min(...items.map(({ seq }) => seq - 1));
    for (const item of items) this.#waiting.set(item.seq, item);
    void this.errands.run("inbox", () => this.enter(() => this.#openAll()));
  }

  /** Throws the Refusal that will pass, for what is to be tried again. */
  async #openAll(): Promise<void> {
    let later: Refusal | null = null;
    for (const item of [...this.#waiting.values()].sort((one, other) => one.seq - other.seq)) {
      // Those of a connection that has ended come again.
      if (this.#waiting.get(item.seq) !== item) continue;
      const refusal = await this.#tried(item);
      if (!refusal) this.#done(item);
      // Of the others the server would say the same.
      else if (isRefusal(refusal, "rate_limited")) throw refusal;
      else later ??= refusal;
    }
    if (later) throw later;
  }

  /** Why it stays for later, if it does. What was refused would be refused again. */
  async #tried(item: InboxItem): Promise<Refusal | null> {
    try {
      await this.open(item);
    } catch (error) {
      // Whoever may come back finds it there.
      if (willPass(error) || isRefusal(error, "suspended", "unauthenticated")) return error;
      if (!(error instanceof Refusal) && !(error instanceof WrongGroup)) throw error;
    }
    return null;
  }

  #done(item: InboxItem): void {
    if (this.#waiting.get(item.seq) !== item) return;
    this.#waiting.delete(item.seq);
    this.#opened = Math.max(this.#opened, item.seq);
    const seq = Math.min(this.#opened, ...[...this.#waiting.keys()].map((waiting) => waiting - 1));
    if (seq > this.#told && this.link.post({ t: "inbox_ack", seq })) this.#told = seq;
  }
}
