import { describe, expect, test } from "vitest";
import type { CaseFile } from "../../state/contract-cases.ts";
import { HELP, likelyCountry } from "../data/emergency.ts";
import { answerBy, clockOf, grouped } from "./cases.ts";

const now = Date.UTC(2026, 10, 24, 14);
const minute = 60_000;
const file = (id: string, more: Partial<CaseFile>): CaseFile => ({
  id, room: id, concern: "threats", urgency: "today", state: "unclaimed", openedAt: now, dueAt: now + 240 * minute, closedAt: null, outcome: null,
  openedBy: "a", claimedBy: null, mine: false, staff: [], subjects: [], related: [], unread: 0, unreadNotes: 0, inside: true, ...more,
});

describe("the clock of a question", () => {
  test("says how long is left, and when it is over by how much", () => {
    expect(clockOf(file("a", { dueAt: now + 4 * minute }), now)).toEqual({ text: "4 min left", late: false });
    expect(clockOf(file("a", { dueAt: now - 1 }), now)).toEqual({ text: "1 min late", late: true });
    expect(clockOf(file("a", { dueAt: now + 130 * minute }), now)).toEqual({ text: "2 h left", late: false });
    expect(clockOf(file("a", { dueAt: now + 3 * 1440 * minute }), now)).toEqual({ text: "3 days left", late: false });
  });

  test("stops when somebody has it", () => {
    expect(clockOf(file("a", { state: "claimed" }), now)).toBeNull();
  });

  test("for whoever asked, runs from the asking", () => {
    expect(answerBy({ openedAt: now, urgency: "now" })).toBe(now + 15 * minute);
  });
});

test("the queue begins with what nobody has, and keeps the engine's order within a group", () => {
  const files = [file("1", { state: "claimed" }), file("2", {}), file("3", { state: "claimed", mine: true }), file("4", {}), file("5", { state: "waiting" })];
  expect(grouped(files).map(({ group, files: some }) => [group, some.map(({ id }) => id)])).toEqual([
    ["unclaimed", ["2", "4"]], ["mine", ["3"]], ["waiting", ["5"]], ["others", ["1"]],
  ]);
});

test("the country is guessed from the languages alone, and from none that is not there", () => {
  expect(likelyCountry(["en", "not a tag", "de-DE", "en-US"])).toBe("DE");
  expect(likelyCountry(["ar"])).toBeNull();
  expect(likelyCountry(["fr-XX"])).toBeNull();
});

test("every number can be dialled as it stands", () => {
  for (const { emergency, lines } of Object.values(HELP)) for (const number of [emergency, ...lines.map((line) => line.number)]) expect(number).toMatch(/^[\d][\d -]{1,15}$/u);
});
