/**
 * Brings each room up to date and keeps it so (docs/protocol.md, section 8): live entries are taken when they are the next
 * ones, everything else is fetched page by page, and nothing is called broken or lost before all of it was asked for.
 */
import { hex, randomBytes } from "../../protocol/bytes.ts";
import { isRefusal } from "../../protocol/errors.ts";
import type { Entry, Page } from "../../protocol/frames.ts";
import { sleep } from "../../transport/backoff.ts";
import type { Link } from "../../transport/link.ts";
import { Turns } from "../../transport/turns.ts";
import type { Effects } from "./gathering.ts";
import type { Receiver } from "./receiver.ts";
import type { Room } from "../rooms/index.ts";

export interface SyncHooks {
  /** A run was processed and is durable. */
  received(room: Room, effects: Effects): void;
  /** Everything that the server has was processed. */
  caughtUp(room: Room): void;
  /** The server does not let this device read the room. */
  shutOut(room: Room): Promise<void>;
  /** The cursor moved. */
  advanced(room: Room): void;
  failed(error: unknown): void;
}

interface Progress {
  /** The last seq that the room is known to have. */
  head: number;
  /** Entries that came and are not processed. */
  arrived: Map<number, Entry>;
  /** Log positions of what this device sent itself. */
  own: Set<number>;
  running: Promise<void> | null;
}

const PAGE = 200;
/** What a network that is too slow for a whole page may still bring. */
const LEAST_PAGE = 4;
/** A page that took longer is followed by one of the same size. */
const QUICK_MS = 5_000;
/** Rooms that ask at the same time: each page gets its part of the network, and a server bounds how many wait. */
const AT_ONCE = 8;
const RUN = 200;
/** After a question about somebody that was not answered. */
const ASK_AGAIN_MS = 3_000;

export class Sync {
  readonly #progress = new Map<string, Progress>();
  readonly #turns = new Turns(AT_ONCE);
  #page = PAGE;

  constructor(private readonly link: Link, private readonly receiver: Receiver, private readonly hooks: SyncHooks) {}

  /** Entries that the server pushed. */
  arrived(room: Room, entries: readonly Entry[]): void {
    const progress = this.#of(room);
    for (const entry of entries) {
      if (entry.seq > room.cursor) progress.arrived.set(entry.seq, entry);
      progress.head = Math.max(progress.head, entry.seq);
    }
    void this.drain(room);
  }

  /** The server accepted an entry of this device there; it will not be pushed. */
  own(room: Room, seq: number): void {
    const progress = this.#of(room);
    progress.own.add(seq);
    progress.head = Math.max(progress.head, seq);
    void this.drain(room);
  }

  /** The room is known to reach at least this far. */
  reaches(room: Room, head: number): void {
    const progress = this.#of(room);
    progress.head = Math.max(progress.head, head);
    void this.drain(room);
  }

  /** Fetches even when nothing is known to be missing, and resolves when everything is processed or cannot be. */
  async refresh(room: Room): Promise<void> {
    this.#of(room).head = Math.max(this.#of(room).head, room.cursor + 1);
    await this.drain(room);
  }

  isCurrent(room: Room): boolean {
    const progress = this.#of(room);
    return progress.running === null && room.cursor >= progress.head;
  }

  drain(room: Room): Promise<void> {
    const progress = this.#of(room);
    progress.running ??= this.#drain(room, progress)
      .catch((error: unknown) => {
        this.hooks.failed(error);
        return false;
      })
      .then((current) => {
        progress.running = null;
        if (!current) return;
        // What came after the last look found this run still going, and relied on it.
        if (room.active && room.cursor < progress.head) return this.drain(room);
        this.hooks.caughtUp(room);
      });
    return progress.running;
  }

  #of(room: Room): Progress {
    let progress = this.#progress.get(room.id);
    if (!progress) {
      progress = { head: room.cursor, arrived: new Map(), own: new Set(), running: null };
      this.#progress.set(room.id, progress);
    }
    return progress;
  }

  /** True when everything that the server has was processed. */
  async #drain(room: Room, progress: Progress): Promise<boolean> {
    while (room.active) {
      const { entries, to } = takeRun(room.cursor, progress);
      if (to === room.cursor && to >= progress.head) return true;
      // The next page is on its way while this run is processed.
      const known = progress.arrived.has(to + 1) || progress.own.has(to + 1);
      const fetching = to < progress.head && !known ? this.#fetch(room, progress, to) : null;
      const [processed, fetched] = await Promise.all([to > room.cursor ? this.#process(room, entries, to) : "done", fetching]);
      if (fetched === "stop" || processed === "stop") return false;
      if (fetched === "shut out") {
        await this.hooks.shutOut(room);
        return false;
      }
      // Nothing is missing before what still waits to be judged.
      if (processed === "again") continue;
      if (fetched && fetched.gone > room.cursor) {
        await room.lock.run(() => this.receiver.missing(room, fetched.gone, hex(randomBytes(16))));
        this.hooks.advanced(room);
      }
    }
    return true;
  }

  /** again, stop: the server had to be asked about somebody, and does not answer for now, or there is no connection any more. */
  async #process(room: Room, entries: readonly Entry[], to: number): Promise<"done" | "again" | "stop"> {
    let effects: Effects | null;
    try {
      effects = await room.lock.run(() => this.receiver.receive(room, entries, to));
    } catch (error) {
      if (!isRefusal(error, "unreachable", "unavailable", "rate_limited")) throw error;
      await sleep(error.detail.retryAfterMs ?? ASK_AGAIN_MS);
      return this.link.state === "online" ? "again" : "stop";
    }
    this.hooks.advanced(room);
    if (effects) this.hooks.received(room, effects);
    return "done";
  }

  /**
   * Asks for the page after `after`. `gone` is the log position up to which the server has nothing more for this device,
   * or 0. stop: there is no answer for now; the next connection starts over.
   */
  async #fetch(room: Room, progress: Progress, after: number): Promise<{ gone: number } | "stop" | "shut out"> {
    try {
      const { items, head } = await this.#turns.run(() => this.#ask(room, after));
      for (const entry of items) progress.arrived.set(entry.seq, entry);
      progress.head = Math.max(head, ...progress.arrived.keys(), ...progress.own);
      // What came live or was sent from here in the meantime is not missing.
      const next = nextKnown(after, items[0]?.seq ?? head + 1, progress);
      return { gone: next > after + 1 ? next - 1 : 0 };
    } catch (error) {
      if (isRefusal(error, "rate_limited", "unavailable")) {
        // Rooms that were refused together come back one by one.
        await sleep((error.detail.retryAfterMs ?? 1_000) * (1 + Math.random()));
        return { gone: 0 };
      }
      if (isRefusal(error, "not_in_room", "not_found", "forbidden")) return "shut out";
      if (isRefusal(error, "unreachable", "suspended", "unauthenticated")) return "stop";
      throw error;
    }
  }

  /** Where a connection breaks before the page is there, it may have been too much for the network: the next is smaller. */
  async #ask(room: Room, after: number): Promise<Page> {
    const limit = this.#page;
    const begun = Date.now();
    try {
      const page = await this.link.request({ t: "fetch", id: hex(randomBytes(16)), room: room.id, after, limit });
      if (Date.now() - begun < QUICK_MS) this.#page = Math.min(PAGE, this.#page * 2);
      return page;
    } catch (error) {
      if (isRefusal(error, "unreachable") && Date.now() - begun > QUICK_MS) this.#page = Math.max(LEAST_PAGE, Math.floor(limit / 8));
      throw error;
    }
  }
}

/** The entries that follow the cursor without a gap, and the log position that they and own ones reach. */
function takeRun(cursor: number, { arrived, own }: Progress): { entries: Entry[]; to: number } {
  const entries: Entry[] = [];
  let to = cursor;
  for (const seq of arrived.keys()) if (seq <= cursor) arrived.delete(seq);
  for (const seq of own) if (seq <= cursor) own.delete(seq);
  while (entries.length < RUN) {
    const entry = arrived.get(to + 1);
    if (entry && !own.has(to + 1)) entries.push(entry);
    else if (!own.has(to + 1)) break;
    to += 1;
  }
  return { entries, to };
}

/** The first log position after `after` that is known here, at most `limit`. */
function nextKnown(after: number, limit: number, { arrived, own }: Progress): number {
  for (let seq = after + 1; seq < limit; seq += 1) if (arrived.has(seq) || own.has(seq)) return seq;
  return limit;
}
