import { describe, expect, it } from "vitest";
import { rounds } from "../../test/rounds.ts";
import { hostsIn } from "./links.ts";
import { Matcher } from "./match.ts";
import { LONGEST } from "./normalise.ts";
import { loadRules, ruleLanguages } from "./rules.ts";

const matcher = new Matcher(await Promise.all(ruleLanguages.map(loadRules)));
const files = await Promise.all(ruleLanguages.map(loadRules));
const vocabulary = [...new Set(files.flatMap(({ lists, unless, rules }) => [...Object.values(lists).flat(), ...unless, ...rules.flatMap(({ all }) => all.flat())])
  .filter((phrase) => !phrase.startsWith("@")).map((phrase) => phrase.replace(/[*#_]|~\d/gu, " ").replaceAll("|", " ")))];

const steps = (text: string): number => {
  const work = { steps: 0 };
  matcher.match(text, work);
  return work.steps;
};
/** A pseudo-random number generator with a seed (mulberry32). */
const random = (seed: number) => (): number => {
  seed = (seed + 0x6d2b79f5) | 0;
  let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
};
/** What one word may cost at most: far less than the number of words in a text. */
const STEPS_A_WORD = 1_500;

describe("what a message costs", () => {
  const repeated = (part: string): string => part.repeat(Math.ceil(LONGEST / part.length)).slice(0, LONGEST);
  it.each(["a", "a ", "ab ", "job ", "pay ", "give me ", "send me your ", "i can get you a job ", "!", ". ", "а", "pаy ", "p a y ", "1l1 ", "\u200b", "e\u0301", "passport job pay debt send photo ", "@$ "])(
    "is bounded for “%s” again and again", (part) => {
      const text = repeated(part);
      expect(steps(text)).toBeLessThan(STEPS_A_WORD * (text.split(/\s/u).length + 50));
    },
  );

  it("grows with the length alone, for texts made of the rules' own words", () => {
    for (let seed = 1; seed <= 40 * rounds; seed++) {
      const next = random(seed);
      const some = Array.from({ length: 1 + Math.floor(next() * 12) }, () => vocabulary[Math.floor(next() * vocabulary.length)] ?? "");
      const text = Array.from({ length: 1_500 }, () => some[Math.floor(next() * some.length)]).join(" ").slice(0, LONGEST);
      const half = text.slice(0, text.length / 2);
      expect(steps(text)).toBeLessThan(STEPS_A_WORD * text.split(/\s+/u).length);
      expect(steps(text)).toBeLessThan(3 * steps(half) + STEPS_A_WORD * 50);
    }
  });

  it("is no more for a text that is longer than what is looked at", () => {
    expect(steps("job ".repeat(100_000))).toBe(steps("job ".repeat(LONGEST / 4)));
  });

  it("looks at twenty addresses and no more", () => {
    expect(hostsIn(Array.from({ length: 5_000 }, (_, index) => `https://h${index}.example/`).join(" "))).toHaveLength(20);
    expect(hostsIn("a.".repeat(LONGEST))).toEqual([]);
    expect(hostsIn("https://".repeat(2_000))).toEqual([]);
  });
});
