import {
  type AppealAnswer,
  type Deciding,
  type Decision,
  type Decisions,
  Failure,
  type LiftReason,
  type Moderators,
  type Right,
  type Seconded,
  type Statement,
} from "../../contract/index.ts";
import { cards } from "./fake-data.ts";

const day = 86_400_000;

/** A few decisions of a network with three moderators, and two about the person. */
export class FakeDecisions implements Decisions {
  /** New messages in the talks about decisions. */
  unread = 0;
  /** Decisions about the person that they have not looked at. */
  news = 0;
  #decisions: Decision[];
  #statements: Statement[];
  #moderators: Moderators = {
    moderators: [{ account: "me", role: "coordinator", denied: [] }, { account: "asha", role: "coordinator", denied: [] }, { account: "mira", role: "moderator", denied: ["ban", "export"] }],
    secondFor: ["ban", "hand_over"], aloneDays: 30,
  };

  constructor(private readonly ask: () => Promise<void>) {
    const now = Date.now();
    const decision = (id: string, more: Partial<Decision>): Decision => ({
      id, case: "1", subject: "long", asker: false, named: false, mineAsked: false, mayLift: true, mayAgree: false, mayAnswer: false, kind: "suspend", ground: "conduct", card: 2, law: null, finding: "hurtful", branch: false, branchFact: null, byOperator: false, said: null, facts: null, room: null, until: now + 20 * day, state: "in_force", liftedFor: null,
      decidedBy: "asha", agreedBy: null, decidedAt: now - day, inForceAt: now - day, endedAt: null, dueAt: null, appeal: null, talk: null, ...more,
    });
    this.#decisions = [
      decision("d1", { kind: "ban", until: null, state: "proposed", mayAgree: true, inForceAt: null, ground: "law", card: null, law: "Criminal Code, section 232", decidedBy: "mira", dueAt: now - day / 12 }),
      decision("d2", { subject: "amal", talk: "case-d2", mayAnswer: true, dueAt: now + 1.75 * day, appeal: { madeAt: now - day / 4, outcome: null, reason: null, closedAt: null } }),
      decision("d3", { kind: "warn", until: null, decidedAt: now - 30 * day }),
      decision("d5", { kind: "limit_reports", subject: "tala", asker: true, until: now - 2 * day, state: "expired", decidedAt: now - 9 * day, inForceAt: now - 9 * day, case: "6" }),
      decision("d6", { kind: "warn", subject: "tala", asker: true, until: null, decidedAt: now - 200 * day, inForceAt: now - 200 * day, case: null }),
      decision("d4", { kind: "mute", room: "open-1", until: now - 3 * day, state: "expired", decidedAt: now - 10 * day, subject: "new" }),
    ];
    const statement = (id: string, more: Partial<Statement>): Statement => ({
      decision: id, kind: "suspend", room: null, state: "in_force", liftedFor: null, since: now - day, until: now + 6 * day, basedOn: "report", ground: "conduct",
      card: cards[2] ?? null, law: null, finding: "hurtful", branch: false, branchFact: null, byOperator: false, said: null, facts: null, appealUntil: now + 180 * day, somebodyElse: true, appeal: null, talk: null, ...more,
    });
    this.#statements = [statement("s1", { talk: "case-s1", facts: { messages: 3, proven: true, days: { first: "2026-11-12", last: "2026-11-14" }, rooms: ["open-1"] } }), statement("s2", { kind: "warn", until: null, since: now - 40 * day, appeal: { madeAt: now - 39 * day, outcome: "upheld", reason: "fits", closedAt: now - 38 * day } }), statement("s3", { kind: "ban", state: "expired", ground: "law", card: null, law: "Criminal Code, section 232", since: now - 300 * day, until: now - 200 * day, appealUntil: now - 120 * day }),
      statement("s4", { kind: "ban", until: null, since: now - 2 * day, finding: "lured", branch: true, branchFact: "several" }),
      statement("s5", { since: now - 3 * day, until: now - day, state: "expired", finding: null, byOperator: true, said: { facts: "On 3 May you wrote to four people and offered them work abroad.", why: "Nobody may offer work here, since people have been trapped by it." } }),
    ];
  }

  async mine(): Promise<Statement[]> {
    await this.ask();
    return this.#statements;
  }

  unseen(): number {
    return this.news;
  }

  async notice(): Promise<void> {
    this.news = 0;
  }

  /** Rooms that the person was taken out of with a ban that has ended. */
  behind: string[] = [];

  leftBehind(): string[] {
    return this.behind;
  }

  async putAway(): Promise<void> {
    this.behind = [];
  }

  async appeal(id: string): Promise<void> {
    await this.ask();
    this.#statements = this.#statements.map((one) => (one.decision === id ? { ...one, appeal: { madeAt: Date.now(), outcome: null, reason: null, closedAt: null } } : one));
  }

  async list(which: { subject: string } | { waiting: true }): Promise<Decision[]> {
    await this.ask();
    return this.#decisions.filter((one) => ("subject" in which ? one.subject === which.subject : one.state === "proposed" || one.appeal?.outcome === null));
  }

  /** Two at a time, so that there is more. */
  async page(after: string | null): Promise<{ decisions: Decision[]; more: boolean }> {
    await this.ask();
    const from = this.#decisions.findIndex(({ id }) => id === after) + 1;
    return { decisions: this.#decisions.slice(from, from + 2), more: this.#decisions.length > from + 2 };
  }

  async one(decision: string): Promise<Decision> {
    await this.ask();
    const found = this.#decisions.find(({ id }) => id === decision);
    if (!found) throw new Failure("not_found");
    return found;
  }

  async decide(deciding: Deciding): Promise<Decision> {
    await this.ask();
    const proposed = this.#moderators.secondFor.includes(deciding.kind);
    const made: Decision = { id: `d${this.#decisions.length + 1}`, ...deciding, branch: false, branchFact: null, byOperator: false, said: null, asker: false, named: false, mineAsked: false, mayLift: true, mayAgree: false, mayAnswer: false, state: proposed ? "proposed" : "in_force", liftedFor: null, decidedBy: "me", agreedBy: null, decidedAt: Date.now(), inForceAt: proposed ? null : Date.now(), endedAt: null, dueAt: null, appeal: null, talk: null };
    this.#decisions = [made, ...this.#decisions];
    return made;
  }

  agree(id: string): Promise<void> {
    return this.#change(id, { state: "in_force", agreedBy: "me", dueAt: null });
  }

  refuse(id: string): Promise<void> {
    return this.#change(id, { state: "refused", endedAt: Date.now(), dueAt: null });
  }

  lift(id: string, liftedFor: LiftReason): Promise<void> {
    return this.#change(id, { state: "lifted", liftedFor, endedAt: Date.now() });
  }

  closeAppeal(id: string, { outcome, reason }: AppealAnswer): Promise<void> {
    return this.#change(id, { dueAt: null, ...(outcome === "overturned" ? { state: "overturned" as const } : {}), appeal: { madeAt: Date.now(), outcome, reason, closedAt: Date.now() } });
  }

  async openTalk(id: string): Promise<string> {
    await this.#change(id, { talk: `case-${id}` });
    return `case-${id}`;
  }

  talksUnread(): number {
    return this.unread;
  }

  async moderators(): Promise<Moderators> {
    await this.ask();
    return this.#moderators;
  }

  async setRights(account: string, denied: Right[]): Promise<Moderators> {
    await this.ask();
    const moderators = this.#moderators.moderators.map((one) => (one.account === account ? { ...one, denied } : one));
    return (this.#moderators = { ...this.#moderators, moderators });
  }

  async setSecondFor(secondFor: Seconded[]): Promise<Moderators> {
    await this.ask();
    return (this.#moderators = { ...this.#moderators, secondFor });
  }

  async #change(id: string, change: Partial<Decision>): Promise<void> {
    await this.ask();
    this.#decisions = this.#decisions.map((one) => (one.id === id ? { ...one, ...change, mayAgree: false, mayAnswer: false } : one));
  }
}
