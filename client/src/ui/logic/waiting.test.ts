import { expect, test } from "vitest";
import type { CaseFile } from "../../state/contract-cases.ts";
import { isNews, waitingOf } from "./waiting.ts";

const file = (id: string, more: Partial<CaseFile>): CaseFile => ({
  id, room: null, concern: "other", urgency: "soon", state: "unclaimed", openedAt: 1, dueAt: null, closedAt: null, outcome: null,
  openedBy: null, claimedBy: null, mine: false, staff: [], subjects: [], related: [], unread: 0, unreadNotes: 0, inside: true, ...more,
});
const mine = (unread: number): CaseFile => file("2", { state: "claimed", mine: true, unread });

test("a new question, and new words in one that the person has, are news", () => {
  const before = waitingOf([mine(1)], 0);
  expect(isNews(before, waitingOf([mine(1), file("1", {})], 0))).toBe(true);
  expect(isNews(before, waitingOf([mine(2)], 0))).toBe(true);
  expect(isNews(before, waitingOf([mine(1)], 1))).toBe(true);
});

test("what somebody else took, what was read, and what others are told is no news", () => {
  const before = waitingOf([file("1", {}), mine(2)], 2);
  const now = waitingOf([file("1", { state: "claimed", unread: 3 }), mine(0)], 0);
  expect(isNews(before, now)).toBe(false);
  expect([...now]).toEqual([]);
});
