import { expect, test } from "vitest";
import type { Person, RoomSummary } from "../../contract/index.ts";
import { choosable, directory } from "./directory.ts";

const room = (id: string, title: string, more: Partial<RoomSummary> = {}): RoomSummary => ({ id, kind: "group", title, joined: true, active: true, unread: 0, members: 3, muted: false, draft: "", last: null, lost: false, coming: false, removed: false, hidden: false, ...more });
const person = (account: string, name: string | null, me = false): Person => ({ account, name, hearsay: false, me, role: null, sharedRooms: [], blocked: false });

test("rooms one is in and rooms one may join are told apart, and a room that was left stays readable", () => {
  const all = [room("a", "A"), room("b", "B", { joined: false, active: false }), room("c", "C", { active: false })];
  const { mine, open } = directory(all, [], "");
  expect(mine.map((one) => one.id)).toEqual(["a", "c"]);
  expect(open.map((one) => one.id)).toEqual(["b"]);
});

test("a search finds rooms and people by any part of the name, and never oneself", () => {
  const found = directory([room("a", "Tuesday circle"), room("b", "Garden")], [person("x", "Circe"), person("y", null), person("me", "Circus", true)], "cir");
  expect(found.mine.map((one) => one.id)).toEqual(["a"]);
  expect(found.people.map((one) => one.account)).toEqual(["x"]);
});

test("people to choose stand by name, the unnamed last, without those who are in already", () => {
  const people = [person("n", null), person("b", "Bibi"), person("a", "Asha"), person("m", "Mira"), person("me", "Me", true)];
  expect(choosable(people, new Set(["m"])).map((one) => one.account)).toEqual(["a", "b", "n"]);
});
