import type { Asker, CaseFile, Concern, Decision, Question, RoomId, Urgency } from "../../contract/index.ts";
import { words } from "../words/index.ts";
import { moment } from "./time.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Within which time somebody should have taken a question, as the server counts it (docs/protocol.md, section 11). */
export const TAKEN_WITHIN: Readonly<Record<Urgency, number>> = { now: 15 * MINUTE, today: 4 * HOUR, soon: 3 * DAY };
/** The same for an answer, once it is taken. */
export const ANSWERED_WITHIN: Readonly<Record<Urgency, number>> = { now: 30 * MINUTE, today: 4 * HOUR, soon: 2 * DAY };

export const CONCERNS: readonly Concern[] = ["danger", "self_harm", "threats", "recruitment", "harassment", "illegal_images", "other"];

/** Somebody's life may depend on it. */
const grave = (concern: Concern): boolean => concern === "danger" || concern === "self_harm";

/** Whom to call comes first. */
export const isUrgent = ({ concern, urgency }: Pick<Question, "concern" | "urgency">): boolean => grave(concern) || urgency === "now";

export const usualUrgency = (concern: Concern): Urgency => (grave(concern) ? "now" : "today");

/** When somebody should have taken it. */
export const takenBy = (question: Pick<Question, "openedAt" | "urgency">): number => question.openedAt + TAKEN_WITHIN[question.urgency];

/** When whoever has it should have written, as far as the device of whoever asked can tell; null while it is not their turn. */
function answerBy(question: Question): number | null {
  const { answerFrom, openedAt, urgency } = question;
  if (answerFrom === null) return null;
  // Before anybody wrote, the time to take it comes first.
  return Math.max(answerFrom, answerFrom === openedAt ? takenBy(question) : 0) + ANSWERED_WITHIN[urgency];
}

/** How it stands for whoever asked: what a moderator lets wait before anybody wrote to them does not wait for them. */
export function stateOf({ state, answerFrom, openedAt }: Question): Question["state"] {
  return state === "waiting" && answerFrom === openedAt ? "claimed" : state;
}

/** What whoever asked reads of how it stands. */
export function standingOf(question: Question, now: number): string {
  const { outcome, unopened } = question;
  const state = stateOf(question);
  const texts = words.cases.stateText;
  if (state === "closed") return outcome ? words.cases.outcomes[outcome] : words.cases.state.closed;
  if (question.unreadable) return texts.unreadable;
  if (unopened && state !== "sending" && state !== "refused") return state === "unclaimed" ? texts.unopened : texts.unopenedTaken;
  if (state === "unclaimed") return takenBy(question) < now ? texts.late : texts.unclaimed(moment(takenBy(question), now));
  if (state === "claimed" && question.answerFrom === null) return texts.answered;
  if (state === "claimed" && (answerBy(question) ?? Infinity) < now) return texts.lateAnswer;
  return texts[state];
}

/** What a line over the chats says of it; null when they know. */
export function newsOf({ unread, unseen, state }: Question): string | null {
  const said = words.cases;
  if (unread > 0) return said.line;
  if (!unseen) return null;
  return state === "closed" ? said.lineEnded : state === "refused" ? said.lineRefused : said.lineStayed;
}

const STAYED = ["closed", "reader", "unproven", "picture"] as const;

/** What else they read of it: what is on its way besides, and what stayed behind. */
export function besideStanding({ state, elsewhere, underway, stayed }: Question): string[] {
  const said = words.cases.mine;
  const way = underway === null || state === "sending" ? [] : [said.underway[underway]];
  return [...(elsewhere ? [said.elsewhere] : []), ...way, ...STAYED.flatMap((why) => (stayed[why] ? [said.stayed[why](stayed[why])] : []))];
}

/** Whom to call stands above it: also when the server did not take it. */
export const callsFirst = (question: Pick<Question, "concern" | "urgency" | "state">): boolean => question.state !== "closed" && isUrgent(question);

export interface Clock {
  text: string;
  late: boolean;
}

type Timed = Pick<CaseFile, "dueAt" | "answerFrom" | "state" | "urgency">;

/** When somebody should have taken it or, once it is taken, answered; null while it needs no moderator. */
function deadline({ dueAt, answerFrom, state, urgency }: Timed): number | null {
  if (state === "unclaimed") return dueAt;
  return answerFrom === null || state === "closed" ? null : answerFrom + ANSWERED_WITHIN[urgency];
}

/** "4 min left" until it is taken, "Answer within 20 min" afterwards, "Late by 2 h"; null while it needs no moderator. */
export function clockOf(file: Timed, now: number): Clock | null {
  const by = deadline(file);
  if (by === null) return null;
  const said = words.cases.console;
  if (file.state !== "unclaimed") return answerClock(by, now);
  return { text: by < now ? said.late(lengthOf(by, now)) : said.due(lengthOf(by, now)), late: by < now };
}

/** Until when a moderator should have answered: "Answer within 20 min", "Late by 2 h". */
export function answerClock(by: number, now: number): Clock {
  const said = words.cases.console;
  return { text: by < now ? said.lateBy(lengthOf(by, now)) : said.answerWithin(lengthOf(by, now)), late: by < now };
}

function lengthOf(by: number, now: number): string {
  const said = words.cases.console;
  const span = Math.abs(by - now);
  return span < HOUR ? said.minutes(Math.ceil(span / MINUTE)) : span < 2 * DAY ? said.hours(Math.round(span / HOUR)) : said.days(Math.round(span / DAY));
}

/** This moderator has it, and should have answered before now. */
export const isLate = (file: CaseFile, now: number): boolean => file.mine && file.state !== "unclaimed" && (deadline(file) ?? Infinity) < now;

/** Whoever has it has answered, and so it stays as far as this device can read: one outside of the room cannot tell. */
export const isAnswered = ({ state, answerFrom, inside }: CaseFile): boolean => state === "claimed" && answerFrom === null && inside;

export type Group = "late" | "unclaimed" | "mine" | "others" | "waiting" | "closed";

export function groupOf(file: CaseFile, now: number): Group {
  if (file.state === "closed") return "closed";
  if (isLate(file, now)) return "late";
  // What was set to wait is to be answered again once whoever asked has written.
  if (file.state === "waiting" && file.answerFrom === null) return "waiting";
  if (file.state !== "claimed" && file.state !== "waiting") return "unclaimed";
  return file.mine ? "mine" : "others";
}

const ORDER: readonly Group[] = ["late", "unclaimed", "mine", "waiting", "others", "closed"];
const TAKEN: readonly Group[] = ["late", "mine", "others"];

/** The queue in the order in which it is looked at, without empty groups; in those that are taken by who waits longest, else as the engine sorted it. */
export function grouped(files: readonly CaseFile[], now: number): { group: Group; files: CaseFile[] }[] {
  const sorted = (group: Group): CaseFile[] => {
    const some = files.filter((file) => groupOf(file, now) === group);
    return TAKEN.includes(group) ? some.sort((one, other) => (deadline(one) ?? Infinity) - (deadline(other) ?? Infinity) || 0) : some;
  };
  return ORDER.map((group) => ({ group, files: sorted(group) })).filter(({ files: some }) => some.length > 0);
}

/** "Asked 4 times without a name in the last 30 days. Closed: 2 × nothing had to be done, 1 × taken back." */
export function askedText({ times, named, outcomes }: Asker): string {
  const said = words.cases.about;
  const ended = Object.entries(outcomes).sort(([, one], [, other]) => other - one).map(([outcome, n]) => {
    const how = said.outcomes[outcome as keyof typeof outcomes];
    return times === 1 ? how : said.count(how, n);
  });
  return [said.times(times, named), ...(ended.length > 0 ? [said.ended(ended.join(", "))] : [])].join(" ");
}

/**
 * Of the decisions about an account those that belong beside what is known of the person, or with `nameless` beside what
 * they asked without a name. One about whoever asked without a name would tell who that was, and the others would too.
 */
export function besides(decisions: readonly Decision[], nameless: boolean): Decision[] {
  return decisions.filter(({ asker, named }) => (asker && !named) === nameless);
}

/** What restricts somebody in a room now, as the page shows it that their name there leads to. */
export function holdingIn(decisions: readonly Decision[], room: RoomId): Decision[] {
  return besides(decisions, false).filter((one) => one.room === room && one.state === "in_force");
}

/** It was about whoever asked without a name in a case that is forgotten: nothing else of theirs can stand beside it. */
export const standsAlone = ({ asker, named, case: from }: Decision): boolean => asker && !named && from === null;

/** The same that are or were in force, the newest first. */
export function decidedOf(decisions: readonly Decision[], nameless: boolean): Decision[] {
  return besides(decisions, nameless).filter(({ inForceAt }) => inForceAt !== null).sort((one, other) => (other.inForceAt ?? 0) - (one.inForceAt ?? 0));
}
