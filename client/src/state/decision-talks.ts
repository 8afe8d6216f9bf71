/** Talking about a decision with whoever it is about, suspended or not (docs/protocol.md, section 11.1). */
import { caseBody } from "../protocol/api-cases.ts";
import { type DecisionBody, decisionBody, moderatorsBody } from "../protocol/api-decisions.ts";
import { isRefusal } from "../protocol/errors.ts";
import { newUuid } from "../protocol/ids.ts";
import type { Http } from "../transport/http.ts";
import { Failure } from "./contract.ts";
import type { Entering } from "./entering.ts";
import type { Introductions } from "./introductions.ts";
import type { Membership } from "./membership.ts";
import type { Room, Rooms } from "./rooms.ts";
import { accountsIn } from "./views.ts";

export class DecisionTalks {
  constructor(
    private readonly http: Http,
    private readonly rooms: Rooms,
    private readonly entering: Entering,
    private readonly membership: Membership,
    private readonly introductions: Introductions,
    /** Whether the room is that of a case which this device knows. */
    private readonly ofCase: (room: string) => boolean,
    private readonly pump: (room: Room) => void,
  ) {}

  /** Staff: the room of the decision's talk, made with its subject and the staff; whoever came later is let in. */
  async open(decision: DecisionBody): Promise<string> {
    if (decision.talk === null) return this.#found(decision);
    const room = this.rooms.get(decision.talk);
    if (room?.active) {
      await this.#introduce(room);
      const missing = (await this.#people(decision)).filter((account) => !accountsIn(room).includes(account));
      if (missing.length > 0) await this.membership.letIn(room, missing);
    }
    return decision.talk;
  }

  /** New messages in such talks, as far as this device knows which rooms are theirs. */
  get unread(): number {
    const talks = this.rooms.all().filter((room) => room.active && room.record.kind === "case" && !this.ofCase(room.id));
    return talks.reduce((sum, room) => sum + room.unread, 0);
  }

  /** It is known here before the server hears of it: then the next connection goes on with it. */
  async #found(decision: DecisionBody): Promise<string> {
    const people = await this.#people(decision);
    const room = await this.rooms.ensure(newUuid(), "case");
    return room.during(async () => {
      await this.rooms.update(room, (record) => {
        record.founding = people;
        record.named = true;
      });
      try {
        await this.http.post(`/decisions/${decision.id}/talk`, { room: room.id }, decisionBody);
        await this.entering.found(room);
      } catch (error) {
        if (!isRefusal(error, "unreachable")) await this.rooms.forget(room);
        if (isRefusal(error, "room_exists")) throw new Failure("conflict");
        throw error;
      }
      return room.id;
    });
  }

  /** Whoever helps says their name. */
  async #introduce(room: Room): Promise<void> {
    if (room.record.named === true) return;
    await this.rooms.update(room, (record) => {
      record.named = true;
    });
    await this.introductions.greet(room);
    this.pump(room);
  }

  /** Its subject, and the staff from whom its case is not kept. */
  async #people({ subject, case: from }: DecisionBody): Promise<string[]> {
    if (subject === null) throw new Failure("not_found");
    const staff = from === null ? await this.#staff() : await this.#staffOf(from);
    return [...new Set([subject, ...staff])];
  }

  async #staff(): Promise<string[]> {
    return (await this.http.get("/moderators", moderatorsBody)).moderators.map(({ account }) => account);
  }

  async #staffOf(id: string): Promise<string[]> {
    try {
      return (await this.http.get(`/cases/${id}`, caseBody)).staff;
    } catch (error) {
      // It is kept from this person too, or has gone: then nobody else is brought in.
      if (!isRefusal(error, "not_found")) throw error;
      return [];
    }
  }
}
