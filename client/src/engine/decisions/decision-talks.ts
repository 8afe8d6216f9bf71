/** Talking about a decision with whoever it is about, suspended or not (docs/protocol.md, section 11.1). */
import { type DecisionBody, decisionBody, type StatementBody } from "../../protocol/api-decisions.ts";
import { isRefusal } from "../../protocol/errors.ts";
import { newUuid } from "../../protocol/ids.ts";
import type { Http } from "../../transport/http.ts";
import { Failure } from "../../contract/index.ts";
import type { Entering, Introductions, Membership } from "../groups/index.ts";
import { type LetInto, LettingIn } from "../cases/index.ts";
import { allDecisions } from "../common/index.ts";
import type { Retelling, Self } from "../sync/index.ts";
import { accountsIn, type Room, type Rooms } from "../rooms/index.ts";
import type { StaffRoll } from "../trust/index.ts";

/** So long may be objected to a decision. */
const APPEAL_MS = 183 * 86_400_000;

export class DecisionTalks {
  /** By decision, as the server said last. */
  readonly #known = new Map<string, LetInto>();
  readonly #letting: LettingIn;

  constructor(
    private readonly http: Http,
    private readonly rooms: Rooms,
    private readonly entering: Entering,
    private readonly membership: Membership,
    private readonly introductions: Introductions,
    roll: StaffRoll,
    /** Whether the room is that of a case which this device knows. */
    private readonly ofCase: (room: string) => boolean,
    private readonly pump: (room: Room) => void,
    private readonly retelling: Retelling,
    private readonly self: Self,
    run: (name: string, work: () => Promise<unknown>) => void,
  ) {
    this.#letting = new LettingIn(rooms, membership, roll, retelling, self, (id) => this.#known.get(id) ?? null, pump, run);
  }

  /** Something is new in this room. */
  changed(id: string): void {
    for (const body of this.#known.values()) if (body.room === id && body.mine) this.#letting.changed(body);
  }

  connected(): void {
    this.#letting.connected();
  }

  /** Somebody is certified as staff who was not. */
  certified(): void {
    this.#letting.look([...this.#known.values()]);
  }

  /** What was decided about this person: their device lets moderators into the talks, as nobody else may be left who could. */
  heard(statements: readonly StatementBody[]): void {
    this.#look(statements.map(({ decision: id, talk: room, talk_with: staff, state, appeal, appeal_until: until }) => (
      { id, room, staff, mine: true, state: goesOn(state, appeal, until), opened_by: this.self.account }
    )));
  }

  /** Staff: lets colleagues into the talks that this device is in. Throws Refusal. */
  async look(): Promise<void> {
    if (this.#inside().length === 0) return;
    const decisions = await allDecisions(this.http, "");
    this.#look(decisions.map(({ id, talk: room, talk_with: staff, state, appeal, in_force_at: since, subject }) => (
      { id, room, staff, mine: false, state: goesOn(state, appeal, (since ?? 0) + APPEAL_MS), opened_by: subject }
    )));
  }

  #look(bodies: readonly LetInto[]): void {
    for (const body of bodies) this.#known.set(body.id, body);
    this.#letting.look(bodies);
  }

  /** Staff: the room of the decision's talk, made with its subject and the staff; whoever came later is let in. */
  async open(decision: DecisionBody): Promise<string> {
    if (decision.talk === null) return this.#found(decision);
    const room = this.rooms.get(decision.talk);
    if (room?.active) {
      await this.#introduce(room);
      const missing = people(decision).filter((account) => !accountsIn(room).includes(account));
      if (missing.length > 0 && (await this.membership.letIn(room, missing, decision.subject))) {
        await this.retelling.passOn(room);
        this.pump(room);
      }
    }
    return decision.talk;
  }

  /** New messages in such talks, as far as this device knows which rooms are theirs. */
  get unread(): number {
    return this.#inside().reduce((sum, room) => sum + room.unread, 0);
  }

  #inside(): Room[] {
    return this.rooms.all().filter((room) => room.active && room.record.kind === "case" && !this.ofCase(room.id));
  }

  /** It is known here before the server hears of it: then the next connection goes on with it. */
  async #found(decision: DecisionBody): Promise<string> {
    const founding = people(decision);
    const room = await this.rooms.ensure(newUuid(), "case");
    return room.during(async () => {
      await this.rooms.update(room, (record) => {
        record.founding = founding;
        record.person = decision.subject ?? "";
        record.named = true;
      });
      try {
        await this.http.post(`/decisions/${decision.id}/talk`, { room: room.id }, decisionBody);
        await this.entering.found(room);
      } catch (error) {
        if (!isRefusal(error, "unreachable", "unavailable")) await this.rooms.forget(room);
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
}

/** Its subject, and the staff from whom it is not kept. */
function people({ subject, talk_with: staff }: DecisionBody): string[] {
  if (subject === null) throw new Failure("not_found");
  return [...new Set([subject, ...staff])];
}

/** Nobody more is let into a talk that nothing can come of. */
function goesOn(state: DecisionBody["state"], appeal: DecisionBody["appeal"], appealUntil: number): LetInto["state"] {
  return state === "in_force" || appeal?.outcome === null || appealUntil > Date.now() ? "claimed" : "closed";
}
