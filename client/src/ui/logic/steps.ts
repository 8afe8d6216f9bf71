import type { AuditEntry } from "../../contract/index.ts";
import { words } from "../words/index.ts";

type Said = Record<string, string>;

/** What an entry of the moderators' log says beyond its action, in words; empty when that is nothing for a person to read. */
export function detailOf({ action, detail }: Pick<AuditEntry, "action" | "detail">): string {
  const { cases, decisions, openness, roles } = words;
  const [first = "", second = ""] = detail.split("/");
  const of = (said: Said, code: string): string => (Object.hasOwn(said, code) ? said[code] : undefined) ?? "";
  if (action === "case_opened") return listed(of(cases.short, first), of(cases.urgencies, second));
  if (action === "case_closed") return of(openness.codes.cases_by_outcome, detail);
  if (action === "appeal_closed") return listed(of(openness.codes.appeals_by_outcome, first), of(openness.codes.appeals_by_reason, second));
  if (action === "decision_lifted") return listed(of(decisions.kinds, first), of(decisions.list.lifting, second));
  if (/^(?:decision_|appeal_made)/u.test(action)) return of(decisions.kinds, first);
  if (/^(?:invite_|role_)/u.test(action)) return listed(of(roles, first), second === "" ? "" : openness.log.uses(Number(second)));
  const rights = listed(...detail.split(",").map((code) => of(decisions.rights, code)));
  if (action === "rights_set" && rights !== "") return openness.log.taken(rights);
  if (action === "rules_set" && rights !== "") return openness.log.two(rights);
  return "";
}

function listed(...parts: string[]): string {
  return parts.filter((part) => part !== "").join(", ");
}
