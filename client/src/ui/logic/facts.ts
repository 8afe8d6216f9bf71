import type { AccountId, Exhibit, Facts, Report, RoomId } from "../../contract/index.ts";
import { words } from "../words/index.ts";
import { within } from "./names.ts";
import { date } from "./time.ts";

/** As much of a report as counts here. */
export interface Showing {
  roomKind: Report["roomKind"];
  exhibits: readonly Pick<Exhibit, "room" | "seq" | "at" | "from" | "changes" | "doubt">[];
}

/** Where fewer people than these can have seen it, the place or the day would tell who asked; the server keeps to it too. */
const FEWEST = 5;

/**
 * Whether so few are in a room that naming it would tell who asked. `people`: how many are in it, null where this device
 * does not know: then only an open room that was shown passes for a large one.
 */
export function fewIn(reports: readonly Showing[], people: (room: RoomId) => number | null): (room: RoomId) => boolean {
  const open = new Set(reports.filter(({ roomKind }) => roomKind === "open").flatMap(({ exhibits }) => exhibits.map(({ room }) => room)));
  return (room) => (people(room) ?? (open.has(room) ? FEWEST : 0)) < FEWEST;
}

/**
 * What was shown of somebody, as far as they may be told of it: of messages that are proven to be theirs, if there are any.
 * Null when nothing was. `people` as above.
 */
export function factsOf(reports: readonly Showing[], subject: AccountId, people: (room: RoomId) => number | null): Facts | null {
  const all = once(reports.flatMap(({ exhibits }) => exhibits.filter(({ from, changes }) => from === subject && changes === null)));
  const sure = all.filter(({ doubt }) => doubt === null);
  const shown = sure.length > 0 ? sure : all;
  if (shown.length === 0) return null;
  const rooms = [...new Set(shown.map(({ room }) => room))];
  const few = fewIn(reports, people);
  const many = !rooms.some((room) => few(room));
  const days = shown.map(({ at }) => dayOf(at)).sort();
  return {
    messages: shown.length, proven: sure.length > 0,
    days: many ? { first: days[0] ?? "", last: days.at(-1) ?? "" } : null, rooms: many ? rooms : [],
  };
}

/** "It rests on 3 messages from 12 November to 14 November in “Harbour Evening”." Rooms that are not known here stay unsaid. */
export function restsOn({ messages, days, rooms }: Facts, title: (room: RoomId) => string, now: number): string {
  const said = words.decisions.rests;
  const named = rooms.map(title).filter((one) => one !== "").map((one) => said.room(within(one)));
  return said.all([said.messages(messages), ...(days ? [daysSaid(days, now)] : []), ...named].join(" "));
}

export function daysSaid({ first, last }: { first: string; last: string }, now: number): string {
  const said = words.decisions.rests;
  return first === last ? said.day(date(atDay(first), now)) : said.days(date(atDay(first), now), date(atDay(last), now));
}

/** The same message may have been shown twice. */
function once(exhibits: Showing["exhibits"]): Showing["exhibits"] {
  return [...new Map(exhibits.map((one) => [`${one.room} ${String(one.seq)}`, one])).values()];
}

/** YYYY-MM-DD, as this device's calendar has it. */
function dayOf(at: number): string {
  const day = new Date(at);
  return [day.getFullYear(), day.getMonth() + 1, day.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
}

function atDay(day: string): number {
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  return new Date(year, month - 1, date).getTime();
}
