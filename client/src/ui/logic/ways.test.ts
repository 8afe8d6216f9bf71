import { expect, test } from "vitest";
import type { Decision } from "../../contract/index.ts";
import { byClock, hadPart, waysOf, type Ways } from "./ways.ts";

const decision = (more: Partial<Decision>): Decision => ({
  id: "1", case: null, subject: "rook", asker: false, named: false, mineAsked: false, mayLift: true, mayAgree: false, mayAnswer: false, kind: "suspend", ground: "law", card: null, law: null, finding: "hurtful", branch: false, branchFact: null, byOperator: false, said: null, facts: null, room: null, until: null, state: "in_force", liftedFor: null, decidedBy: "mira", agreedBy: null,
  decidedAt: 1, inForceAt: 1, endedAt: null, dueAt: null, appeal: null, talk: null, ...more,
});
const open = { madeAt: 1, outcome: null, reason: null, closedAt: null };
const may = (ways: Ways): string[] => Object.entries(ways).filter(([, can]) => can).map(([name]) => name);

test("an objection is answered whatever has become of the decision, by whom the server lets", () => {
  for (const state of ["in_force", "expired", "lifted"] as const) {
    expect(may(waysOf(decision({ state, appeal: open, mayAnswer: true }), "asha")), state).toEqual(["answer"]);
    expect(may(waysOf(decision({ state, appeal: open }), "asha")), state).toEqual([]);
  }
  expect(may(waysOf(decision({ state: "expired", appeal: { ...open, outcome: "upheld", reason: "fits" }, mayAnswer: true }), "asha"))).toEqual([]);
});

test("whoever decided, agreed, asked in its case or is its subject has a part in it", () => {
  const made = decision({ decidedBy: "mira", agreedBy: "noor", subject: "rook" });
  expect(["mira", "noor", "rook", "asha"].map((one) => hadPart(made, one))).toEqual([true, true, true, false]);
  expect(hadPart({ ...made, mineAsked: true }, "asha")).toBe(true);
});

test("a proposal is agreed to by somebody else, taken back by whoever made it, and nobody's own matter", () => {
  const proposed = decision({ state: "proposed", inForceAt: null });
  expect(may(waysOf({ ...proposed, mayAgree: true }, "asha"))).toEqual(["agree", "refuse"]);
  expect(may(waysOf(proposed, "asha")), "without the right").toEqual([]);
  expect(may(waysOf(proposed, "mira"))).toEqual(["refuse"]);
  expect(may(waysOf(proposed, "rook"))).toEqual([]);
});

test("it is ended early by whom the server lets", () => {
  expect(may(waysOf(decision({}), "mira"))).toEqual(["lift"]);
  expect(may(waysOf(decision({ mayLift: false }), "mira"))).toEqual([]);
});

test("what waits stands by its clock, and what has none after it in the order it had", () => {
  const all = [decision({ id: "new" }), decision({ id: "late", dueAt: 1 }), decision({ id: "old" }), decision({ id: "soon", dueAt: 9 })];
  expect(byClock(all).map(({ id }) => id)).toEqual(["late", "soon", "new", "old"]);
});
