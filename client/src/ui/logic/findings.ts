import type { Concern } from "../../state/contract-cases.ts";
import { FINDINGS, type Decision, type DecisionKind, type Finding } from "../../state/contract-decisions.ts";

const BY_CONCERN: Partial<Record<Concern, Finding>> = { recruitment: "lured", threats: "threatened", harassment: "went_on", illegal_images: "pictures" };
/** The cards that a new network starts with, by their titles (chat/actions/networks.py). */
const BY_CARD: Partial<Record<string, Finding>> = { "Be kind": "hurtful", "What is said here stays here": "told_on", "No buying, selling or recruiting": "lured" };

/** What can be chosen. That somebody asked to hurt others is said of a pause from asking alone; the server keeps to it too. */
export const findingsFor = (kind: DecisionKind): Finding[] => FINDINGS.filter((one) => one !== "false_reports" || kind === "limit_reports");

/** For a whole branch, to which nobody writes what else it is. */
export const findingsForBranch = (): Finding[] => findingsFor("ban").filter((one) => one !== "other");

export interface Suggesting {
  kind: DecisionKind;
  /** The number of a card, 0 for the law; null until one is chosen. */
  reason: number | null;
  /** The title of that card. */
  title: string | null;
  /** What whoever asked was worried about; null without a question. */
  concern: Concern | null;
  /** What was decided before in the network, newest first. */
  before: readonly Pick<Decision, "kind" | "ground" | "card" | "finding">[];
}

/** What is nearest: what was found last for the same card or the law, else what the question or the card is about. */
export function suggested({ kind, reason, title, concern, before }: Suggesting): Finding | null {
  if (reason === null) return null;
  if (kind === "limit_reports") return "false_reports";
  const same = before.find((one) => one.finding !== null && one.finding !== "false_reports" && (one.ground === "law" ? reason === 0 : one.card === reason));
  return (concern && BY_CONCERN[concern]) ?? same?.finding ?? (title === null ? null : (BY_CARD[title] ?? null));
}
