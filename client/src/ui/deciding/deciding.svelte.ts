import type {
  AccountId,
  CaseId,
  Concern,
  Deciding,
  Decision,
  DecisionKind,
  Engine,
  Facts,
  Finding,
  MessageKey,
  Moderators,
  Report,
  RoomId,
  Seconded,
  ShownMessage,
} from "../../contract/index.ts";
import { besides } from "../logic/cases.ts";
import { factsOf, fewIn, type Showing } from "../logic/facts.ts";
import { findingsFor, suggested } from "../logic/findings.ts";
import { named } from "../logic/law.ts";

export const KINDS: readonly DecisionKind[] = ["warn", "remove_from_room", "mute", "limit_reports", "suspend", "ban"];
const OF_A_ROOM: readonly DecisionKind[] = ["remove_from_room", "mute"];
const FOR_A_TIME: readonly DecisionKind[] = ["mute", "limit_reports", "suspend"];
/** How many of somebody's newest messages are offered, and among how many of the room they are looked for. */
const OFFERED = 10;
const LOOKED_AT = 300;

/** A room in which a moderator saw something themselves, and what they want about it. */
export interface Here {
  room: RoomId;
  kind: DecisionKind;
}

/** What a moderator has chosen so far on the way to a decision. */
export class Choosing {
  state = $state<"loading" | "ready" | "failed">("loading");
  problem = $state.raw<unknown>(null);
  /** Those that nobody took from this person. */
  kinds = $state.raw<readonly DecisionKind[]>([]);
  secondFor = $state.raw<readonly Seconded[]>([]);
  #aloneDays = $state(Infinity);
  before = $state.raw<readonly Decision[]>([]);
  rooms = $state.raw<readonly { id: RoomId; title: string | null; few: boolean }[]>([]);
  kind = $state<DecisionKind | null>(null);
  room = $state<RoomId | null>(null);
  /** How long it holds, in days. */
  days = $state(7);
  /** The number of a card, 0 for the law; null until one is chosen. */
  reason = $state<number | null>(null);
  /** The law's name, with the reason 0. */
  law = $state("");
  /** Chosen by the moderator, not suggested. */
  #finding = $state<Finding | null>(null);
  #concern = $state<Concern | null>(null);
  #lately = $state.raw<readonly Decision[]>([]);
  /** Messages that the moderator saw in the room they came from, newest first, and which of them it is about. */
  seen = $state.raw<readonly ShownMessage[]>([]);
  about = $state.raw<readonly MessageKey[]>([]);
  #reported = $state.raw<readonly Report[]>([]);
  /** What may be told of what it rests on; null when nothing was shown. */
  readonly facts = $derived.by(() => factsOf(this.#shown(), this.subject, (room) => this.#people(room)));
  /** What of that is told: at first nothing. */
  telling = $state({ messages: false, days: false, rooms: false });
  /** What this moderator says about it; may be empty. */
  own = $state("");
  /** Who else has the question that it comes of, `by` null when nobody has it; null when it is this person's. */
  held = $state.raw<{ by: AccountId | null } | null>(null);
  /** Who else could agree: those who see the question, which whoever asked does not, without this person and whoever it is about. */
  #others = $state.raw<Moderators["moderators"]>([]);
  #begun: { chosen: string; until: number } | null = null;
  readonly ofRoom = $derived(this.kind !== null && OF_A_ROOM.includes(this.kind));
  readonly forTime = $derived(this.kind !== null && FOR_A_TIME.includes(this.kind));
  /** The kinds whose rights it takes: a long pause of access is decided as a ban is. */
  readonly #weighs = $derived<DecisionKind[]>(this.kind === null ? [] : this.kind === "suspend" && this.days > this.#aloneDays ? ["suspend", "ban"] : [this.kind]);
  readonly second = $derived(this.#weighs.some((kind) => this.secondFor.includes(kind)));
  /** Nobody is there who could agree to it. */
  readonly alone = $derived(this.second && !this.#others.some(({ denied }) => !this.#weighs.some((kind) => denied.includes(kind))));
  /** Nothing on the list says it, so the moderator's own words have to; what takes two is written to when it is agreed. */
  readonly unsaid = $derived.by(() => this.finding === "other" && !this.second && this.own.trim() === "");
  /** What they came for was taken from them. */
  readonly refused = $derived.by(() => this.state === "ready" && this.here !== null && !this.kinds.includes(this.here.kind));
  /** The statement names the room, and so few are in it that this tells who asked. */
  readonly telltale = $derived(this.ofRoom && this.rooms.some(({ id, few }) => id === this.room && few));
  readonly complete = $derived.by(() => this.kind !== null && this.reason !== null && this.finding !== null && !this.unsaid && (this.reason !== 0 || named(this.law) !== null) && (!this.ofRoom || this.room !== null));

  constructor(
    private readonly engine: Engine,
    private readonly subject: AccountId,
    private readonly question: CaseId | null,
    /** It is about whoever asked, who gave no name. */
    private readonly nameless: boolean,
    readonly here: Here | null = null,
  ) {}

  /** Why it falls under the reason: as they chose, and as is suggested until then. */
  get finding(): Finding | null {
    const { kind, reason } = this;
    if (kind === null) return null;
    if (this.#finding !== null && findingsFor(kind).includes(this.#finding)) return this.#finding;
    const card = reason ? (this.engine.me().conduct.cards[reason - 1]?.finding ?? null) : null;
    return suggested({ kind, reason, card, concern: this.#concern, before: this.#lately });
  }

  set finding(chosen: Finding | null) {
    this.#finding = chosen;
  }

  async open(): Promise<void> {
    this.state = "loading";
    try {
      const { decisions, cases } = this.engine;
      const [{ moderators, secondFor, aloneDays }, lately, before, reports, seen, file] = await Promise.all([
        decisions.moderators(), decisions.page(null), decisions.list({ subject: this.subject }), this.#reports(), this.#seen(), this.question === null ? null : cases.file(this.question),
      ]);
      const denied = moderators.find(({ account }) => account === this.engine.me().account)?.denied ?? [];
      this.kinds = KINDS.filter((kind) => !denied.includes(kind));
      this.secondFor = secondFor;
      this.#aloneDays = aloneDays;
      this.held = file === null || file.mine ? null : { by: file.claimedBy };
      this.#others = moderators.filter(({ account }) => account !== this.engine.me().account && account !== this.subject && (file?.staff.includes(account) ?? true));
      this.before = besides(before, this.nameless);
      this.#lately = lately.decisions;
      this.#concern = file?.concern ?? null;
      const shown = this.#shownIn(reports);
      this.#reported = reports;
      this.seen = seen;
      const few = fewIn(reports, (room) => this.#people(room));
      const ids = once([...(this.here ? [this.here.room] : []), ...shown, ...(this.engine.person(this.subject)?.sharedRooms ?? [])]);
      this.rooms = ids.map((id) => ({ id, title: this.engine.room(id) })).filter(({ id, title }) => title?.kind !== "direct" || shown.includes(id)).map(({ id, title }) => ({ id, title: title?.title ?? null, few: few(id) }));
      this.room = this.rooms[0]?.id ?? null;
      if (this.here && this.kinds.includes(this.here.kind)) this.kind ??= this.here.kind;
      this.state = "ready";
    } catch (problem) {
      this.problem = problem;
      this.state = "failed";
    }
  }

  decide(): Promise<Decision> {
    const { kind, reason, finding } = this;
    if (kind === null || reason === null || finding === null) throw new Error("decided before everything was chosen");
    const room = this.ofRoom ? this.room : null;
    const facts = this.#told();
    const chosen = JSON.stringify([kind, reason, finding, room, this.days, facts]);
    // The same once more, after no answer came, has to be the same decision: also its end.
    if (this.#begun?.chosen !== chosen) this.#begun = { chosen, until: Date.now() + this.days * 86_400_000 };
    const deciding: Deciding = {
      subject: this.subject, kind, ground: reason === 0 ? "law" : "conduct", card: reason === 0 ? null : reason, law: reason === 0 ? named(this.law) : null,
      finding, room, until: this.forTime ? this.#begun.until : null, case: this.question, facts,
    };
    return this.engine.decisions.decide(deciding);
  }

  /** Sends what this moderator says about it to whoever it is about; the answer is the decision with its talk. */
  async say(decision: Decision): Promise<Decision> {
    const text = this.own.trim();
    if (text === "") return decision;
    const talk = await this.engine.decisions.openTalk(decision.id);
    await this.engine.sendText(talk, text);
    this.own = "";
    return { ...decision, talk };
  }

  /** This message belongs to what it is about, or no longer. */
  choose(key: MessageKey, chosen: boolean): void {
    this.about = [...this.about.filter((one) => one !== key), ...(chosen ? [key] : [])];
  }

  #people(room: RoomId): number | null {
    return this.engine.room(room)?.members ?? null;
  }

  #shown(): readonly Showing[] {
    const chosen = this.seen.filter(({ key }) => this.about.includes(key));
    const exhibits = chosen.map(({ room, seq, at, from }) => ({ room, seq: seq ?? 0, at, from, changes: null, doubt: null }));
    return [...this.#reported, ...(exhibits.length > 0 ? [{ roomKind: "open" as const, exhibits }] : [])];
  }

  /** Those that this device has checked; of whom the moderator has blocked, none. */
  async #seen(): Promise<ShownMessage[]> {
    if (this.here === null) return [];
    const { messages } = await this.engine.messages(this.here.room, { limit: LOOKED_AT });
    return messages.filter(({ from, seq, hidden, body }) => from === this.subject && seq !== null && !hidden && body.type === "text").reverse().slice(0, OFFERED);
  }

  #told(): Facts | null {
    const { facts, telling } = this;
    if (facts === null || !Object.values(telling).includes(true)) return null;
    return {
      messages: telling.messages ? facts.messages : null, proven: telling.messages ? facts.proven : null,
      days: telling.days && facts.days ? { ...facts.days, rooms: facts.rooms } : null, rooms: telling.rooms ? facts.rooms : [],
    };
  }

  async #reports(): Promise<Report[]> {
    if (this.question === null) return [];
    // A device that is not in the case's room cannot read it, and can decide all the same.
    return this.engine.cases.reports(this.question).catch(() => []);
  }

  /** Where what was shown of the person was written; also a room that this moderator is not in. */
  #shownIn(reports: readonly Report[]): RoomId[] {
    return once(reports.flatMap(({ exhibits }) => exhibits.filter(({ from }) => from === this.subject).map(({ room }) => room)));
  }
}

const once = (ids: readonly RoomId[]): RoomId[] => ids.filter((id, index) => ids.indexOf(id) === index);
