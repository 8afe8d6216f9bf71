/** A room's log as a small device follows it: everything in order, once, and what it says kept in memory. */
import { SerialQueue } from "../../client/src/crypto/queue.ts";
import { type Bytes, hex, randomBytes } from "../../client/src/protocol/bytes.ts";
import { isRefusal } from "../../client/src/protocol/errors.ts";
import { COMMIT, type Entry } from "../../client/src/protocol/frames.ts";
import { deviceKey, parseClientId } from "../../client/src/protocol/ids.ts";
import { isExternalCommit } from "../../client/src/crypto/mls-wire.ts";
import { open } from "../../client/src/content/delivery.ts";
import { Arrivals } from "./arrivals.ts";
import { type GroupState, look } from "./committing.ts";
import type { SmallDevice } from "./small_device.ts";

const PAGE = 200;

/** Who came and went with a commit, as device keys. */
export interface Passage {
  seq: number;
  epoch: number;
  came: string[];
  went: string[];
  /** Who came in the place of an own old leaf. */
  again: string | null;
}

export abstract class RoomLog {
  inside = false;
  cursor = 0;
  epoch = 0;
  /** Device keys in the order of their leaves. */
  members: string[] = [];
  /** The log position of each text that was read. */
  readonly texts = new Map<string, number>();
  /** Everything that went by, when somebody wants to know. */
  log: Map<number, { kind: number; epoch: number; payload: Bytes }> | null = null;
  readonly passages: Passage[] = [];
  /** What became of each entry, to say it when something is amiss. */
  readonly outcomes = new Map<number, string>();
  /** Milliseconds spent so far on what others sent. */
  workMs = 0;
  /** A removal by the server waits to be committed. */
  protected pending = false;
  /** The group's state is behind for good. */
  protected broken = false;
  protected readonly lock = new SerialQueue();
  readonly #arrivals = new Arrivals();
  #draining: Promise<void> | null = null;

  constructor(protected readonly device: SmallDevice, readonly id: string) {}

  /** Everything known to be there was processed. */
  protected abstract caughtUp(): void;

  arrived(entries: readonly Entry[]): void {
    this.#arrivals.add(entries, this.cursor);
    this.reaches(entries.at(-1)?.seq ?? 0);
  }

  /** The log is known to reach at least this far. */
  reaches(head: number): void {
    this.#arrivals.head = Math.max(this.#arrivals.head, head);
    this.device.spawn(this.drain());
  }

  shutOut(): void {
    this.inside = false;
  }

  /** Resolves when everything known to be there is processed, or cannot be for want of a connection. */
  drain(): Promise<void> {
    this.#draining ??= this.#drain().finally(() => {
      this.#draining = null;
    }).then((current) => {
      // What came after the last look found this run still going, and relied on it.
      if (current && this.inside && this.cursor < this.#arrivals.head) return this.drain();
    });
    return this.#draining;
  }

  /** As `drain`, and asks even when nothing is known to be missing. */
  async refresh(): Promise<void> {
    this.#arrivals.head = Math.max(this.#arrivals.head, this.cursor + 1);
    await this.drain();
  }

  protected look(tx: Parameters<typeof look>[0]): Promise<GroupState> {
    return look(tx, this.id, this.device.domain);
  }

  /** This device has come in with the entry at `seq`. */
  protected begin(state: GroupState, seq: number): void {
    this.#adopt(state);
    this.inside = true;
    this.cursor = seq;
    this.#arrivals.forget(seq);
    this.reaches(seq);
  }

  /** This device's own commit at `seq` was accepted. */
  protected committed(state: GroupState, seq: number): void {
    const before = this.members;
    this.#adopt(state);
    this.#note(seq, before, null);
    this.ownAt(seq);
  }

  protected ownAt(seq: number): void {
    this.#arrivals.addOwn(seq, this.cursor);
    this.reaches(seq);
  }

  /** False when there is no answer for now. */
  async #drain(): Promise<boolean> {
    while (this.inside) {
      const run = this.#arrivals.take(this.cursor);
      if (run.to > this.cursor) {
        await this.lock.run(() => this.#process(run.entries, run.to));
        this.device.link.post({ t: "cursor", rooms: [[this.id, this.cursor]] });
      } else if (this.cursor >= this.#arrivals.head) {
        break;
      } else if (!(await this.#fetch())) {
        return false;
      }
    }
    if (this.inside) this.caughtUp();
    return true;
  }

  /** False when there is no answer for now. */
  async #fetch(): Promise<boolean> {
    try {
      const { items, head } = await this.device.link.request({ t: "fetch", id: hex(randomBytes(16)), room: this.id, after: this.cursor, limit: PAGE });
      this.#arrivals.add(items, this.cursor);
      this.#arrivals.head = head;
      if (head === this.cursor || this.#arrivals.has(this.cursor + 1)) return true;
      // Put out and let in again in the meantime: its Welcome says where it goes on.
      this.outcomes.set(this.cursor + 1, "not given");
      return false;
    } catch (error) {
      if (isRefusal(error, "not_in_room", "not_found")) this.shutOut();
      else if (!isRefusal(error, "unreachable", "rate_limited")) throw error;
      return false;
    }
  }

  async #process(entries: readonly Entry[], to: number): Promise<void> {
    const messages: { entry: Entry; data: Bytes; sender: string }[] = [];
    const passages: { seq: number; state: GroupState; by: string | null }[] = [];
    let { pending, broken, inside } = this;
    const began = performance.now();
    await this.device.mls.transaction(async (tx) => {
      for (const entry of entries) {
        if (!inside || !(await tx.exists(this.id))) break;
        const outcome = await tx.decrypt(this.id, entry.payload);
        this.outcomes.set(entry.seq, outcome.type);
        if (outcome.type === "application") messages.push({ entry, data: outcome.data, sender: outcome.sender });
        else if (outcome.type === "proposal") pending = true;
        else if (outcome.type === "commit") {
          [pending, inside] = [false, outcome.active];
          const by = isExternalCommit(entry.payload) ? parseClientId(outcome.by, this.device.domain) : null;
          if (inside) passages.push({ seq: entry.seq, state: await this.look(tx), by: by && deviceKey(by) });
        } else if (outcome.type === "ahead" || outcome.type === "ownCommitLost") broken = true;
        else if (outcome.type === "unreadable" && entry.kind === COMMIT) broken = true;
      }
    });
    this.workMs += performance.now() - began;
    for (const entry of entries) this.log?.set(entry.seq, entry);
    for (const { seq, state, by } of passages) {
      const before = this.members;
      this.#adopt(state);
      this.#note(seq, before, by);
    }
    for (const { entry, data, sender } of messages) await this.#read(entry, data, sender);
    Object.assign(this, { pending, broken, cursor: to });
    if (!inside) this.shutOut();
  }

  async #read(entry: Entry, data: Bytes, client: string): Promise<void> {
    const sender = parseClientId(client, this.device.domain);
    const delivery = sender && (await open(entry, data, sender, this.id, this.device.domain));
    if (!delivery?.read) throw new Error(`entry ${entry.seq} could not be checked`);
    const { meaning } = delivery.read;
    if (meaning.type === "text") this.texts.set(meaning.text, entry.seq);
  }

  #adopt({ epoch, members }: GroupState): void {
    Object.assign(this, { epoch, members, pending: false, broken: false });
  }

  #note(seq: number, before: readonly string[], by: string | null): void {
    if (!this.log) return;
    const came = this.members.filter((member) => !before.includes(member));
    const again = by !== null && before.includes(by) ? by : null;
    this.passages.push({ seq, epoch: this.epoch, came, again, went: before.filter((member) => !this.members.includes(member)) });
  }
}
