import { expect, it } from "vitest";
import type { Exhibit, Report } from "../../contract/index.ts";
import { factsOf, restsOn } from "./facts.ts";

const at = (day: number): number => new Date(2026, 10, day, 23, 50).getTime();
const exhibit = (seq: number, more: Partial<Exhibit> = {}): Exhibit => ({ key: String(seq), room: "harbour", seq, at: at(seq), from: "rook", text: "hi", changes: null, doubt: null, skipped: 0, ...more });
const report = (exhibits: Exhibit[], roomKind: Report["roomKind"] = "open"): Report => ({ id: "r", at: 1, by: "tala", passedOnBy: null, concern: "threats", urgency: "today", wish: "", name: null, roomKind, complete: true, exhibits });
const crowd = (): number => 40;
const title = (room: string): string => (room === "harbour" ? "Harbour Evening" : "");

it("counts what somebody wrote, once, without what others wrote and without changes", () => {
  const shown = [exhibit(12), exhibit(13), exhibit(13, { key: "again" }), exhibit(14), exhibit(15, { from: "tala" }), exhibit(16, { changes: "12" })];
  expect(factsOf([report(shown)], "rook", crowd)).toEqual({ messages: 3, proven: true, days: { first: "2026-11-12", last: "2026-11-14" }, rooms: ["harbour"] });
  expect(factsOf([report(shown)], "mira", crowd)).toBeNull();
});

it("goes by what is proven, and says of the rest that it is not", () => {
  const doubtful = exhibit(20, { doubt: "edited" });
  expect(factsOf([report([exhibit(12), doubtful])], "rook", crowd)).toMatchObject({ messages: 1, proven: true, days: { last: "2026-11-12" } });
  expect(factsOf([report([doubtful])], "rook", crowd)).toMatchObject({ messages: 1, proven: false });
});

it("offers neither day nor room where few people can have seen it", () => {
  const few = { messages: 1, proven: true, days: null, rooms: [] };
  expect(factsOf([report([exhibit(12)], "direct")], "rook", () => null)).toEqual(few);
  expect(factsOf([report([exhibit(12)], "group")], "rook", () => 4)).toEqual(few);
  expect(factsOf([report([exhibit(12)], "group")], "rook", () => 5)).toMatchObject({ rooms: ["harbour"] });
  expect(factsOf([report([exhibit(12)], "group")], "rook", () => null), "a group that this device is not in").toEqual(few);
  expect(factsOf([report([exhibit(12)], "open")], "rook", () => null)).toMatchObject({ rooms: ["harbour"] });
});

it("says it in one sentence, as far as it was told", () => {
  const now = at(20);
  const all = { messages: 3, proven: true, days: { first: "2026-11-12", last: "2026-11-14" }, rooms: ["harbour", "unknown"] };
  expect(restsOn(all, title, now)).toBe("It rests on 3 messages from 12 November to 14 November in “Harbour Evening”.");
  expect(restsOn({ ...all, messages: 1, days: { first: "2026-11-12", last: "2026-11-12" } }, title, now)).toBe("It rests on one message on 12 November in “Harbour Evening”.");
  expect(restsOn({ ...all, messages: null, days: null }, title, now)).toBe("It rests on messages in “Harbour Evening”.");
  expect(restsOn({ ...all, days: null, rooms: [] }, title, now)).toBe("It rests on 3 messages.");
});
