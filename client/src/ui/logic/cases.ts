import type { CaseFile, Concern, Question, Urgency } from "../../state/contract-cases.ts";
import { words } from "../words/index.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Within which time somebody should have taken a question, as the server counts it (docs/protocol.md, section 11). */
export const ANSWER_WITHIN: Readonly<Record<Urgency, number>> = { now: 15 * MINUTE, today: 4 * HOUR, soon: 3 * DAY };

export const CONCERNS: readonly Concern[] = ["danger", "self_harm", "threats", "recruitment", "harassment", "illegal_images", "other"];

/** Somebody's life may depend on it: the numbers to call come first. */
export const grave = (concern: Concern): boolean => concern === "danger" || concern === "self_harm";

export const usualUrgency = (concern: Concern): Urgency => (grave(concern) ? "now" : "today");

/** When somebody should have answered. */
export const answerBy = (question: Pick<Question, "openedAt" | "urgency">): number => question.openedAt + ANSWER_WITHIN[question.urgency];

/** "4 min left", "2 h late"; null for a question that needs nobody any more, or that somebody has. */
export function clockOf(file: Pick<CaseFile, "dueAt" | "state">, now: number): { text: string; late: boolean } | null {
  if (file.dueAt === null || file.state !== "unclaimed") return null;
  const said = words.cases.console;
  const late = file.dueAt < now;
  const span = Math.abs(file.dueAt - now);
  const length = span < HOUR ? said.minutes(Math.ceil(span / MINUTE)) : span < 2 * DAY ? said.hours(Math.round(span / HOUR)) : said.days(Math.round(span / DAY));
  return { text: late ? said.late(length) : said.due(length), late };
}

export type Group = "unclaimed" | "mine" | "others" | "waiting" | "closed";

export function groupOf(file: CaseFile): Group {
  if (file.state === "closed") return "closed";
  if (file.state === "waiting") return "waiting";
  if (file.state !== "claimed") return "unclaimed";
  return file.mine ? "mine" : "others";
}

const ORDER: readonly Group[] = ["unclaimed", "mine", "waiting", "others", "closed"];

/** The queue in the order in which it is looked at, without empty groups; within a group as the engine sorted it. */
export function grouped(files: readonly CaseFile[]): { group: Group; files: CaseFile[] }[] {
  return ORDER.map((group) => ({ group, files: files.filter((file) => groupOf(file) === group) })).filter(({ files: some }) => some.length > 0);
}
