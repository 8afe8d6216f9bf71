/** Moderators who come later are brought into the rooms of cases by whoever is in, and get what was shown (docs/protocol.md, section 11.2). */
import type { CaseBody } from "../protocol/api-cases.ts";
import { isRefusal } from "../protocol/errors.ts";
import { sleep } from "../transport/backoff.ts";
import { turn } from "./introductions.ts";
import type { Membership } from "./membership.ts";
import type { Self } from "./receiver.ts";
import type { Reports } from "./reports.ts";
import type { Room, Rooms } from "./rooms.ts";
import { accountsIn } from "./views.ts";

/** Those who come together are brought in together, by whoever's turn comes first. */
const GATHER_MS = 1_000;
const STEP_MS = 2_000;

export class LettingIn {
  /** Cases that wait for this device's turn. */
  readonly #waiting = new Set<string>();
  /** Of whom this device could not add every device, by room: another connection brings another try. */
  readonly #tried = new Set<string>();

  constructor(
    private readonly rooms: Rooms, private readonly membership: Membership, private readonly reports: Reports, private readonly self: Self,
    /** What the server said last of a case; null when it is not to be seen any more. */
    private readonly latest: (id: string) => CaseBody | null,
    private readonly pump: (room: Room) => void,
    private readonly spawn: (work: Promise<unknown>) => void,
  ) {}

  connected(): void {
    this.#tried.clear();
  }

  look(bodies: readonly CaseBody[]): void {
    for (const body of bodies) {
      if (this.#waiting.has(body.id) || this.#missing(body).length === 0) continue;
      this.#waiting.add(body.id);
      this.spawn(this.#inTurn(body.id));
    }
  }

  async #inTurn(id: string): Promise<void> {
    try {
      const room = this.#room(this.latest(id));
      if (room) await sleep(GATHER_MS + turn(room, this.self) * STEP_MS);
    } finally {
      this.#waiting.delete(id);
    }
    const body = this.latest(id);
    const room = this.#room(body);
    const missing = body ? this.#missing(body) : [];
    if (!body || !room || missing.length === 0) return;
    for (const account of missing) this.#tried.add(`${room.id} ${account}`);
    try {
      if (!(await this.membership.letIn(room, missing))) return;
      // Whoever is taken out later may be let in once more.
      for (const account of missing) this.#tried.delete(`${room.id} ${account}`);
    } catch (error) {
      // Whoever is staff no more by now, or was kept out meanwhile.
      if (!isRefusal(error, "forbidden", "not_found", "not_in_room", "bad_commit", "room_full", "too_many")) throw error;
      return;
    }
    await this.reports.passOn(room, body.opened_by ?? room.record.asker ?? null);
    this.pump(room);
  }

  /** The room of somebody else's open case, if this device is in it. */
  #room(body: CaseBody | null): Room | null {
    if (!body || body.mine || body.state === "closed" || body.room === null) return null;
    const room = this.rooms.get(body.room);
    return room?.active && !room.record.broken ? room : null;
  }

  #missing(body: CaseBody): string[] {
    const room = this.#room(body);
    if (!room) return [];
    const inside = accountsIn(room);
    return body.staff.filter((account) => !inside.includes(account) && !this.#tried.has(`${room.id} ${account}`));
  }
}
