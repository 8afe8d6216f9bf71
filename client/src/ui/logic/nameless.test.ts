import { expect, test } from "vitest";
import type { ShownMessage } from "../../state/contract.ts";
import { words } from "../words/index.ts";
import { withoutName } from "./nameless.ts";

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
