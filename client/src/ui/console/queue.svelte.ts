import type { CaseFile, CaseId, Decision, Engine } from "../../contract/index.ts";
import { clock } from "../clock.svelte.ts";
import { grouped } from "../logic/cases.ts";
import { forSecond } from "../logic/waiting.ts";

/** The moderators' questions as they were last looked at. */
export class Queue {
  open = $state.raw<readonly CaseFile[] | null>(null);
  closed = $state.raw<readonly CaseFile[] | null>(null);
  /** Decisions that wait for this moderator. */
  decisions = $state.raw<readonly Decision[]>([]);
  /** How many branches this moderator may agree to cut off. */
  cuts = $state(0);
  problem = $state.raw<unknown>(null);
  which = $state<"open" | "closed">("open");
  readonly shown = $derived(this.which === "open" ? this.open : this.closed);
  readonly groups = $derived(grouped(this.shown ?? [], clock.now));
  readonly #order = $derived(this.groups.flatMap(({ files }) => files));

  constructor(private readonly engine: Engine) {}

  async look(): Promise<void> {
    try {
      const { cases, decisions: decided, roles } = this.engine;
      const [open, closed, decisions, cuts] = await Promise.all([cases.queue(false), cases.queue(true), decided.list({ waiting: true }), roles.cuts()]);
      this.cuts = cuts.filter(({ mayAgree }) => mayAgree).length;
      [this.open, this.closed, this.decisions] = [open, closed, forSecond(decisions, this.engine.me().account)];
      this.problem = null;
    } catch (problem) {
      this.problem = problem;
    }
  }

  find(id: CaseId): CaseFile | null {
    return [...(this.open ?? []), ...(this.closed ?? [])].find((file) => file.id === id) ?? null;
  }

  /** The one below (1) or above (-1) in the list as it is shown; the first when none is chosen. */
  beside(id: CaseId | null, step: 1 | -1): CaseFile | null {
    const at = this.#order.findIndex((file) => file.id === id);
    return this.#order[at < 0 ? 0 : at + step] ?? null;
  }
}
