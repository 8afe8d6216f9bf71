import { describe, expect, it } from "vitest";
import { Matcher } from "./match.ts";
import { wordsOf } from "./normalise.ts";
import { BadPhrase, PhraseIndex } from "./pattern.ts";
import type { RuleFile } from "./rules.ts";

const file = (...groups: string[][]): RuleFile => ({
  language: "en", reviewed: false, lists: { papers: ["passport*", "id card"] }, unless: ["never"],
  rules: [{ id: "en-one", kind: "documents", all: groups, within: 8, yes: [], no: [] }],
});
const holds = (text: string, ...groups: string[][]): boolean => new Matcher([file(...groups)]).match(text).length > 0;
const words = (text: string): string[] => wordsOf(text).map(({ forms }) => forms.join("/"));

describe("one spelling", () => {
  it.each([
    ["upper case and accents", "PÁSSPORT Мо́й", ["passport", "мои"]],
    ["wide and styled letters", "ｐａｓｓｐｏｒｔ 𝐩𝐚𝐬𝐬𝐩𝐨𝐫𝐭", ["passport", "passport"]],
    ["letters that cannot be seen", "pass\u200bport pass\u00adport p\u2060assport", ["passport", "passport", "passport"]],
    ["letters of another script", "раssроrt nаsроrt", ["passport", "nasport"]],
    ["Latin letters in a Cyrillic word", "пaспopт", ["паспорт"]],
    ["digits in the place of letters", "p4ssp0rt m0n3y", ["p4ssp0rt/passport", "m0n3y/money"]],
    ["a digit that is one of two letters", "te1egram", ["te1egram/teiegram/telegram"]],
    ["spaced letters", "my p a s s p o r t", ["my", "passport"]],
    ["letters with full stops between", "p.a.s.s.p.o.r.t", ["passport"]],
    ["letters said again and again", "pleeeease", ["please"]],
    ["Arabic marks and strokes", "جَـوَازُ", ["جواز"]],
    ["numbers alone", "3000 €", ["3000"]],
  ])("%s", (_name, text, expected) => {
    expect(words(text)).toEqual(expected);
  });

  it("keeps apart what is said in two sentences", () => {
    expect(wordsOf("One. Two!\nThree").map(({ sentence }) => sentence)).toEqual([0, 1, 2]);
  });
});

describe("phrases", () => {
  it.each([
    ["a word", "give me", "Give me it", true],
    ["not a part of one", "give me", "forgive me", false],
    ["a beginning", "passport*", "two passports", true],
    ["one of several", "give|hand me", "hand me it", true],
    ["a number", "# euros", "3000 euros", true],
    ["no number", "# euros", "many euros", false],
    ["any one word", "give _ passport", "give your passport", true],
    ["a gap as wide as it may be", "give ~2 passport", "give me your passport", true],
    ["a gap that is too wide", "give ~2 passport", "give me your old passport", false],
    ["no gap at all", "give ~2 passport", "give passport", true],
    ["not over the end of a sentence", "give ~2 passport", "What I give. Passport control was slow", false],
    ["a digit for a letter", "give me", "g1ve me", true],
  ])("find %s", (_name, phrase, text, expected) => {
    expect(holds(text, [phrase])).toBe(expected);
  });

  it.each(["", "~2 job", "_ job", "job ~9", "job ~0", "job  offer", "jo.b", "a|", "*"])("refuse “%s”", (phrase) => {
    expect(() => new PhraseIndex().add(phrase)).toThrow(BadPhrase);
  });

  it("refuse a list that is not there", () => {
    expect(() => new Matcher([file(["@nothing"])])).toThrow(BadPhrase);
  });
});

describe("rules", () => {
  it("hold when one phrase of each group lies near the others, in any order", () => {
    expect(holds("The id card: give it to me", ["give"], ["@papers"])).toBe(true);
    expect(holds("Give me a minute, I only have to look where in this house my old passport may lie", ["give"], ["@papers"])).toBe(false);
    expect(holds("Give me a minute. It was so long ago that I have to think. Then give him the passport", ["give"], ["@papers"])).toBe(true);
  });

  it("leave alone who warns in the same sentence, and no other one", () => {
    expect(holds("Never give him your passport", ["give"], ["@papers"])).toBe(false);
    expect(holds("I never lie. Give me your passport", ["give"], ["@papers"])).toBe(true);
  });
});
