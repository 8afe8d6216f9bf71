import type { Period } from "../../state/contract-openness.ts";
import { words } from "../words/index.ts";

/** The last whole months (UTC) that are over at `now`, as many as `months`. */
export function lastMonths(now: number, months: number): Period {
  const date = new Date(now);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  const day = (at: number): string => new Date(at).toISOString().slice(0, 10);
  return { start: day(Date.UTC(year, month - months, 1)), end: day(Date.UTC(year, month, 0)) };
}

/** "October 2026", "August – October 2026" */
export function monthsOf({ start, end }: Period): string {
  const format = new Intl.DateTimeFormat(words.lang === "en" ? "en-GB" : words.lang, { month: "long", year: "numeric", timeZone: "UTC" });
  return format.formatRange(new Date(start), new Date(end));
}
