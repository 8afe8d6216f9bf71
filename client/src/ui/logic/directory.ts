import type { Person, RoomSummary } from "../../contract/index.ts";
import { matches } from "./names.ts";

/** Rooms and people as the chats list shows them, narrowed by what is searched for. */
export function directory(rooms: readonly RoomSummary[], people: readonly Person[], query: string): { mine: RoomSummary[]; open: RoomSummary[]; people: Person[] } {
  const wanted = query.trim();
  const found = rooms.filter((room) => !room.hidden).filter((room) => wanted === "" || matches(room.title, wanted));
  return {
    mine: found.filter((room) => room.joined),
    open: found.filter((room) => !room.joined),
    people: wanted === "" ? [] : people.filter((person) => !person.me && !person.blocked && person.name !== null && matches(person.name, wanted)),
  };
}

/** People to choose from: not oneself, not those in `without`, by name, those without a name last. */
export function choosable(people: readonly Person[], without: ReadonlySet<string>, query = ""): Person[] {
  return people
    .filter((person) => !person.me && !person.blocked && !without.has(person.account) && (query.trim() === "" || matches(person.name ?? "", query)))
    .sort((a, b) => (a.name === null ? 1 : b.name === null ? -1 : a.name.localeCompare(b.name)));
}
