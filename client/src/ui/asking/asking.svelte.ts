import type { CaseId, Concern, Showable, Urgency } from "../../state/contract-cases.ts";
import type { AccountId, Engine, MessageKey, Person, RoomId } from "../../state/contract.ts";
import { isUrgent, usualUrgency } from "../logic/cases.ts";

export const LONGEST_WISH = 2000;

/** What a person has chosen so far on the way to a question. Nothing of it leaves before `send`. */
export class Asking {
  step = $state<"choose" | "worry" | "review">("choose");
  state = $state<"loading" | "ready" | "failed">("loading");
  problem = $state.raw<unknown>(null);
  found = $state.raw<readonly Showable[]>([]);
  readers = $state.raw<readonly Person[]>([]);
  chosen = $state.raw<readonly MessageKey[]>([]);
  concern = $state<Concern>("other");
  urgency = $state<Urgency>("today");
  wish = $state("");
  named = $state(false);
  keptFrom = $state.raw<readonly AccountId[]>([]);
  /** Somebody may be in danger now: whom to call comes first, on whichever step the person is. */
  readonly urgent = $derived(isUrgent(this));
  readonly #picked = $derived(this.found.filter(({ key }) => this.chosen.includes(key)));
  /** Own messages would tell the name. */
  readonly shown = $derived(this.#picked.filter(({ mine }) => !mine || this.named));
  readonly heldBack = $derived(this.#picked.length - this.shown.length);
  readonly seenBy = $derived(this.readers.filter(({ account }) => !this.keptFrom.includes(account)));
  /** Somebody is left to see it; also when it is not known yet who they are. */
  readonly seen = $derived(this.readers.length === 0 || this.seenBy.length > 0);

  constructor(
    private readonly engine: Engine,
    private readonly room: RoomId,
    private readonly message: MessageKey,
    /** What is chosen is added to it. */
    private readonly question: CaseId | null,
  ) {}

  async open(): Promise<void> {
    this.state = "loading";
    try {
      this.found = await this.engine.cases.suggest(this.room, this.message);
      this.chosen = this.found.filter(({ asked }) => asked).map(({ key }) => key);
      if (this.question !== null) this.named = (await this.engine.cases.questions()).some(({ id, named }) => id === this.question && named);
      this.state = "ready";
    } catch (problem) {
      this.problem = problem;
      this.state = "failed";
      return;
    }
    try {
      this.readers = await this.engine.cases.readers();
    } catch {
      // Without a connection it is not known who looks after the network; the question can be asked all the same.
      this.readers = [];
    }
  }

  toggle(key: MessageKey): void {
    this.chosen = flipped(this.chosen, key);
  }

  keep(account: AccountId): void {
    this.keptFrom = flipped(this.keptFrom, account);
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
    const { room, concern, urgency, named } = this;
    return this.engine.cases.ask({ room, messages: this.#messages(), concern, urgency, wish: this.wish.trim(), named, keptFrom: [...this.keptFrom] });
  }

  addTo(question: CaseId): Promise<void> {
    return this.engine.cases.showMore(question, this.room, this.#messages());
  }

  /** How many would be shown as it stands; on the way to a new question the name may still be given. */
  get count(): number {
    return this.question === null ? this.#picked.length : this.shown.length;
  }

  #messages(): MessageKey[] {
    return this.shown.map(({ key }) => key);
  }
}

const flipped = (list: readonly string[], item: string): readonly string[] => (list.includes(item) ? list.filter((one) => one !== item) : [...list, item]);
