import { expect, test } from "vitest";
import type { Person } from "../../contract/index.ts";
import { sayNote } from "./sayings.ts";

const people: Record<string, Partial<Person>> = { me: { me: true, name: "Heron" }, asha: { name: "Asha" }, new: { name: null }, amal: { name: "أمل" } };
const engine = { person: (account: string) => (people[account] ? ({ account, hearsay: false, me: false, role: null, sharedRooms: [], blocked: false, name: null, ...people[account] } satisfies Person) : null) };

test("who came and who went is said from where one stands", () => {
  expect(sayNote({ type: "joined", account: "asha", by: null }, engine)).toBe("Asha joined");
  expect(sayNote({ type: "joined", account: "asha", by: "asha" }, engine)).toBe("Asha joined");
  expect(sayNote({ type: "joined", account: "me", by: "asha" }, engine)).toBe("Asha added you");
  expect(sayNote({ type: "joined", account: "new", by: "me" }, engine)).toBe("You added Someone new");
  expect(sayNote({ type: "joined", account: "asha", by: "me" }, engine, true)).toBe("Asha can read this");
  expect(sayNote({ type: "left", account: "me", by: null }, engine)).toBe("You left");
  expect(sayNote({ type: "removed", account: "asha", by: null }, engine)).toBe("Asha is no longer here");
  expect(sayNote({ type: "renamed", account: "asha", name: "Garden" }, engine)).toBe("Asha named the group “Garden”");
  expect(sayNote({ type: "renamed", account: "gone", name: "Garden" }, engine)).toBe("Someone new named the group “Garden”");
});

test("a name in another direction does not turn the sentence around", () => {
  expect(sayNote({ type: "joined", account: "amal", by: null }, engine)).toBe("\u2068أمل\u2069 joined");
});
