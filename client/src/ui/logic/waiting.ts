import type { CaseFile } from "../../state/contract-cases.ts";

/** What waits for a moderator, each thing once: questions that nobody has, and what was written in those that they have. */
export function waitingOf(files: readonly CaseFile[], talks: number): ReadonlySet<string> {
  const questions = files.filter(({ state }) => state === "unclaimed").map(({ id }) => `question ${id}`);
  const written = files.filter(({ mine, unread }) => mine && unread > 0).map(({ id, unread }) => `written ${id} ${unread}`);
  return new Set([...questions, ...written, ...(talks > 0 ? [`talks ${talks}`] : [])]);
}

/** Whether something waits now that did not wait before. */
export function isNews(before: ReadonlySet<string>, now: ReadonlySet<string>): boolean {
  return [...now].some((one) => !before.has(one));
}
