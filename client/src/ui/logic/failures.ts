import { Failure, type FailureCode } from "../../contract/index.ts";
import { words } from "../words/index.ts";
import { moment } from "./time.ts";

/** What a screen says about something that went wrong: what happened, what is not lost, and the next step. */
export function sayFailure(problem: unknown): string {
  // A file of the app itself did not come: each browser says so in its own words.
  if (problem instanceof TypeError && /\bmodule\b/iu.test(problem.message)) return words.later.changed;
  const known = problem instanceof Failure ? problem : null;
  const said = words.failures[known?.code ?? "unexpected"];
  const wait = known?.retryAfterMs ?? 0;
  if (wait < 1000) return said;
  const seconds = Math.ceil(wait / 1000);
  // Not “Try again” and then when.
  const first = known?.code === "pin_mismatch" ? words.pinWait : said;
  return `${first} ${seconds < 90 ? words.waitSeconds(seconds) : words.waitMinutes(Math.ceil(seconds / 60))}`;
}

/** What is said to whoever asked moderators for help and was not heard: a pause from asking, or how much they asked, may be why. */
export function sayNotAsked(problem: unknown, now: number): string {
  const said = words.cases.ask;
  if (!(problem instanceof Failure)) return sayFailure(problem);
  if (problem.code === "suspended") return said.paused;
  if (problem.code !== "conflict") return sayFailure(problem);
  return problem.retryAfterMs === null ? said.many : said.often(moment(now + problem.retryAfterMs, now));
}

export function codeOf(problem: unknown): FailureCode {
  return problem instanceof Failure ? problem.code : "unexpected";
}
