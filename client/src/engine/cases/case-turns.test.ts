import { describe, expect, test } from "vitest";
import { answerFrom, awaitedFrom, type TalkEnd } from "./case-turns.ts";

const end = (answered: number | null, ...since: number[]): TalkEnd => ({ answered: answered === null ? null : { at: answered, by: "mira" }, since });
const taken = { state: "claimed", moved_at: 100, answered: false, asked_at: null } as const;
const waiting = { ...taken, state: "waiting", answered: true } as const;

describe("it is the moderators' turn", () => {
  test("from the taking on, until one of them has written since", () => {
    expect(answerFrom(taken, end(null, 50))).toBe(100);
    expect(answerFrom(taken, end(null, 50, 120))).toBe(100);
    expect(answerFrom(taken, end(110))).toBeNull();
  });

  test("from the first thing on that was said or shown since their answer", () => {
    expect(answerFrom(taken, end(110, 130, 150))).toBe(130);
  });

  test("anew for whoever it was handed to, whatever was answered before", () => {
    expect(answerFrom(taken, end(90))).toBe(100);
    expect(answerFrom(taken, end(90, 95))).toBe(100);
  });

  test("in one that was set to wait, from what was said since then", () => {
    expect(answerFrom(waiting, end(90, 95))).toBeNull();
    expect(answerFrom(waiting, end(90, 95, 120))).toBe(120);
  });

  test("in one that was set to wait before anybody wrote, from the taking on as if it did not wait", () => {
    const unanswered = { ...waiting, answered: false };
    expect(answerFrom(unanswered, end(null, 50))).toBe(100);
    expect(answerFrom(unanswered, end(90, 95, 120))).toBe(100);
    expect(answerFrom(unanswered, end(110))).toBeNull();
    expect(answerFrom(unanswered, end(110, 130))).toBe(130);
    expect(answerFrom(unanswered, null)).toBe(100);
  });

  test("in one that was taken before the server kept when, from what was said since the last answer", () => {
    expect(answerFrom({ ...taken, moved_at: null }, end(null, 50))).toBe(50);
    expect(answerFrom({ ...taken, moved_at: null }, end(60))).toBeNull();
  });

  test("by what the server knows, where this device cannot read the room", () => {
    expect(answerFrom(taken, null)).toBe(100);
    expect(answerFrom({ ...taken, answered: true }, null)).toBeNull();
    expect(answerFrom({ ...taken, answered: true, asked_at: 150 }, null)).toBe(150);
    expect(answerFrom({ ...taken, asked_at: 150 }, null)).toBe(100);
    expect(answerFrom(waiting, null)).toBeNull();
    expect(answerFrom({ ...waiting, asked_at: 150 }, null)).toBe(150);
  });

  test("for whoever asked, from the asking on and again from what they said after an answer", () => {
    expect(awaitedFrom(50, end(null, 60))).toBe(50);
    expect(awaitedFrom(50, end(110))).toBeNull();
    expect(awaitedFrom(50, end(110, 130, 150))).toBe(130);
  });

  test("never in one that nobody has, or that is closed", () => {
    for (const state of ["unclaimed", "closed"] as const) expect(answerFrom({ ...taken, state }, end(null, 50, 120))).toBeNull();
  });
});
