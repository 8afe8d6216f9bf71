import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Matcher } from "./match.ts";
import { loadRules, ruleLanguages } from "./rules.ts";

const loaded = await Promise.all(ruleLanguages.map(loadRules));

describe.each(loaded.map((file) => [file.language, file] as const))("the rules in %s", (_language, file) => {
  const matcher = new Matcher([file]);
  const cases = file.rules.flatMap(({ id, kind, yes, no }) => [...yes.map((text) => ({ id, text, kind })), ...no.map((text) => ({ id, text, kind: null }))]);

  it.each(cases)("$id: $text", ({ text, kind }) => {
    const kinds = matcher.match(text).map((found) => found.kind);
    if (kind === null) expect(kinds).toEqual([]);
    else expect(kinds).toContain(kind);
  });

  it("have an id, a kind, and three examples of each sort", () => {
    expect(new Set(file.rules.map(({ id }) => id)).size).toBe(file.rules.length);
    for (const { id, yes, no } of file.rules) {
      expect(id).toMatch(new RegExp(`^${file.language}-[a-z-]+$`, "u"));
      expect(Math.min(yes.length, no.length)).toBeGreaterThanOrEqual(3);
    }
  });
});

describe.each(loaded.map((file) => [file.language, file] as const))("phrases in %s", (_language, file) => {
  it("say no choice twice: it was meant to be another one", () => {
    const phrases = [...Object.values(file.lists).flat(), ...file.unless, ...file.rules.flatMap(({ all }) => all.flat())];
    const parts = phrases.flatMap((phrase) => phrase.split(" ").map((part) => part.split("|")));
    expect(parts.filter((choices) => new Set(choices).size < choices.length)).toEqual([]);
  });

  it("have no list that no rule uses", () => {
    const used = file.rules.flatMap(({ all }) => all.flat()).filter((phrase) => phrase.startsWith("@"));
    expect(Object.keys(file.lists).filter((name) => !used.includes(`@${name}`))).toEqual([]);
  });
});

/** Lines of a file beside the tests: texts, or a kind and a text with a tab between them. */
function lines(name: string): string[] {
  return readFileSync(new URL(`../../test/hints/${name}.txt`, import.meta.url), "utf8").split("\n").filter((line) => line !== "");
}

describe.each(ruleLanguages)("ordinary talk among peers in %s", (language) => {
  const all = new Matcher(loaded);

  it("gives no hint, whatever the languages of the rules", () => {
    const texts = lines(`ordinary-${language}`);
    expect(texts.length).toBeGreaterThanOrEqual(language === "en" || language === "es" ? 150 : 40);
    expect(texts.flatMap((text) => all.match(text).map(({ rule }) => `${rule}: ${text}`))).toEqual([]);
  });
});

describe("texts that the rules were not written from", () => {
  /** Each language's own held-out texts: `kind TAB text`, `-` for nothing. Written by those who wrote the rules, so no more than a start. */
  const measured = ruleLanguages.map((language) => {
    const matcher = new Matcher(loaded);
    const texts = lines(`heldout-${language}`).map((line) => line.split("\t") as [string, string]);
    const told = texts.map(([kind, text]) => ({ kind, kinds: matcher.match(text).map((found) => found.kind as string) }));
    const right = told.filter(({ kind, kinds }) => kind !== "-" && kinds.length > 0).length;
    const wrong = told.filter(({ kind, kinds }) => kind === "-" && kinds.length > 0).length;
    return { language, of: texts.length, precision: right / (right + wrong), recall: right / told.filter(({ kind }) => kind !== "-").length };
  });

  it.each(measured)("in $language: precision $precision, recall $recall of $of", ({ precision, recall }) => {
    expect(precision).toBeGreaterThanOrEqual(0.85);
    expect(recall).toBeGreaterThanOrEqual(0.55);
  });
});
