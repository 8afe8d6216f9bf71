import { expect, test } from "vitest";
import type { CaseFile, Decision } from "../../contract/index.ts";
import { forSecond, isNews, waitingOf, waitsText } from "./waiting.ts";

const file = (id: string, more: Partial<CaseFile>): CaseFile => ({
  id, room: null, concern: "other", urgency: "soon", state: "unclaimed", openedAt: 1, dueAt: null, answerFrom: null, closedAt: null, outcome: null,
  openedBy: null, asker: null, claimedBy: null, mine: false, staff: [], subjects: [], related: [], unread: 0, unreadNotes: 0, notesRoom: null, inside: true, ...more,
});
const mine = (unread: number): CaseFile => file("2", { state: "claimed", mine: true, unread });

test("a new question, and new words in one that the person has, are news", () => {
  const before = waitingOf([mine(1)], 0, 1);
  expect(isNews(before, waitingOf([mine(1), file("1", {})], 0, 1))).toBe(true);
  expect(isNews(before, waitingOf([mine(2)], 0, 1))).toBe(true);
  expect(isNews(before, waitingOf([mine(1)], 1, 1))).toBe(true);
});

test("the way to the questions says what waits: what is late before what nobody has, decisions always, and that nothing does", () => {
  const late = file("3", { state: "claimed", mine: true, urgency: "now", answerFrom: 1 });
  const hour = 60 * 60_000;
  expect(waitsText([], 0, 1)).toBe("Nothing waits");
  expect(waitsText([mine(0)], 0, 1)).toBe("All of them are taken");
  expect(waitsText([], 1, 1)).toBe("A decision waits for you");
  expect(waitsText([mine(0)], 2, 1)).toBe("2 decisions wait for you");
  expect(waitsText([file("1", {}), mine(0)], 1, 1)).toBe("One waits for someone. A decision waits for you");
  expect(waitsText([file("1", {}), late], 0, hour)).toBe("One of yours is late");
});

test("what somebody else took, what was read, and what others are told is no news", () => {
  const before = waitingOf([file("1", {}), mine(2)], 2, 1);
  const now = waitingOf([file("1", { state: "claimed", unread: 3 }), mine(0)], 0, 1);
  expect(isNews(before, now)).toBe(false);
  expect([...now]).toEqual([]);
});

test("a question that the person has is news once more when its time to answer is over, and again when that begins anew", () => {
  const from = (answerFrom: number): CaseFile => file("2", { state: "claimed", mine: true, urgency: "now", answerFrom });
  const over = 31 * 60_000;
  expect(isNews(waitingOf([from(1)], 0, 1), waitingOf([from(1)], 0, over))).toBe(true);
  expect(isNews(waitingOf([from(1)], 0, over), waitingOf([from(1)], 0, 2 * over))).toBe(false);
  expect(isNews(waitingOf([from(1)], 0, over), waitingOf([from(over)], 0, 3 * over))).toBe(true);
  expect(isNews(waitingOf([], 0, 1), waitingOf([{ ...from(1), mine: false }], 0, over))).toBe(false);
});

test("a proposal and an objection wait for whom the server lets answer, and are news once each, and once more when they are late", () => {
  const decision = (id: string, more: Partial<Decision>): Decision => ({
    id, case: null, subject: "rook", asker: false, named: false, mineAsked: false, mayLift: true, mayAgree: false, mayAnswer: false, kind: "ban", ground: "law", card: null, law: null, finding: "hurtful", branch: false, branchFact: null, byOperator: false, said: null, facts: null, room: null, until: null, state: "in_force", liftedFor: null, decidedBy: "mira", agreedBy: null,
    decidedAt: 1, inForceAt: null, endedAt: null, dueAt: null, appeal: null, talk: null, ...more,
  });
  const objection = { madeAt: 1, outcome: null, reason: null, closedAt: null };
  const all = [
    decision("1", { state: "proposed", mayAgree: true }), decision("2", { appeal: objection, mayAnswer: true }), decision("3", { appeal: objection }), decision("4", {}),
    decision("5", { appeal: { ...objection, outcome: "upheld", reason: "fits" } }), decision("6", { state: "proposed" }),
  ];
  const waiting = forSecond(all, "asha");
  expect(waiting.map(({ id }) => id)).toEqual(["1", "2"]);
  expect(isNews(waitingOf([], 0, 1), waitingOf([], 0, 1, waiting))).toBe(true);
  expect(isNews(waitingOf([], 0, 1, waiting), waitingOf([], 0, 1, waiting.slice(1)))).toBe(false);
  const late = [decision("1", { state: "proposed", dueAt: 5 })];
  expect(isNews(waitingOf([], 0, 5, late), waitingOf([], 0, 6, late))).toBe(true);
  expect(isNews(waitingOf([], 0, 6, late), waitingOf([], 0, 7, late))).toBe(false);
});
