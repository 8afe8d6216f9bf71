/** Bodies of the HTTP API about cases (docs/protocol.md, section 11). */
import { count, flag, list, nullable, object, oneOf, text, uuid } from "./shape.ts";

export const concern = oneOf("danger", "self_harm", "recruitment", "threats", "harassment", "illegal_images", "other");
export const urgency = oneOf("now", "today", "soon");

export const caseBody = object({
  id: uuid, room: nullable(uuid), concern, urgency, state: oneOf("unclaimed", "claimed", "waiting", "closed"),
  opened_at: count, mine: flag, claimed_by: nullable(uuid), closed_at: nullable(count),
  outcome: nullable(oneOf("helped", "acted", "referred", "nothing_found", "withdrawn")),
  staff: list(uuid), due_at: nullable(count), moved_at: nullable(count), answered: nullable(flag), asked_at: nullable(count), opened_by: nullable(uuid), subjects: nullable(list(uuid)), notes: nullable(uuid), notes_gone: nullable(flag),
});
export type CaseBody = ReturnType<typeof caseBody>;

export const casesBody = object({ cases: list(caseBody), more: flag });
export const staffBody = object({ staff: list(uuid) });

export const referralBody = object({
  id: uuid, proposed_by: nullable(uuid), proposed_at: count, consented: nullable(flag), needs_second: flag,
  agreed_by: nullable(uuid), agreed_at: nullable(count), refused_by: nullable(uuid), refused_at: nullable(count), ready: flag, handed_over_at: nullable(count), due_at: nullable(count),
});
export type ReferralBody = ReturnType<typeof referralBody>;
export const referralsBody = object({ referrals: list(referralBody) });

export const attestationsBody = object({ attestations: list(text) });
