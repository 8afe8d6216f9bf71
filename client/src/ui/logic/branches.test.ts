import { expect, test } from "vitest";
import type { Cut } from "../../contract/index.ts";
import { words } from "../words/index.ts";
import { whyNotAnswered, whyNotCut } from "./branches.ts";

const said = words.care.tree;
const cut: Cut = { id: "cut-1", root: "rook", asker: false, itself: true, ground: "conduct", card: 1, law: null, finding: "lured", fact: "one", people: 7, peopleThen: 6, mayAgree: true, nobodyElse: false, proposedBy: "asha" };

test("that more people have come in is said only where there are more", () => {
  expect(whyNotCut("rook", { told: 6, size: { people: 7 }, waiting: [] })).toBe(said.grew);
  expect(whyNotCut("rook", { told: 6, size: { people: 6 }, waiting: [] })).toBe(said.unsure);
  expect(whyNotAnswered("cut-1", 6, [cut])).toBe(said.grew);
  expect(whyNotAnswered("cut-1", 7, [cut])).toBe(said.unsure);
});

test("another proposal about the branch is named, also where the branch grew, and one about other people is not", () => {
  expect(whyNotCut("rook", { told: 6, size: { people: 7 }, waiting: [cut] })).toBe(said.other);
  expect(whyNotCut("tala", { told: 6, size: { people: 6 }, waiting: [cut] })).toBe(said.unsure);
});

test("a proposal that is no more has ended, whatever the number was", () => {
  expect(whyNotAnswered("cut-1", 6, [])).toBe(said.ended);
  expect(whyNotAnswered("cut-1", 6, [{ ...cut, id: "cut-2" }])).toBe(said.ended);
});
