/** Commits the server's external Remove proposals (section 5.4): one member does, the others give way. */
import { room as roomBody } from "../../protocol/api.ts";
import { Refusal } from "../../protocol/errors.ts";
import { Backoff, sleep } from "../../transport/backoff.ts";
import type { Http } from "../../transport/http.ts";
import type { Commits } from "./commits.ts";
import { turn } from "./introductions.ts";
import type { Self } from "../sync/index.ts";
import type { Room } from "../rooms/index.ts";

const STEP_MS = 2_000;
/** How often somebody asks whether another's removal is done. */
const TRIES = 8;

export class Removals {
  /** Rooms to attend to, and how to cut the wait short. */
  readonly #waiting = new Map<string, AbortController>();

  constructor(private readonly http: Http, private readonly commits: Commits, private readonly self: Self) {}

  /** Commits what is pending in the room; unless it is urgent, after a wait in which somebody else may. */
  async attend(room: Room, urgent: boolean): Promise<void> {
    const waiting = this.#waiting.get(room.id);
    if (waiting) {
      if (urgent) waiting.abort();
      return;
    }
    const hurry = new AbortController();
    this.#waiting.set(room.id, hurry);
    try {
      if (!urgent) await sleep(turn(room, this.self) * STEP_MS, hurry.signal);
      if (!room.active || !room.record.pendingRemoval) return;
      await this.#commit(room);
    } catch (error) {
      // Catching up looks again; until then the server delivers nothing to whoever is removed.
      if (!(error instanceof Refusal)) throw error;
    } finally {
      this.#waiting.delete(room.id);
    }
  }

  /** Whoever is still being taken out can be added only after that: sees to it. Throws Refusal; `pending_removal` when it does not come to pass. */
  async finish(room: Room, accounts: readonly string[]): Promise<void> {
    const backoff = new Backoff(100, 2_000);
    for (let tries = 1; ; tries += 1) {
      const { pending_removals: waiting } = await this.http.get(`/rooms/${room.id}`, roomBody);
      if (!waiting.some(({ account }) => accounts.includes(account))) return;
      if (tries > TRIES) throw new Refusal("pending_removal");
      await this.#commit(room);
      await sleep(backoff.next());
    }
  }

  #commit(room: Room): Promise<void> {
    return this.commits.change(room, async (tx) => {
      if (!room.record.pendingRemoval) return false;
      await tx.commitPending(room.id);
      return true;
    });
  }
}
