import { words } from "../words/index.ts";

const formats = new Map<string, Intl.DateTimeFormat>();

function format(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const id = words.lang + JSON.stringify(options);
  let made = formats.get(id);
  if (!made) formats.set(id, (made = new Intl.DateTimeFormat(words.lang === "en" ? "en-GB" : words.lang, options)));
  return made;
}

/** A number that is the same for all times of one local calendar day, and grows by the day (yyyymmdd). */
export function dayOf(at: number): number {
  const date = new Date(at);
  return date.getFullYear() * 10000 + (date.getMonth() + 1) * 100 + date.getDate();
}

/** Local calendar days from `at` to `now`; 0 today, 1 yesterday, negative in the future. */
export function daysAgo(at: number, now: number): number {
  const start = (time: number): number => {
    const date = new Date(time);
    return Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  };
  return Math.round((start(now) - start(at)) / 86_400_000);
}

/** "14:20" */
export function clock(at: number): string {
  return format({ hour: "2-digit", minute: "2-digit" }).format(at);
}

/** "Today", "Yesterday", "Monday", "3 March", "3 March 2024" */
export function dayLabel(at: number, now: number): string {
  const ago = daysAgo(at, now);
  if (ago === 0) return words.time.today;
  if (ago === 1) return words.time.yesterday;
  if (ago > 1 && ago < 7) return format({ weekday: "long" }).format(at);
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return format(sameYear ? { day: "numeric", month: "long" } : { day: "numeric", month: "long", year: "numeric" }).format(at);
}

/** "14:20", "yesterday, 14:20", "tomorrow, 00:20", "Monday, 14:20", "3 March, 14:20" */
export function moment(at: number, now: number): string {
  const ago = daysAgo(at, now);
  if (ago === 0) return clock(at);
  if (ago === 1) return words.time.yesterdayAt(clock(at));
  if (ago === -1) return words.time.tomorrowAt(clock(at));
  return words.time.at(dayLabel(at, now), clock(at));
}

/** Short enough for the end of a line: "14:20", "Yesterday", "Mon", "3 Mar", "3 Mar 2024" */
export function brief(at: number, now: number): string {
  const ago = daysAgo(at, now);
  if (ago === 0) return clock(at);
  if (ago === 1) return words.time.yesterday;
  if (ago > 1 && ago < 7) return format({ weekday: "short" }).format(at);
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return format(sameYear ? { day: "numeric", month: "short" } : { day: "numeric", month: "short", year: "numeric" }).format(at);
}

/** A day to come or gone by, for invites: "14 March" or "14 March 2027". */
export function date(at: number, now: number): string {
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return format(sameYear ? { day: "numeric", month: "long" } : { day: "numeric", month: "long", year: "numeric" }).format(at);
}
