/**
 * Renews this device's keys in each room about once a week by an update commit (RFC 9420, section 12.1.2): whoever once copied
 * them can read nothing from then on. One room at a time, at a random time, and never in the way of another's commit.
 */
import { isRefusal, Refusal } from "../../protocol/errors.ts";
import type { Link } from "../../transport/link.ts";
import type { Clock } from "../common/index.ts";
import type { Commits } from "./commits.ts";
import type { Room, Rooms } from "../rooms/index.ts";
import type { Sync } from "../sync/index.ts";

export const LOOK_MS = 10_000;
const WEEK_MS = 7 * 24 * 60 * 60 * 1000;
/** A quarter earlier or later, so that people who came together do not renew together. */
const SPREAD = 0.25;
const POSTPONED_MS = 60 * 60 * 1000;

export class Healing {
  /** The newest commit of each room at the last look. */
  readonly #seen = new Map<string, number>();
  #busy = false;

  constructor(
    private readonly rooms: Rooms,
    private readonly sync: Sync,
    private readonly commits: Commits,
    private readonly link: Link,
    private readonly clock: Clock,
  ) {}

  /** Renews in the room where it is due for longest, if there is one and it is quiet there. Called every LOOK_MS. */
  async look(): Promise<void> {
    if (this.#busy || this.link.state !== "online") return;
    this.#busy = true;
    try {
      const quiet: Room[] = [];
      for (const room of this.rooms.all()) {
        if (!room.active || room.underway) continue;
        if (room.record.renewAt === 0) await this.#plan(room, WEEK_MS * (1 - SPREAD + 2 * SPREAD * Math.random()));
        else if (this.#isQuiet(room) && room.record.renewAt <= this.clock.now()) quiet.push(room);
      }
      const [first] = quiet.sort((one, other) => one.record.renewAt - other.record.renewAt);
      if (first) await this.#renew(first);
    } finally {
      this.#busy = false;
    }
  }

  /** Nobody has committed since the last look, and nothing waits to be committed or fetched. */
  #isQuiet(room: Room): boolean {
    const { appliedSeq, broken, pendingRemoval } = room.record;
    const still = this.#seen.get(room.id) === appliedSeq;
    this.#seen.set(room.id, appliedSeq);
    return still && !broken && !pendingRemoval && this.sync.isCurrent(room);
  }

  /** Tries once: whoever is refused has been overtaken by another's commit, and has time. */
  async #renew(room: Room): Promise<void> {
    try {
      await room.lock.run(async () => {
        // A commit of this device's own sets the time anew.
        if (!room.active || room.record.broken || room.record.pendingRemoval || room.record.renewAt > this.clock.now()) return;
        await this.commits.attempt(room, {
          as: "change",
          make: async (tx) => {
            await tx.update(room.id);
            return true;
          },
        });
      });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      await this.#plan(room, POSTPONED_MS * (1 + Math.random()) / 2);
      if (isRefusal(error, "stale_epoch")) await this.sync.refresh(room);
    }
  }

  #plan(room: Room, inMs: number): Promise<void> {
    const renewAt = this.clock.now() + inMs;
    return this.rooms.update(room, (record) => {
      record.renewAt = renewAt;
    });
  }
}
