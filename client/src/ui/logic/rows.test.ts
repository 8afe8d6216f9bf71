import { describe, expect, test } from "vitest";
import type { ShownMessage } from "../../contract/index.ts";
import { firstUnreadOf, guessHeight, rowsOf, type MessageRow } from "./rows.ts";

const noon = new Date(2025, 2, 14, 12, 0, 0).getTime();

function message(key: string, from: string, seconds: number, more: Partial<ShownMessage> = {}): ShownMessage {
  return { key, room: "r", seq: 1, at: noon + seconds * 1000, from, name: from, mine: from === "me", body: { type: "text", text: key }, edited: false, hidden: false, replyTo: null, reactions: [], state: null, ...more };
}
const drawn = (messages: ShownMessage[], unread: string | null = null): MessageRow[] => rowsOf(messages, unread).filter((row) => row.kind === "message");
const note: Partial<ShownMessage> = { body: { type: "system", note: { type: "joined", account: "b", by: null } } };

describe("a conversation is grouped by person and minute", () => {
  test("one person in one minute shows the name once and the time once", () => {
    const rows = drawn([message("1", "a", 0), message("2", "a", 10), message("3", "a", 20)]);
    expect(rows.map((row) => row.opens)).toEqual([true, false, false]);
    expect(rows.map((row) => row.closes)).toEqual([false, false, true]);
  });

  test("the next minute shows its own time, but not the name again", () => {
    const rows = drawn([message("1", "a", 0), message("2", "a", 61)]);
    expect(rows.map((row) => row.opens)).toEqual([true, false]);
    expect(rows.map((row) => row.closes)).toEqual([true, true]);
  });

  test("another person, a long silence and a note in between each start anew", () => {
    expect(drawn([message("1", "a", 0), message("2", "b", 1)]).map((row) => row.opens)).toEqual([true, true]);
    expect(drawn([message("1", "a", 0), message("2", "a", 600)]).map((row) => row.opens)).toEqual([true, true]);
    expect(drawn([message("1", "a", 0), message("n", "b", 1, note), message("2", "a", 2)]).map((row) => row.opens)).toEqual([true, true]);
  });

  test("a day line stands before the first message and wherever the local day changes", () => {
    const kinds = rowsOf([message("1", "a", 0), message("2", "a", 86_400), message("3", "a", 86_410)], null).map((row) => row.kind);
    expect(kinds).toEqual(["day", "message", "day", "message", "message"]);
  });

  test("the line for new messages stands before the first unread one and breaks the run", () => {
    const rows = rowsOf([message("1", "a", 0), message("2", "a", 1)], "2");
    expect(rows.map((row) => row.kind)).toEqual(["day", "message", "unread", "message"]);
    expect(drawn([message("1", "a", 0), message("2", "a", 1)], "2").map((row) => row.opens)).toEqual([true, true]);
  });

  test("only the newest own message shows whether it arrived", () => {
    const rows = drawn([message("1", "me", 0), message("2", "me", 1), message("3", "a", 2)]);
    expect(rows.map((row) => row.latestOwn)).toEqual([false, true, false]);
  });

  test("keys are unique", () => {
    const many = Array.from({ length: 50 }, (_, index) => message(String(index), index % 3 ? "a" : "b", index * 4000));
    const keys = rowsOf(many, "20").map((row) => row.key);
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe("where the unread messages begin", () => {
  test("own messages and notes are not counted", () => {
    const all = [message("1", "a", 0), message("2", "b", 1), message("3", "me", 2), message("n", "b", 3, note), message("4", "a", 4)];
    expect(firstUnreadOf(all, 1)).toBe("4");
    expect(firstUnreadOf(all, 2)).toBe("2");
    expect(firstUnreadOf(all, 0)).toBeNull();
  });

  test("when they reach further back than what is loaded, it is not known", () => {
    expect(firstUnreadOf([message("1", "a", 0)], 5)).toBeNull();
  });
});

test("a longer text is guessed to be higher", () => {
  const [short] = drawn([message("1", "a", 0)]);
  const [long] = drawn([message("2", "a", 0, { body: { type: "text", text: "long ".repeat(60) } })]);
  expect(short && long && guessHeight(long, 34) > guessHeight(short, 34)).toBe(true);
});
