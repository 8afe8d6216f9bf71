import { expect, test } from "vitest";
import type { ShownMessage, SystemNote } from "../../contract/index.ts";
import { words } from "../words/index.ts";
import { sayNote } from "./sayings.ts";
import { peopleWithout, withoutName } from "./nameless.ts";

const message = (more: Partial<ShownMessage>): ShownMessage => ({
  key: "1", room: "r", seq: 1, at: 1, from: "tala", name: "Tala", mine: false, body: { type: "text", text: "hello" }, edited: false, hidden: false,
  replyTo: null, reactions: [], state: null, ...more,
});
const tala = { account: "tala", name: "Tala" };
const reply = (name: string): NonNullable<ShownMessage["replyTo"]> => ({ key: "0", name, excerpt: "hello", hidden: false });

test("whoever gave no name has none in what they write, nor in what quotes them, nor their colour", () => {
  expect(JSON.stringify(withoutName(message({}), tala))).not.toMatch(/tala/iu);
  expect(withoutName(message({ from: "mira", name: "Mira", replyTo: reply("Tala") }), tala)).toMatchObject({ from: "mira", name: "Mira", replyTo: { name: words.helping.asker } });
});

test("everybody else is who they are", () => {
  const others = message({ from: "mira", name: "Mira", replyTo: reply("Asha") });
  expect(withoutName(others, tala)).toEqual(others);
  expect(withoutName(others, { account: "tala", name: null })).toEqual(others);
});

test("nor have they one in the lines that nobody wrote, whether this device knows them or not", () => {
  const known = { account: "tala", name: "Tala", hearsay: false, me: false, role: null, sharedRooms: [], blocked: false };
  for (const person of [known, null]) {
    const { person: called } = peopleWithout({ person: (account) => (account === "tala" ? person : known) }, () => "tala");
    expect(called("tala")?.name).toBe(words.helping.asker);
    expect(called("mira")).toBe(known);
  }
  expect(sayNote({ type: "left", account: "tala" } as SystemNote, peopleWithout({ person: () => known }, () => "tala"))).toBe(words.system.left(words.helping.asker));
});

test("nor in what somebody passes on of what they said", () => {
  const retold = { by: "tala", name: "Tala", at: 1 };
  expect(withoutName(message({ from: "mira", name: "Mira", body: { type: "text", text: "hello", retold } }), tala)).toMatchObject({ from: "mira", body: { retold: { name: words.helping.asker } } });
  expect(JSON.stringify(withoutName(message({ body: { type: "text", text: "hello", retold } }), tala))).not.toMatch(/tala/iu);
});
