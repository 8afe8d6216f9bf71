import type { CaseId, Engine, Referral } from "../../contract/index.ts";
import { joined } from "../../engine/common/index.ts";

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
