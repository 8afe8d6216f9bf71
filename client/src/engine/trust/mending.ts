/**
 * How patiently this device comes back into rooms whose group keeps breaking. A crash or a race breaks one once; a server that
 * does so again and again would have everybody in the room join and process joins without end.
 */
import type { Clock } from "../common/index.ts";
import type { Room, Rooms } from "../rooms/index.ts";
import type { Telling } from "../sync/index.ts";

/** As often one comes back at once. */
const FREE = 2;
const FIRST_MS = 30_000;
const MOST_MS = 60 * 60_000;
/** Whoever had peace for so long starts anew. */
const CALM_MS = 6 * MOST_MS;

export class Patience {
  constructor(private readonly rooms: Rooms, private readonly telling: Telling, private readonly clock: Clock) {}

  isDue(room: Room): boolean {
    const { times, at } = this.#sofar(room);
    return times < FREE || this.clock.now() >= at + wait(times);
  }

  /** Whether to come back into the room now. What keeps somebody waiting is told once, when it begins. */
  async allows(room: Room): Promise<boolean> {
    if (this.isDue(room)) return true;
    const { times, at, told } = this.#sofar(room);
    if (!told) {
      await this.telling.tell(room, [{ type: "waiting" }], (record) => {
        record.mending = { times, at, told: true };
      });
    }
    return false;
  }

  /** This device tried to come back. */
  tried(room: Room): Promise<void> {
    const { times, told } = this.#sofar(room);
    const at = this.clock.now();
    return this.rooms.update(room, (record) => {
      record.mending = { times: times + 1, at, told };
    });
  }

  #sofar({ record: { mending } }: Room): { times: number; at: number; told: boolean } {
    const fresh = { times: 0, at: 0, told: false };
    return mending && this.clock.now() < mending.at + CALM_MS ? mending : fresh;
  }
}

/** In ms, after so many tries: doubling. */
function wait(times: number): number {
  return Math.min(MOST_MS, FIRST_MS * 2 ** (times - FREE));
}
