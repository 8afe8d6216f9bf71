import type { Entry } from "../../client/src/protocol/frames.ts";

/** What has come of a room's log and is not processed, in whatever order it came. */
export class Arrivals {
  /** The last position that the log is known to have. */
  head = 0;
  readonly #entries = new Map<number, Entry>();
  readonly #own = new Set<number>();

  add(entries: readonly Entry[], cursor: number): void {
    for (const entry of entries) if (entry.seq > cursor) this.#entries.set(entry.seq, entry);
  }

  /** This device's own entry has that position; it does not come. */
  addOwn(seq: number, cursor: number): void {
    if (seq > cursor) this.#own.add(seq);
  }

  has(seq: number): boolean {
    return this.#entries.has(seq) || this.#own.has(seq);
  }

  /** The entries that follow the cursor without a gap, and how far they and own ones reach. They are no longer here after. */
  take(cursor: number): { entries: Entry[]; to: number } {
    const entries: Entry[] = [];
    let to = cursor;
    while (this.has(to + 1)) {
      to += 1;
      const entry = this.#entries.get(to);
      this.#entries.delete(to);
      if (!this.#own.delete(to) && entry) entries.push(entry);
    }
    return { entries, to };
  }

  /** What is at or before the position is of no interest any more. */
  forget(seq: number): void {
    for (const old of [...this.#entries.keys()]) if (old <= seq) this.#entries.delete(old);
    for (const old of [...this.#own]) if (old <= seq) this.#own.delete(old);
  }
}
