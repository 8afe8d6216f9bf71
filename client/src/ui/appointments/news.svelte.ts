import type { NewFirst, OperatorAct, Unconfirmed, WaitsForWord } from "../../contract/index.ts";
import { app } from "../app.svelte.ts";

/** What a coordinator is to look at, and what stands between the person and the staff. Asked anew with each change of cases. */
export class AppointmentNews {
  people = $state.raw<readonly Unconfirmed[]>([]);
  acts = $state.raw<readonly OperatorAct[]>([]);
  first = $state.raw<NewFirst | null>(null);
  own = $state.raw<WaitsForWord | null>(null);

  async look(): Promise<void> {
    const { appointments } = app.engine;
    [this.people, this.acts, this.first, this.own] = await Promise.all([
      appointments.unconfirmed(), appointments.operatorActs(), appointments.newFirst(), appointments.waiting(),
    ]);
  }
}
