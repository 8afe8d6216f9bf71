import { expect, it } from "vitest";
import type { Statement } from "../../contract/index.ts";
import { en } from "../words/en.ts";
import { fallsUnder, groundOf, happened } from "./statements.ts";

const { mine } = en.reasons;
const said = en.decisions.mine;
const statement = (more: Partial<Statement>): Statement => ({
  decision: "d", kind: "ban", room: null, state: "in_force", liftedFor: null, since: 1, until: null, basedOn: "report", ground: "conduct", card: { title: "Be kind", text: "Speak gently." }, law: null,
  finding: "hurtful", branch: false, branchFact: null, byOperator: false, said: null, facts: null, appealUntil: 2, somebodyElse: true, appeal: null, talk: null, ...more,
});

it("says from whom it came, and that a person decided it", () => {
  expect(happened(statement({}))).toEqual([`${said.from.report} ${said.human}`]);
  expect(happened(statement({ basedOn: "own_initiative" }))).toEqual([`${said.from.own_initiative} ${said.human}`]);
  const operator = statement({ byOperator: true, said: { facts: "It was so.", why: "It is that." } });
  expect(happened(operator)).toEqual([`${said.operator} ${mine.operatorFrom.report} ${said.human}`]);
});

it.each(["one", "several", "astray"] as const)("tells a branch what happened and that nobody looked at them, and whoever was on top that it is about them: %s", (branchFact) => {
  const [group, them, who] = happened(statement({ branch: true, branchFact }));
  expect([group, them, who]).toEqual([`${mine.branch} ${mine.facts[branchFact]}`, mine.notYou, `${said.from.report} ${said.human}`]);
  expect(happened(statement({ branchFact }))).toEqual([`${mine.top} ${mine.topFacts[branchFact]}`, who]);
});

it("tells a branch from before it was asked what it can", () => {
  expect(happened(statement({ branch: true, finding: null }))).toEqual([mine.branch, mine.notYou, `${said.from.report} ${said.human}`]);
});

it("says why it falls under its card, of a branch not as if it were their own, and what of it was not written down", () => {
  expect(fallsUnder(statement({}))).toEqual({ line: mine.seen, quote: en.reasons.found.hurtful, more: null });
  expect(fallsUnder(statement({ branch: true, branchFact: "one", finding: "lured" }))).toEqual({ line: mine.seenOfBranch, quote: en.reasons.found.lured, more: null });
  expect(fallsUnder(statement({ finding: "other" })).more).toBe(mine.other);
  expect(fallsUnder(statement({ finding: null, byOperator: true, said: { facts: "It was so.", why: "It is that." } }))).toEqual({ line: mine.operator, quote: "It is that.", more: null });
  expect(fallsUnder(statement({ finding: null }))).toEqual({ line: mine.unsaid, quote: null, more: null });
});

it("no longer says that what was taken back was so", () => {
  const law = { card: null, ground: "law", law: "Criminal Code" } as const;
  expect(groundOf(statement({}))).toBe(said.conduct("Be kind"));
  expect(groundOf(statement({ state: "overturned" }))).toBe(said.conductThen("Be kind"));
  expect(groundOf(statement({ branch: true }))).toBe(said.conductOfBranch("Be kind"));
  expect(groundOf(statement(law))).toBe(en.decisions.law.forbids("Criminal Code"));
  expect(groundOf(statement({ ...law, state: "lifted" }))).toBe(en.decisions.law.forbade("Criminal Code"));
  expect(groundOf(statement({ ...law, branch: true }))).toBe(en.decisions.law.ofBranch("Criminal Code"));
  expect(groundOf(statement({ ...law, law: null }))).toBe(`${said.law} ${en.decisions.law.unnamed}`);
});
