/** The network's cases as moderators see them and what they do with them (docs/protocol.md, section 11). */
import { caseBody, type CaseBody } from "../../protocol/api-cases.ts";
import { isRefusal } from "../../protocol/errors.ts";
import type { Http } from "../../transport/http.ts";
import { answerFrom, type CaseTurns, type TalkEnd } from "./case-turns.ts";
import { type CaseFile, Failure, type Outcome } from "../../contract/index.ts";
import { allCases, joined } from "../common/index.ts";
import type { Rooms } from "../rooms/index.ts";

export class CaseFiles {
  /** What the server said last of every case that this device may see. */
  readonly #known = new Map<string, CaseBody>();
  #complete = false;
  /** By case, the time of the last answer that the server has heard of. */
  readonly #told = new Map<string, number>();

  constructor(
    private readonly http: Http,
    private readonly rooms: Rooms,
    private readonly turns: CaseTurns,
    private readonly me: string,
    private readonly coordinates: () => boolean,
    /** Takes in what the server says; `news` when that is not what it said before. */
    private readonly heard: (bodies: readonly CaseBody[], news: boolean) => Promise<void>,
  ) {}

  async queue(closed: boolean): Promise<CaseFile[]> {
    await this.refresh();
    const listed = [...this.#known.values()].filter((body) => !body.mine && (body.state === "closed") === closed);
    const sorted = listed.sort(closed ? (one, other) => (other.closed_at ?? 0) - (one.closed_at ?? 0) : byClock);
    return Promise.all(sorted.map((body) => this.shown(body)));
  }

  async file(id: string): Promise<CaseFile> {
    if (!this.#complete) await this.refresh();
    await this.#take([await this.http.get(`/cases/${id}`, caseBody)]);
    return this.shown(this.body(id));
  }

  /** Asks for every case, open and closed. Screens that look at the same moment share the answer. */
  readonly refresh = joined(() => this.#ask());

  async #ask(): Promise<void> {
    const [open, closed] = await Promise.all([allCases(this.http, { closed: false }), allCases(this.http, { closed: true })]);
    const bodies = [...open, ...closed];
    const listed = new Set(bodies.map(({ id }) => id));
    for (const id of this.#known.keys()) if (!listed.has(id)) this.#known.delete(id);
    this.#complete = true;
    await this.#take(bodies);
  }

  /** As the server said last, of whoever's it is. */
  get all(): CaseBody[] {
    return [...this.#known.values()];
  }

  /** Every case of somebody else that this device may see, as the server said last. */
  async others(): Promise<CaseBody[]> {
    if (!this.#complete) await this.refresh();
    return [...this.#known.values()].filter(({ mine }) => !mine);
  }

  /** Whether the room is that of a case; true while not every case is known. */
  mayHave(room: string): boolean {
    return !this.#complete || [...this.#known.values()].some((body) => body.room === room);
  }

  /** What is known of a case. Throws Failure. */
  body(id: string): CaseBody {
    const body = this.#known.get(id);
    if (!body) throw new Failure("not_found");
    return body;
  }

  known(id: string): CaseBody | null {
    return this.#known.get(id) ?? null;
  }

  /** As `body`, asking the server when this device has not heard of it. */
  async look(id: string): Promise<CaseBody> {
    if (!this.#known.has(id)) await this.#take([await this.http.get(`/cases/${id}`, caseBody)]);
    return this.body(id);
  }

  claim(id: string): Promise<void> {
    return this.#act(id, "claim", {});
  }

  handOver(id: string, to: string | null): Promise<void> {
    return this.#act(id, "hand-over", { to });
  }

  setWaiting(id: string, waiting: boolean): Promise<void> {
    return this.#act(id, "waiting", { waiting });
  }

  close(id: string, outcome: Exclude<Outcome, "withdrawn">): Promise<void> {
    return this.#act(id, "close", { outcome });
  }

  /**
   * Tells the server that a moderator has written in the cases whose time to answer runs, or in the one with this room:
   * that much, so that nobody is called for it (docs/protocol.md, section 11). Who has a case tells it, whoever wrote;
   * of others the server takes it from coordinators alone, who tell what they wrote themselves. Throws Refusal.
   */
  async tellAnswers(room?: string): Promise<void> {
    for (const body of [...this.#known.values()]) {
      if (!isHeld(body) || (room !== undefined && body.room !== room)) continue;
      const answered = (await this.#end(body))?.answered;
      if (!answered || !this.#tells(body, answered.by) || answered.at < (body.moved_at ?? 0) || this.#told.get(body.id) === answered.at) continue;
      // In a room where something was just said, the server may run a clock that this device has not heard of.
      if (room !== undefined || runs(body, answered.at)) await this.#tellAnswer(body.id, answered.at);
      this.#told.set(body.id, answered.at);
    }
  }

  #tells(body: CaseBody, writer: string): boolean {
    return body.claimed_by === this.me || (writer === this.me && this.coordinates());
  }

  async #tellAnswer(id: string, at: number): Promise<void> {
    try {
      await this.#act(id, "answered", { at });
    } catch (error) {
      // Somebody else has it meanwhile, or nobody needs it any more.
      if (!isRefusal(error, "case_claimed", "case_closed", "not_found")) throw error;
    }
  }

  /** Null where this device cannot read the case's room. */
  async #end({ room: id, opened_by: opener }: CaseBody): Promise<TalkEnd | null> {
    const room = id === null ? null : this.rooms.get(id);
    return room?.active ? this.turns.end(room, opener) : null;
  }

  async #act(id: string, action: string, body: object): Promise<void> {
    await this.#take([await this.http.post(`/cases/${id}/${action}`, body, caseBody)]);
  }

  async #take(bodies: readonly CaseBody[]): Promise<void> {
    const news = bodies.some((body) => JSON.stringify(body) !== JSON.stringify(this.#known.get(body.id)));
    for (const body of bodies) this.#known.set(body.id, body);
    await this.heard(bodies, news);
  }

  async shown(body: CaseBody): Promise<CaseFile> {
    const end = isHeld(body) ? await this.#end(body) : null;
    const room = body.room === null ? null : this.rooms.get(body.room);
    const notes = body.notes === null ? null : this.rooms.get(body.notes);
    return {
      id: body.id, room: body.room, concern: body.concern, urgency: body.urgency, state: body.state, openedAt: body.opened_at, dueAt: body.due_at, answerFrom: answerFrom(body, end),
      closedAt: body.closed_at, outcome: body.outcome, openedBy: body.opened_by, asker: body.opened_by ?? room?.record.asker ?? null, claimedBy: body.claimed_by, mine: body.claimed_by === this.me,
      staff: body.staff, subjects: body.subjects ?? [], related: this.#related(body), unread: room?.unread ?? 0,
      unreadNotes: notes?.unread ?? 0, notesRoom: notes?.id ?? null, inside: room?.active === true,
    };
  }

  #related({ id, subjects }: CaseBody): string[] {
    const others = [...this.#known.values()].filter((other) => other.id !== id && other.subjects?.some((account) => subjects?.includes(account)));
    return others.sort((one, other) => other.opened_at - one.opened_at).map((other) => other.id);
  }
}

const isHeld = ({ state }: CaseBody): boolean => state === "claimed" || state === "waiting";

/** The server counts a time to answer from before `at`. */
const runs = (body: CaseBody, at: number): boolean => body.answered === false || (body.asked_at ?? Infinity) <= at;

function byClock(one: CaseBody, other: CaseBody): number {
  return (one.due_at ?? Infinity) - (other.due_at ?? Infinity);
}
