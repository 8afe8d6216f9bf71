/** Who looks after the network by coordinators' word, and what the operator did without it: what `engine.appointments` does. */
import type { Store } from "../../store/store.ts";
import type { Http } from "../../transport/http.ts";
import { Certifying, type RollHooks, StaffRoll } from "../trust/index.ts";
import type { AppointmentsContract } from "../../contract/index.ts";
import { OperatorActs } from "./operator-acts.ts";
import type { People, Profile } from "../rooms/index.ts";

export interface AppointmentsParts extends RollHooks {
  http: Http;
  store: Store;
  people: People;
  profile: Profile;
  nameOf(account: string): string | null;
  /** There may be something else to show. */
  news(): void;
}

export class Appointments {
  readonly roll: StaffRoll;
  readonly certifying: Certifying;
  readonly operatorActs: OperatorActs;

  constructor(private readonly parts: AppointmentsParts) {
    const { http, store, people, profile } = parts;
    this.roll = new StaffRoll(http, store, people, profile.value.account, parts);
    this.certifying = new Certifying(http, store, this.roll, people, profile, (account) => parts.nameOf(account));
    this.operatorActs = new OperatorActs(http, store, () => this.coordinates, () => {
      parts.news();
    });
  }

  get coordinates(): boolean {
    return this.parts.profile.value.role === "coordinator";
  }

  /** The people are known. */
  async load(): Promise<void> {
    await Promise.all([this.roll.load(), this.operatorActs.load()]);
  }

  /** Asks the server who is staff, and signs what needs no question, unless the account is suspended. Throws Refusal. */
  async look(suspended: boolean): Promise<void> {
    await this.roll.refresh();
    if (!suspended) {
      await this.operatorActs.look();
      await this.certifying.attend();
    }
    this.parts.news();
  }
}

/** The contract's side: whatever goes wrong becomes a Failure. */
export function guardedAppointments(open: () => Appointments, attempt: <T>(work: () => Promise<T>) => Promise<T>): AppointmentsContract {
  return {
    unconfirmed: () => attempt(() => open().certifying.unconfirmed()),
    confirm: (account, role) => attempt(() => open().certifying.decide(account, role)),
    refuse: (account) => attempt(() => open().certifying.decide(account, "member")),
    waiting: () => attempt(() => open().certifying.waiting()),
    beginAnew: () => attempt(() => open().certifying.beginAnew()),
    newFirst: () => attempt(() => open().certifying.newFirst()),
    decideFirst: (account, believe) => attempt(() => open().certifying.decideFirst(account, believe)),
    operatorActs: () => attempt(() => Promise.resolve(open().operatorActs.unread)),
    actsRead: () => attempt(() => open().operatorActs.read()),
  };
}
