/** Bodies of the HTTP API about decisions (docs/protocol.md, section 11.1). */
import { count, flag, list, nullable, object, oneOf, text, uuid } from "./shape.ts";

const kinds = ["warn", "remove_from_room", "mute", "limit_reports", "suspend", "ban"] as const;
const kind = oneOf(...kinds);
const state = oneOf("proposed", "in_force", "expired", "refused", "lifted", "overturned");
const ground = oneOf("law", "conduct");
const reason = oneOf("fits", "in_proportion", "does_not_fit", "too_much", "new_facts", "had_part");
const appeal = nullable(object({ made_at: count, outcome: nullable(oneOf("upheld", "overturned")), reason: nullable(reason), closed_at: nullable(count) }));
const lifted = nullable(oneOf("mistake", "heard", "new_facts", "enough"));

const finding = nullable(oneOf("hurtful", "went_on", "threatened", "lured", "asked_private", "told_on", "pictures", "pretended", "advertised", "false_reports", "other"));
const fact = nullable(oneOf("one", "several", "astray"));
const said = nullable(object({ facts: text, why: text }));
const facts = nullable(object({ messages: nullable(count), proven: nullable(flag), days: nullable(object({ first: text, last: text })), rooms: list(uuid) }));

export const branchSizeBody = object({ people: count, second: flag, nobody_else: flag });
export const cutsBody = object({
  cuts: list(object({
    id: uuid, case: nullable(uuid), root: uuid, about_asker: flag, include_root: flag, ground, card: nullable(count), law: nullable(text), finding, branch_fact: fact,
    people: count, people_then: count, may_agree: flag, nobody_else: flag, proposed_by: nullable(uuid), proposed_at: count,
  })),
});

export const decisionBody = object({
  id: uuid, case: nullable(uuid), mine_asked: flag, about_asker: flag, may_lift: flag, may_agree: flag, may_answer: flag, subject: nullable(uuid), kind, ground, card: nullable(count), law: nullable(text), finding, branch: flag, branch_fact: fact, by_operator: flag, said, facts, room: nullable(uuid), until: nullable(count),
  state, lifted_for: lifted, decided_by: nullable(uuid), agreed_by: nullable(uuid), decided_at: count, in_force_at: nullable(count), ended_at: nullable(count), due_at: nullable(count), appeal, talk: nullable(uuid), talk_with: list(uuid),
});
export type DecisionBody = ReturnType<typeof decisionBody>;
export const decisionsBody = object({ decisions: list(decisionBody), more: flag });

export const statementBody = object({
  decision: uuid, kind, room: nullable(uuid), state, lifted_for: lifted, since: count, until: nullable(count), based_on: oneOf("report", "own_initiative"), ground,
  card: nullable(object({ title: text, text })), law: nullable(text), finding, branch: flag, branch_fact: fact, by_operator: flag, said, facts, appeal_until: count, somebody_else: flag, appeal, talk: nullable(uuid), talk_with: list(uuid),
});
export type StatementBody = ReturnType<typeof statementBody>;
export const statementsBody = object({ statements: list(statementBody) });

export const moderatorsBody = object({
  moderators: list(object({ account: uuid, role: oneOf("member", "moderator", "coordinator"), denied: list(oneOf(...kinds, "export", "hand_over")) })),
  second_for: list(oneOf(...kinds, "hand_over")), alone_days: count,
});
