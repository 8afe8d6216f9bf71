import type { AppointmentsContract, NewFirst, OperatorAct, Unconfirmed, WaitsForWord } from "../../contract/index.ts";

const number = ["41872", "09316", "55720", "18843", "60275", "33914"];

/** A moderator whom the operator made, and what else the operator did; the words are those of the audit log. */
export class FakeAppointments implements AppointmentsContract {
  people: Unconfirmed[] = [];
  acts: OperatorAct[] = [];
  first: NewFirst | null = null;
  own: WaitsForWord | null = null;

  constructor(private readonly around: { ask(): Promise<void>; changed(): void }) {}

  /** For looking at screens. */
  fill(): void {
    const now = Date.now();
    this.people = [{ account: "tala", name: "Tala", role: "moderator", number }];
    this.acts = [{ seq: 12, at: now - 3_600_000, action: "role_set", detail: "moderator" }, { seq: 11, at: now - 90_000_000, action: "attestation_key_rotated", detail: "" }];
    this.around.changed();
  }

  another(): void {
    this.first = { account: "tala", name: "Tala", number };
    this.around.changed();
  }

  unconfirmed(): Promise<Unconfirmed[]> {
    return Promise.resolve(this.people);
  }

  async confirm(account: string): Promise<void> {
    await this.#done(account);
  }

  async refuse(account: string): Promise<void> {
    await this.#done(account);
  }

  waiting(): Promise<WaitsForWord | null> {
    return Promise.resolve(this.own);
  }

  beginAnew(): Promise<void> {
    this.own = null;
    this.around.changed();
    return Promise.resolve();
  }

  newFirst(): Promise<NewFirst | null> {
    return Promise.resolve(this.first);
  }

  async decideFirst(): Promise<void> {
    await this.around.ask();
    this.first = null;
    this.around.changed();
  }

  operatorActs(): Promise<OperatorAct[]> {
    return Promise.resolve(this.acts);
  }

  actsRead(): Promise<void> {
    this.acts = [];
    this.around.changed();
    return Promise.resolve();
  }

  async #done(account: string): Promise<void> {
    await this.around.ask();
    this.people = this.people.filter((one) => one.account !== account);
    this.around.changed();
  }
}
