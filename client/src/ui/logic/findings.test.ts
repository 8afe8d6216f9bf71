import { expect, it } from "vitest";
import { FINDINGS } from "../../contract/index.ts";
import { findingsFor, suggested, type Suggesting } from "./findings.ts";

const nothing: Suggesting = { kind: "warn", reason: 1, card: null, concern: null, before: [] };
const before = (card: number | null, finding: Suggesting["before"][number]["finding"]): Suggesting["before"][number] => ({ kind: "warn", ground: card === null ? "law" : "conduct", card, finding });

it.each<[string, Partial<Suggesting>, string | null]>([
  ["nothing before a card was chosen", { reason: null, concern: "threats" }, null],
  ["nothing where nothing is near", {}, null],
  ["what the question is about", { concern: "recruitment", before: [before(1, "told_on")] }, "lured"],
  ["what was found last with this card", { concern: "other", before: [before(2, "hurtful"), before(1, null), before(1, "told_on"), before(1, "pictures")] }, "told_on"],
  ["what was found last with the law", { reason: 0, before: [before(1, "hurtful"), before(null, "threatened")] }, "threatened"],
  ["what the card says of itself, whatever its title", { card: "hurtful", before: [before(2, "told_on")] }, "hurtful"],
  ["nothing where the card names what this app does not know", { card: "newer" }, null],
  ["not what only a pause from asking is for", { card: "false_reports" }, null],
  ["what a pause from asking is for", { kind: "limit_reports", concern: "threats" }, "false_reports"],
  ["not what a pause from asking was for", { before: [before(1, "false_reports")] }, null],
])("it suggests %s", (_what, more, finding) => {
  expect(suggested({ ...nothing, ...more })).toBe(finding);
});

it("offers that somebody asked to hurt others for a pause from asking alone", () => {
  expect(findingsFor("limit_reports")).toEqual(FINDINGS);
  expect(findingsFor("ban")).toEqual(FINDINGS.filter((one) => one !== "false_reports"));
});
