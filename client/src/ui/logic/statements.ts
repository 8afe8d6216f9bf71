import type { Statement } from "../../contract/index.ts";
import { words } from "../words/index.ts";
import { within } from "./names.ts";

/** What was taken back is no longer said to be so. */
export const takenBack = ({ state }: Pick<Statement, "state">): boolean => state === "lifted" || state === "overturned";

/** What of their own is known of it, or of the branch that they are in: one sentence after the other. */
export function happened({ branch, branchFact, byOperator, basedOn }: Statement): string[] {
  const { mine } = words.reasons;
  const { operator, from, human } = words.decisions.mine;
  const who = byOperator ? `${operator} ${mine.operatorFrom[basedOn]}` : from[basedOn];
  const why = branchFact === null ? [] : [(branch ? mine.facts : mine.topFacts)[branchFact]];
  const group = branch ? [[mine.branch, ...why].join(" "), mine.notYou] : why.length > 0 ? [[mine.top, ...why].join(" ")] : [];
  return [...group, `${who} ${human}`];
}

/** Which card or law it is for (DSA article 17(3)(d) and (e)). */
export function groundOf(one: Statement): string {
  const said = words.decisions.mine;
  if (one.card === null) return lawOf(one);
  if (one.branch) return said.conductOfBranch(one.card.title);
  return (takenBack(one) ? said.conductThen : said.conduct)(one.card.title);
}

function lawOf(one: Statement): string {
  const { law, mine } = words.decisions;
  if (one.law === null) return `${takenBack(one) ? mine.lawThen : mine.law} ${law.unnamed}`;
  return (one.branch ? law.ofBranch : takenBack(one) ? law.forbade : law.forbids)(within(one.law));
}

/** Why it falls under that: what is said of it, and what of that stands as it was written or chosen. */
export function fallsUnder({ finding, said, branch }: Statement): { line: string; quote: string | null; more: string | null } {
  const { mine, found } = words.reasons;
  if (said !== null) return { line: mine.operator, quote: said.why, more: null };
  if (finding === null) return { line: mine.unsaid, quote: null, more: null };
  return { line: branch ? mine.seenOfBranch : mine.seen, quote: found[finding], more: finding === "other" ? mine.other : null };
}
