/** Tells the server how far each room is processed: rarely, and before leaving (docs/protocol.md, section 4.1). */
import type { Link } from "../../transport/link.ts";
import type { Room } from "../rooms/index.ts";

const MOST_ENTRIES = 32;
const LONGEST_MS = 2_000;
/** In one frame. Moderators are in more. */
const MOST_ROOMS = 200;

export class Acknowledgements {
  readonly #told = new Map<string, number>();
  readonly #due = new Map<string, Room>();
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(private readonly link: Link) {}

  /** What the server says it knows. */
  known(room: Room, cursor: number): void {
    this.#told.set(room.id, cursor);
    this.advanced(room);
  }

  advanced(room: Room): void {
    const told = this.#told.get(room.id) ?? 0;
    if (room.cursor <= told) return;
    this.#due.set(room.id, room);
    if (room.cursor - told >= MOST_ENTRIES) this.flush();
    else this.#timer ??= setTimeout(() => {
      this.flush();
    }, LONGEST_MS);
  }

  flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const due = [...this.#due.values()].map((room): [string, number] => [room.id, room.cursor]);
    for (let at = 0; at < due.length; at += MOST_ROOMS) {
      const rooms = due.slice(at, at + MOST_ROOMS);
      if (!this.link.post({ t: "cursor", rooms })) return;
      for (const [room, cursor] of rooms) {
        this.#told.set(room, cursor);
        this.#due.delete(room);
      }
    }
  }
}
