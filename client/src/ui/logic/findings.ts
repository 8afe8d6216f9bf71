import { type Concern, type Decision, type DecisionKind, type Finding, FINDINGS } from "../../contract/index.ts";

const BY_CONCERN: Partial<Record<Concern, Finding>> = { recruitment: "lured", threats: "threatened", harassment: "went_on", illegal_images: "pictures" };

/** What can be chosen. That somebody asked to hurt others is said of a pause from asking alone; the server keeps to it too. */
export const findingsFor = (kind: DecisionKind): Finding[] => FINDINGS.filter((one) => one !== "false_reports" || kind === "limit_reports");

/** For a whole branch, to which nobody writes what else it is. */
export const findingsForBranch = (): Finding[] => findingsFor("ban").filter((one) => one !== "other");

export interface Suggesting {
  kind: DecisionKind;
  /** The number of a card, 0 for the law; null until one is chosen. */
  reason: number | null;
  /** What that card says that a breach of it is, a `Finding`; null where it says nothing. */
  card: string | null;
  /** What whoever asked was worried about; null without a question. */
  concern: Concern | null;
  /** What was decided before in the network, newest first. */
  before: readonly Pick<Decision, "kind" | "ground" | "card" | "finding">[];
}

/** What is nearest: what was found last for the same card or the law, else what the question or the card is about. */
export function suggested({ kind, reason, card, concern, before }: Suggesting): Finding | null {
  if (reason === null) return null;
  if (kind === "limit_reports") return "false_reports";
  const same = before.find((one) => one.finding !== null && one.finding !== "false_reports" && (one.ground === "law" ? reason === 0 : one.card === reason));
  return (concern && BY_CONCERN[concern]) ?? same?.finding ?? findingsFor(kind).find((one) => one === card) ?? null;
}
