import type { AccountId, Decision } from "../../contract/index.ts";

/** What somebody of the staff can do about a decision. */
export interface Ways {
  agree: boolean;
  refuse: boolean;
  /** An objection waits for them. It does so whatever has become of the decision: what is over may still have been wrong. */
  answer: boolean;
  lift: boolean;
}

export const objected = ({ appeal }: Decision): boolean => appeal !== null && appeal.outcome === null;

/** Whether they proposed it, agreed to it, asked for it, or it is about them. */
export const hadPart = ({ subject, decidedBy, agreedBy, mineAsked }: Decision, me: AccountId): boolean => mineAsked || [subject, decidedBy, agreedBy].includes(me);

/** What waits, by when it should have been answered; what has no such time comes last, in the order it had. */
export function byClock(decisions: readonly Decision[]): Decision[] {
  return [...decisions].sort((one, other) => (one.dueAt ?? Number.MAX_VALUE) - (other.dueAt ?? Number.MAX_VALUE));
}

export function waysOf(decision: Decision, me: AccountId): Ways {
  const { subject, state, decidedBy } = decision;
  const waits = state === "proposed" && subject !== me;
  return {
    agree: waits && decision.mayAgree,
    refuse: waits && (decision.mayAgree || decidedBy === me),
    answer: objected(decision) && decision.mayAnswer,
    lift: state === "in_force" && decision.mayLift && !objected(decision),
  };
}
