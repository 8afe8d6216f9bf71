import type {
  AccountId,
  CaseId,
  Concern,
  Engine,
  MessageKey,
  Person,
  RoomId,
  Showable,
  Urgency,
} from "../../contract/index.ts";
import { isUrgent, usualUrgency } from "../logic/cases.ts";

const LONGEST_WISH = 2000;
/** Messages that are offered on each side of the one that was asked about: at first, and with each further step. */
const FIRST = 3;
const FURTHER = 10;

/** What a person has chosen so far on the way to a question. Nothing of it leaves before `send`. */
export class Asking {
  step = $state<"choose" | "worry" | "review">("choose");
  state = $state<"loading" | "ready" | "failed">("loading");
  problem = $state.raw<unknown>(null);
  found = $state.raw<readonly Showable[]>([]);
  /** There are more messages before or after those that were found. */
  earlier = $state(false);
  later = $state(false);
  readers = $state.raw<readonly Person[]>([]);
  /** It is known who they are, or that nobody can tell now. Until then nothing is sent: whom it is about might be among them. */
  lookedUp = $state(false);
  /** Nobody can tell who they are. */
  unknown = $state(false);
  chosen = $state.raw<readonly MessageKey[]>([]);
  concern = $state<Concern>("other");
  urgency = $state<Urgency>("today");
  wish = $state("");
  named = $state(false);
  /** Somebody may be in danger now: whom to call comes first, on whichever step the person is. */
  readonly urgent = $derived(isUrgent(this));
  readonly #picked = $derived(this.found.filter(({ key }) => this.chosen.includes(key)));
  /** Own messages would tell the name. */
  readonly shown = $derived(this.#picked.filter(({ mine }) => !mine || this.named));
  readonly heldBack = $derived(this.#picked.length - this.shown.length);
  /** Those who would read what is shown of themselves. */
  readonly concerned = $derived(this.readers.filter(({ account }) => this.shown.some(({ from }) => from === account)));
  /** What the person decided about a reader by hand. Others are kept out when messages of theirs are shown. */
  #decided = $state.raw<Readonly<Record<AccountId, "in" | "out">>>({});
  readonly keptFrom = $derived(this.readers.map(({ account }) => account).filter((account) => this.#isOut(account)));
  readonly seenBy = $derived(this.readers.filter(({ account }) => !this.keptFrom.includes(account)));
  /** Somebody is left to see it; also when it is not known yet who they are. */
  readonly seen = $derived(this.readers.length === 0 || this.seenBy.length > 0);
  readonly long = $derived([...this.wish].length > LONGEST_WISH);
  readonly sendable = $derived(this.lookedUp && this.seen && !this.long);
  #before = FIRST;
  #after = FIRST;

  constructor(
    private readonly engine: Engine,
    private readonly room: RoomId,
    private readonly message: MessageKey,
    /** What is chosen is added to it. */
    private readonly question: CaseId | null,
  ) {}

  async open(): Promise<void> {
    await Promise.all([this.#look(), this.#lookUp()]);
  }

  async #look(): Promise<void> {
    this.state = "loading";
    try {
      await this.#find();
      this.chosen = this.found.filter(({ asked }) => asked).map(({ key }) => key);
      if (this.question !== null) this.named = (await this.engine.cases.questions()).some(({ id, named }) => id === this.question && named);
      this.state = "ready";
    } catch (problem) {
      this.problem = problem;
      this.state = "failed";
    }
  }

  async #lookUp(): Promise<void> {
    try {
      this.readers = await this.engine.cases.readers(this.question);
    } catch {
      // Nobody can tell now who looks after the network; the question can be asked all the same, and the engine keeps out whom it is about.
      this.readers = [];
      this.unknown = true;
    }
    this.lookedUp = true;
  }

  /** Whoever came into a room a moment ago learns the names of those who are there a little later. */
  learnNames(): void {
    this.readers = this.readers.map((reader) => this.engine.person(reader.account) ?? reader);
  }

  /** Throws Failure. */
  async more(way: "earlier" | "later"): Promise<void> {
    if (way === "earlier") this.#before += FURTHER;
    else this.#after += FURTHER;
    await this.#find();
  }

  /** What was decided about its writer by hand was decided before this. */
  toggle(key: MessageKey): void {
    this.chosen = flipped(this.chosen, key);
    const from = this.found.find((message) => message.key === key)?.from;
    this.#decided = Object.fromEntries(Object.entries(this.#decided).filter(([account]) => account !== from));
  }

  keep(account: AccountId): void {
    this.#decided = { ...this.#decided, [account]: this.#isOut(account) ? "in" : "out" };
  }

  worry(concern: Concern): void {
    this.concern = concern;
    this.urgency = usualUrgency(concern);
    this.step = "review";
  }

  /** One step back; false when this was the first. */
  back(): boolean {
    if (this.step === "choose") return false;
    this.step = this.step === "review" ? "worry" : "choose";
    return true;
  }

  send(): Promise<CaseId> {
    const { room, concern, urgency, named, keptFrom } = this;
    const letIn = this.concerned.map(({ account }) => account).filter((account) => !keptFrom.includes(account));
    return this.engine.cases.ask({ room, messages: this.#messages(), concern, urgency, wish: this.wish.trim(), named, keptFrom: [...keptFrom], letIn });
  }

  addTo(question: CaseId): Promise<void> {
    return this.engine.cases.showMore(question, this.room, this.#messages());
  }

  /** How many would be shown as it stands; on the way to a new question the name may still be given. */
  get count(): number {
    return this.question === null ? this.#picked.length : this.shown.length;
  }

  /** Those who read the question that it would be added to, and whose messages it would show: nobody can be kept from it any more. */
  get inTheWay(): readonly Person[] {
    return this.question === null ? [] : this.concerned;
  }

  get addable(): boolean {
    return this.question === null || (this.lookedUp && this.count > 0 && this.inTheWay.length === 0);
  }

  #isOut(account: AccountId): boolean {
    const decided = this.#decided[account];
    return decided === undefined ? this.concerned.some((person) => person.account === account) : decided === "out";
  }

  /** One more on each side than is offered says whether there are more. */
  async #find(): Promise<void> {
    const found = await this.engine.cases.suggest(this.room, this.message, { before: this.#before + 1, after: this.#after + 1 });
    const at = found.findIndex(({ asked }) => asked);
    this.earlier = at > this.#before;
    this.later = at >= 0 && found.length - at - 1 > this.#after;
    this.found = found.slice(this.earlier ? 1 : 0, this.later ? -1 : undefined);
  }

  #messages(): MessageKey[] {
    return this.shown.map(({ key }) => key);
  }
}

const flipped = (list: readonly string[], item: string): readonly string[] => (list.includes(item) ? list.filter((one) => one !== item) : [...list, item]);
