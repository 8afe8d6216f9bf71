import type { CaseId } from "../../state/contract-cases.ts";
import type { Referral } from "../../state/contract-referrals.ts";
import type { Engine } from "../../state/contract.ts";
import { joined } from "../../state/joined.ts";

/** The hand-overs of one question, as they were last looked at. */
export class HandOvers {
  all = $state.raw<readonly Referral[]>([]);
  problem = $state.raw<unknown>(null);

  constructor(
    private readonly engine: Engine,
    private readonly id: CaseId,
  ) {}

  readonly look = joined(() => this.#look());

  async #look(): Promise<void> {
    try {
      this.all = await this.engine.referrals.list(this.id);
      this.problem = null;
    } catch (problem) {
      this.problem = problem;
    }
  }
}
