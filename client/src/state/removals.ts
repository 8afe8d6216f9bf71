/** Commits the server's external Remove proposals (section 5.4): one member does, the others give way. */
import { Refusal } from "../protocol/errors.ts";
import { sleep } from "../transport/backoff.ts";
import type { Commits } from "./commits.ts";
import { turn } from "./introductions.ts";
import type { Self } from "./receiver.ts";
import type { Room } from "./rooms.ts";

const STEP_MS = 2_000;

export class Removals {
  /** Rooms to attend to, and how to cut the wait short. */
  readonly #waiting = new Map<string, AbortController>();

  constructor(private readonly commits: Commits, private readonly self: Self) {}

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
      await this.commits.change(room, async (tx) => {
        if (!room.record.pendingRemoval) return false;
        await tx.commitPending(room.id);
        return true;
      });
    } catch (error) {
      // Catching up looks again; until then the server delivers nothing to whoever is removed.
      if (!(error instanceof Refusal)) throw error;
    } finally {
      this.#waiting.delete(room.id);
    }
  }
}
