/** Lines in a conversation that belong to no entry of its log: what this device noticed by itself. */
import { hex, randomBytes } from "../../protocol/bytes.ts";
import type { Store } from "../../store/store.ts";
import { RoomChanges } from "./changes.ts";
import type { SystemNote } from "../../contract/index.ts";
import type { Self } from "./receiver.ts";
import type { Room, RoomPatch, Rooms } from "../rooms/index.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

export class Telling {
  #last = 0;

  constructor(private readonly store: Store, private readonly rooms: Rooms, private readonly self: Self) {}

  /** Adds the lines after what was processed so far, and changes the room's record with them. Takes the lock. */
  async tell(room: Room, notes: SystemNote[], patch: RoomPatch = () => undefined): Promise<void> {
    await room.lock.run(async () => {
      const changes = new RoomChanges(this.store, this.rooms, room, this.self);
      const time = Date.now();
      changes.note({ id: hex(randomBytes(16)), seq: room.cursor, time }, this.self.account, notes, this.#between(room.cursor, time));
      changes.patch(patch);
      const next = await changes.finish();
      await this.store.write(changes.batch);
      this.rooms.adopt(room, next);
    });
  }

  /** A place between two entries of the log that nothing else has: later ones after earlier ones. */
  #between(cursor: number, time: number): number {
    const step = 1 / DAY_MS;
    let order = cursor + 0.05 + 0.9 * ((time % DAY_MS) / DAY_MS);
    if (order <= this.#last && this.#last < cursor + 1 - step) order = this.#last + step / 10;
    this.#last = order;
    return order;
  }
}
