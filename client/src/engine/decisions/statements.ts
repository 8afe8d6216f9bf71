/** What was decided about this person (docs/protocol.md, section 11.1), and what of it they have not looked at on this device. */
import { type StatementBody, statementsBody } from "../../protocol/api-decisions.ts";
import { Batch, type Store } from "../../store/store.ts";
import type { Http } from "../../transport/http.ts";

const SEEN = "decisions seen";

export class Statements {
  #seen: readonly string[] = [];
  /** As the server said last. */
  #there: readonly string[] = [];

  constructor(
    private readonly http: Http,
    private readonly store: Store,
    private readonly changed: () => void,
  ) {}

  async load(): Promise<void> {
    this.#seen = (await this.store.get<string[]>("meta", await this.store.scope(SEEN))) ?? [];
  }

  /** Asks for them. Throws Refusal. */
  async look(): Promise<StatementBody[]> {
    const before = this.unseen;
    const { statements } = await this.http.get("/me/decisions", statementsBody);
    this.#there = statements.map(standing);
    if (this.unseen !== before) this.changed();
    return statements;
  }

  /** How many are new, or were ended or looked at again since the person saw them. */
  get unseen(): number {
    return this.#there.filter((one) => !this.#seen.includes(one)).length;
  }

  /** The person has looked at all of them. */
  async notice(): Promise<void> {
    if (this.unseen === 0) return;
    this.#seen = this.#there;
    await this.store.write(new Batch().put("meta", await this.store.scope(SEEN), this.#seen));
    this.changed();
  }
}

/** How it stands, as far as somebody has to be told: that its time is over was said before. */
function standing({ decision, state, appeal }: StatementBody): string {
  return `${decision} ${state === "expired" ? "in_force" : state} ${appeal?.outcome ?? ""}`;
}
