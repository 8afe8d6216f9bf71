import type { Period } from "../../contract/index.ts";
import { words } from "../words/index.ts";

/** How long a quarter is over before it is told: what was asked in its last days is closed by then. */
const SETTLING = 28 * 86_400_000;

/** The last calendar quarters (UTC) that are told at `now`, the newest first: the server tells of no other time. */
export function lastQuarters(now: number, count: number): Period[] {
  const date = new Date(now - SETTLING);
  const [year, month] = [date.getUTCFullYear(), Math.floor(date.getUTCMonth() / 3) * 3];
  const day = (at: number): string => new Date(at).toISOString().slice(0, 10);
  return Array.from({ length: count }, (_, before) => ({ start: day(Date.UTC(year, month - 3 * (before + 1), 1)), end: day(Date.UTC(year, month - 3 * before, 0)) }));
}

/** "October 2026", "July – September 2026" */
export function monthsOf({ start, end }: Period): string {
  const format = new Intl.DateTimeFormat(language(), { month: "long", year: "numeric", timeZone: "UTC" });
  return format.formatRange(new Date(start), new Date(end));
}

/** "30 September 2026" */
export function dayOf(day: string): string {
  return new Intl.DateTimeFormat(language(), { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" }).format(new Date(day));
}

const language = (): string => (words.lang === "en" ? "en-GB" : words.lang);
