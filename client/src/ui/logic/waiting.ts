import type { AccountId, CaseFile, Decision } from "../../contract/index.ts";
import { words } from "../words/index.ts";
import { isLate } from "./cases.ts";
import { waysOf } from "./ways.ts";

/** Proposals and objections that this moderator can answer: neither about them, nor of what they had a part in. */
export function forSecond(decisions: readonly Decision[], me: AccountId): Decision[] {
  return decisions.filter((decision) => {
    const { agree, answer } = waysOf(decision, me);
    return agree || answer;
  });
}

/** What the way to the questions says of what waits: first what this moderator is late with, else what nobody has; and `decisions` that wait for them. */
export function waitsText(files: readonly CaseFile[], decisions: number, now: number): string {
  const said = words.cases.console;
  const late = files.filter((file) => isLate(file, now)).length;
  const free = files.filter(({ state }) => state === "unclaimed").length;
  const second = decisions > 0 ? [said.rowSecond(decisions)] : [];
  const first = late > 0 ? [said.rowLate(late)] : free > 0 || (files.length > 0 && decisions === 0) ? [said.rowText(free)] : [];
  return [...first, ...second].join(". ") || said.rowNone;
}

/** What waits for a moderator, each thing once: questions that nobody has, what was written in those that they have and which are late, and `decisions`. */
export function waitingOf(files: readonly CaseFile[], talks: number, now: number, decisions: readonly Decision[] = []): ReadonlySet<string> {
  const questions = files.filter(({ state }) => state === "unclaimed").map(({ id }) => `question ${id}`);
  const written = files.filter(({ mine, unread }) => mine && unread > 0).map(({ id, unread }) => `written ${id} ${unread}`);
  const late = files.filter((file) => isLate(file, now)).map(({ id, answerFrom }) => `late ${id} ${answerFrom ?? 0}`);
  const second = decisions.map(({ id, state, dueAt }) => `decision ${id} ${state}${dueAt !== null && dueAt < now ? " late" : ""}`);
  return new Set([...questions, ...written, ...late, ...second, ...(talks > 0 ? [`talks ${talks}`] : [])]);
}

/** Whether something waits now that did not wait before. */
export function isNews(before: ReadonlySet<string>, now: ReadonlySet<string>): boolean {
  return [...now].some((one) => !before.has(one));
}
