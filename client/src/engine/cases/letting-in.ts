/**
 * Moderators who come later are brought into the rooms of cases, and of talks about decisions, by whoever is in, and get what
 * was shown or said (docs/protocol.md, section 11.2). Colleagues do it first; whom the room is there for does it too, since there may be nobody else.
 */
import type { CaseBody } from "../../protocol/api-cases.ts";
import { isRefusal } from "../../protocol/errors.ts";
import { sleep } from "../../transport/backoff.ts";
import { type Membership, turn } from "../groups/index.ts";
import type { Self } from "../sync/index.ts";
import { accountsIn, type Room, type Rooms } from "../rooms/index.ts";
import type { StaffRoll } from "../trust/index.ts";

/** Those who come together are brought in together, by whoever's turn comes first. */
const GATHER_MS = 1_000;
const STEP_MS = 2_000;
/** Whoever asked leaves it for so long to those of the staff who are in, and a device of theirs to another one that has what was shown, or is passing it on. */
const OTHERS_FIRST_MS = 30_000;

/** What the server says of who may be in a room, of a case or of the talk about a decision. */
export type LetInto = Pick<CaseBody, "id" | "room" | "mine" | "state" | "staff" | "opened_by">;

/** What was shown or said in the room, for those who come later; `person` is whom the room is there for. */
export interface Handing {
  /** Whether this device has any of it. */
  any(room: Room, person: string | null): Promise<boolean>;
  /** Durable when it resolves. */
  passOn(room: Room, person: string | null): Promise<void>;
}

export class LettingIn {
  /** Cases that wait for this device's turn. */
  readonly #waiting = new Set<string>();
  /** Of whom this device could not add every device, by room: another connection brings another try. */
  readonly #tried = new Set<string>();

  constructor(
    private readonly rooms: Rooms, private readonly membership: Membership, private readonly roll: Pick<StaffRoll, "certified">, private readonly handing: Handing, private readonly self: Self,
    /** What the server said last of a case; null when it is not to be seen any more, or its opener takes it back. */
    private readonly latest: (id: string) => LetInto | null,
    private readonly pump: (room: Room) => void,
    /** Does it, and again while what keeps it from being done will pass. */
    private readonly run: (name: string, work: () => Promise<unknown>) => void,
  ) {}

  connected(): void {
    this.#tried.clear();
  }

  /** Another device of this account may have let somebody into this room, and have had nothing to pass on. */
  changed(body: LetInto | null): void {
    if (this.#room(body)?.record.owed === true && body) this.look([body]);
  }

  look(bodies: readonly LetInto[]): void {
    for (const body of bodies) {
      if (this.#waiting.has(body.id) || !this.#hasWork(body)) continue;
      this.run(`letting in ${body.id}`, () => this.#inTurn(body.id));
    }
  }

  async #inTurn(id: string): Promise<void> {
    this.#waiting.add(id);
    try {
      const body = this.latest(id);
      const room = this.#room(body);
      if (body && room) await sleep(await this.#turn(body, room));
    } finally {
      this.#waiting.delete(id);
    }
    const body = this.latest(id);
    const room = this.#room(body);
    if (!body || !room || !this.#hasWork(body)) return;
    const added = await this.#letIn(room, this.#missing(body));
    if (!added && room.record.owed !== true) return;
    const person = this.#opener(body, room);
    const has = await this.handing.any(room, person);
    if (has) await this.handing.passOn(room, person);
    await this.rooms.update(room, (record) => {
      record.passing = record.owed = false;
      record.empty = added && !has;
    });
    this.pump(room);
  }

  async #turn(body: LetInto, room: Room): Promise<number> {
    const wait = GATHER_MS + turn(room, this.self) * STEP_MS;
    if (room.record.owed === true) return OTHERS_FIRST_MS + wait;
    if (!body.mine || this.#missing(body).length === 0) return wait;
    const inside = accountsIn(room);
    const others = body.staff.some((account) => inside.includes(account));
    return others || !(await this.handing.any(room, this.self.account)) ? OTHERS_FIRST_MS + wait : wait;
  }

  /** Whether somebody is in by this device who was not given what was shown: by now, or by a try that was cut off. */
  async #letIn(room: Room, missing: readonly string[]): Promise<boolean> {
    const cutOff = room.record.passing === true;
    if (missing.length === 0) return cutOff;
    await this.#mark(room, true);
    const added = await this.#add(room, missing);
    if (!added && !cutOff) await this.#mark(room, false);
    return added || cutOff;
  }

  async #add(room: Room, missing: readonly string[]): Promise<boolean> {
    const keys = missing.map((account) => `${room.id} ${account}`);
    for (const key of keys) this.#tried.add(key);
    let end: "added" | "nobody" | "refused" | "cut off" = "cut off";
    try {
      end = (await this.membership.letIn(room, missing)) ? "added" : "nobody";
    } catch (error) {
      // Somebody is staff no more by now, or was kept out meanwhile.
      if (!isRefusal(error, "forbidden", "not_found", "not_in_room", "bad_commit", "room_full", "too_many")) throw error;
      end = "refused";
    } finally {
      // Whoever is taken out later may be let in once more.
      if (end === "added" || end === "cut off") for (const key of keys) this.#tried.delete(key);
    }
    let added = end === "added";
    // One who may not come keeps nobody else out.
    if (end === "refused" && missing.length > 1) for (const one of missing) added = (await this.#add(room, [one])) || added;
    return added;
  }

  async #mark(room: Room, passing: boolean): Promise<void> {
    if ((room.record.passing === true) === passing) return;
    await this.rooms.update(room, (record) => {
      record.passing = passing;
    });
  }

  /** The room of an open case, if this device is in it. */
  #room(body: LetInto | null): Room | null {
    if (!body || body.state === "closed" || body.room === null) return null;
    const room = this.rooms.get(body.room);
    return room?.active && !room.record.broken ? room : null;
  }

  #opener(body: LetInto, room: Room): string | null {
    return body.mine ? this.self.account : (body.opened_by ?? room.record.asker ?? null);
  }

  #hasWork(body: LetInto): boolean {
    const record = this.#room(body)?.record;
    return this.#missing(body).length > 0 || record?.passing === true || record?.owed === true;
  }

  #missing(body: LetInto): string[] {
    const room = this.#room(body);
    if (!room) return [];
    const inside = accountsIn(room);
    // Whom the server alone calls staff waits for a coordinator's word.
    return body.staff.filter((account) => this.roll.certified(account) && !inside.includes(account) && !this.#tried.has(`${room.id} ${account}`));
  }
}
