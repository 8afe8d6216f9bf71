/** Decisions about accounts: what `engine.decisions` does, all of it by asking the server (docs/protocol.md, section 11.1). */
import { decisionBody, type DecisionBody, moderatorsBody, type StatementBody, statementBody } from "../../protocol/api-decisions.ts";
import { isRefusal } from "../../protocol/errors.ts";
import { newUuid } from "../../protocol/ids.ts";
import type { Http } from "../../transport/http.ts";
import { allDecisions, someDecisions } from "../common/index.ts";
import type { Comeback } from "./comeback.ts";
import type { DecisionTalks } from "./decision-talks.ts";
import type { Statements } from "./statements.ts";
import type {
  Appeal,
  AppealAnswer,
  Deciding,
  Decision,
  Decisions,
  LiftReason,
  Moderators,
  Right,
  Seconded,
  Statement,
} from "../../contract/index.ts";

export class Deciders implements Decisions {
  /** Ids of what was sent and not answered, by what it says: the same once more is the same decision. */
  readonly #unanswered = new Map<string, string>();

  constructor(
    /** Throws Failure when no profile is open. */
    private readonly http: () => Http,
    private readonly talks: () => DecisionTalks,
    private readonly statements: () => Statements,
    private readonly comeback: () => Comeback,
    /** Whether whoever asked in a case that this person may work on gave their name. Throws Refusal. */
    private readonly gaveName: (id: string) => Promise<boolean>,
    /** Turns whatever goes wrong into a Failure. */
    private readonly attempt: <T>(work: () => Promise<T>) => Promise<T>,
  ) {}

  mine(): Promise<Statement[]> {
    return this.attempt(async () => (await this.statements().look()).map(statement));
  }

  unseen(): number {
    return this.statements().unseen;
  }

  notice(): Promise<void> {
    return this.attempt(() => this.statements().notice());
  }

  leftBehind(): string[] {
    return this.comeback().behind;
  }

  putAway(): Promise<void> {
    return this.attempt(() => this.comeback().putAway());
  }

  appeal(decision: string): Promise<void> {
    return this.attempt(async () => void (await this.http().post(`/decisions/${decision}/appeal`, {}, statementBody)));
  }

  list(which: { subject: string } | { waiting: true }): Promise<Decision[]> {
    const query = "subject" in which ? `subject=${which.subject}` : "waiting=true";
    // The server has no order of those whose question it has forgotten.
    return this.attempt(async () => (await this.#all(await allDecisions(this.http(), query))).sort((one, other) => other.decidedAt - one.decidedAt));
  }

  page(after: string | null): Promise<{ decisions: Decision[]; more: boolean }> {
    return this.attempt(async () => {
      const { items, more } = await someDecisions(this.http(), "", after);
      return { decisions: await this.#all(items), more };
    });
  }

  one(decision: string): Promise<Decision> {
    return this.attempt(async () => this.#decided(await this.http().get(`/decisions/${decision}`, decisionBody)));
  }

  #all(bodies: readonly DecisionBody[]): Promise<Decision[]> {
    return Promise.all(bodies.map((one) => this.#decided(one)));
  }

  decide(deciding: Deciding): Promise<Decision> {
    return this.attempt(async () => {
      const said = JSON.stringify(deciding);
      const id = this.#unanswered.get(said) ?? newUuid();
      this.#unanswered.set(said, id);
      const answer = await this.http().post("/decisions", { id, ...withoutNulls(deciding) }, decisionBody);
      this.#unanswered.delete(said);
      return this.#decided(answer);
    });
  }

  agree(decision: string): Promise<void> {
    return this.#move(decision, "agree");
  }

  refuse(decision: string): Promise<void> {
    return this.#move(decision, "refuse");
  }

  lift(decision: string, reason: LiftReason): Promise<void> {
    return this.#move(decision, "lift", { reason });
  }

  openTalk(decision: string): Promise<string> {
    return this.attempt(async () => {
      return this.talks().open(await this.http().get(`/decisions/${decision}`, decisionBody));
    });
  }

  talksUnread(): number {
    return this.talks().unread;
  }

  closeAppeal(decision: string, answer: AppealAnswer): Promise<void> {
    return this.#move(decision, "close-appeal", answer);
  }

  moderators(): Promise<Moderators> {
    return this.attempt(async () => staff(await this.http().get("/moderators", moderatorsBody)));
  }

  setRights(account: string, denied: Right[]): Promise<Moderators> {
    return this.attempt(async () => staff(await this.http().put(`/moderators/${account}/rights`, { denied }, moderatorsBody)));
  }

  setSecondFor(kinds: Seconded[]): Promise<Moderators> {
    return this.attempt(async () => staff(await this.http().put("/moderation/rules", { second_for: kinds }, moderatorsBody)));
  }

  async #decided({ mine_asked: mineAsked, about_asker: asker, may_lift: mayLift, may_agree: mayAgree, may_answer: mayAnswer, branch_fact: branchFact, by_operator: byOperator, lifted_for: liftedFor, decided_by: decidedBy, agreed_by: agreedBy, decided_at: decidedAt, in_force_at: inForceAt, ended_at: endedAt, due_at: dueAt, appeal, ...rest }: DecisionBody): Promise<Decision> {
    return { ...rest, asker, named: asker && (await this.#named(rest)), mineAsked, mayLift, mayAgree, mayAnswer, branchFact, byOperator, liftedFor, decidedBy, agreedBy, decidedAt, inForceAt, endedAt, dueAt, appeal: appealed(appeal) };
  }

  async #named({ case: from }: Pick<DecisionBody, "case">): Promise<boolean> {
    // Once the case is forgotten nobody knows any more whether they gave it: then they did not.
    if (from === null) return false;
    try {
      return await this.gaveName(from);
    } catch (error) {
      // It was forgotten, or is kept from this person, since.
      if (!isRefusal(error, "not_found")) throw error;
      return false;
    }
  }

  #move(decision: string, way: string, body: object = {}): Promise<void> {
    return this.attempt(async () => void (await this.http().post(`/decisions/${decision}/${way}`, body, decisionBody)));
  }
}

function withoutNulls(deciding: Deciding): object {
  return Object.fromEntries(Object.entries(deciding).filter(([, value]) => value !== null));
}

function statement({ branch_fact: branchFact, by_operator: byOperator, lifted_for: liftedFor, based_on: basedOn, appeal_until: appealUntil, somebody_else: somebodyElse, appeal, ...rest }: StatementBody): Statement {
  return { ...rest, branchFact, byOperator, liftedFor, basedOn, appealUntil, somebodyElse, appeal: appealed(appeal) };
}

function appealed(appeal: DecisionBody["appeal"]): Appeal | null {
  return appeal && { madeAt: appeal.made_at, outcome: appeal.outcome, reason: appeal.reason, closedAt: appeal.closed_at };
}

function staff({ moderators, second_for: secondFor, alone_days: aloneDays }: ReturnType<typeof moderatorsBody>): Moderators {
  return { moderators, secondFor, aloneDays };
}
