import { Failure, type HandOver, type Referral, type Referrals, type Service } from "../../contract/index.ts";

const hour = 3_600_000;
const shelter: Service = { name: "Harbour night shelter", does: "A bed for the night, food, and somebody to talk to. They ask for no papers.", phone: "+49 30 1234567", web: "https://shelter.example", place: "Quay Street 12, second bell", hours: "Every day from 18:00 to 9:00" };
const lawyer: Service = { name: "Free legal help for workers", does: "Wages that were not paid, and contracts.", phone: "", web: "help@legal.example", place: "", hours: "Tuesday and Thursday" };

/** A hand-over that waits for the person's answer (q1), and one that may be done (3). */
export class FakeReferrals implements Referrals {
  readonly #referrals = new Map<string, Referral[]>();
  #services: Service[] = [shelter, lawyer];

  constructor(
    private readonly around: {
      ask(): Promise<void>;
      changed(): void;
      /** Shows a service in the talk of the case. */
      offered(id: string, service: Service): void;
    },
  ) {
    const now = Date.now();
    const about: HandOver = { to: "The police in Berlin, Inspector Wolf", what: "The six messages that you showed, with who wrote them and when. Not your name.", why: "So that they can look for him and warn others." };
    const referral = (id: string, more: Partial<Referral>): Referral => ({
      id, proposedBy: "mira", proposedAt: now - hour, about, consented: null, needsSecond: true, agreedBy: null, agreedAt: null, refusedBy: null, refusedAt: null, ready: false, handedOverAt: null, dueAt: null, ...more,
    });
    this.#referrals.set("q1", [referral("r1", {})]);
    this.#referrals.set("3", [referral("r2", { proposedBy: "me", consented: true, agreedBy: "asha", agreedAt: now - hour / 2, ready: true })]);
    this.#referrals.set("4", [referral("r3", { proposedBy: "asha", consented: true, dueAt: now + 3 * hour })]);
  }

  async list(id: string): Promise<Referral[]> {
    await this.around.ask();
    return this.#referrals.get(id) ?? [];
  }

  async propose(id: string, about: HandOver): Promise<void> {
    await this.around.ask();
    const made: Referral = { id: `r${Date.now()}`, proposedBy: "me", proposedAt: Date.now(), about, consented: null, needsSecond: true, agreedBy: null, agreedAt: null, refusedBy: null, refusedAt: null, ready: false, handedOverAt: null, dueAt: null };
    this.#referrals.set(id, [...(this.#referrals.get(id) ?? []), made]);
    this.around.changed();
  }

  answer(id: string, referral: string, consent: boolean): Promise<void> {
    return this.#change(id, referral, { consented: consent, ready: false });
  }

  agree(id: string, referral: string): Promise<void> {
    return this.#change(id, referral, { agreedBy: "me", agreedAt: Date.now(), ready: true, dueAt: null });
  }

  refuse(id: string, referral: string): Promise<void> {
    return this.#change(id, referral, { refusedBy: "me", refusedAt: Date.now(), ready: false, dueAt: null });
  }

  async services(): Promise<Service[]> {
    await this.around.ask();
    return this.#services;
  }

  async offer(id: string, service: Service): Promise<void> {
    await this.around.ask();
    this.#services = [service, ...this.#services.filter(({ name }) => name !== service.name)];
    this.around.offered(id, service);
  }

  async forget(service: Service): Promise<void> {
    await this.around.ask();
    this.#services = this.#services.filter(({ name }) => name !== service.name);
  }

  async #change(id: string, referral: string, change: Partial<Referral>): Promise<void> {
    await this.around.ask();
    const all = this.#referrals.get(id) ?? [];
    if (!all.some((one) => one.id === referral)) throw new Failure("not_found");
    this.#referrals.set(id, all.map((one) => (one.id === referral ? { ...one, ...change } : one)));
    this.around.changed();
  }
}

export { shelter };
