import { describe, expect, it } from "vitest";
import { hex } from "../protocol/bytes.ts";
import { knownWord, makeWords, readWords, splitWords, WORDS, wordsLike } from "./recovery-words.ts";

// BIP39's own test vectors of 128 bits: https://github.com/trezor/python-mnemonic/blob/master/vectors.json
const VECTORS: [words: string, entropy: string][] = [
  ["abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about", "00000000000000000000000000000000"],
  ["legal winner thank year wave sausage worth useful legal winner thank yellow", "7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f"],
  ["letter advice cage absurd amount doctor acoustic avoid letter advice cage above", "80808080808080808080808080808080"],
  ["zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo wrong", "ffffffffffffffffffffffffffffffff"],
  ["ozone drill grab fiber curtain grace pudding thank cruise elder eight picnic", "9e885d952ad362caeb4efe34a8e91bd2"],
];

describe("recovery words", () => {
  it.each(VECTORS)("%s", (words, entropy) => {
    const read = readWords(words.split(" "));
    expect(read && hex(read)).toBe(entropy);
  });

  it("are twelve, read back to what they were made from, and are never the same twice", () => {
    const made = Array.from({ length: 50 }, makeWords);
    for (const { words, entropy } of made) {
      expect(words).toHaveLength(WORDS);
      expect(readWords(words)).toEqual(entropy);
    }
    expect(new Set(made.map(({ words }) => words.join(" "))).size).toBe(50);
  });

  it("are understood as people write them down", () => {
    const written = "1. Legal\n2) WINNER\n 3 thank, year;wave   sausage worth useful legal winner thank yellow. ";
    expect(splitWords(written).join(" ")).toBe(VECTORS[1]?.[0]);
    expect(readWords(splitWords("lega winn than year wave saus wort usef lega winn than yell"))).not.toBeNull();
  });

  it("are refused when one is missing, wrong or in another place", () => {
    const words = (VECTORS[4]?.[0] ?? "").split(" ");
    expect(readWords(words.slice(1))).toBeNull();
    expect(readWords([...words, "picnic"])).toBeNull();
    expect(readWords(words.with(3, "fibre"))).toBeNull();
    expect(readWords(words.with(0, "abandon"))).toBeNull();
    expect(readWords(words.with(0, words[1] ?? "").with(1, words[0] ?? ""))).toBeNull();
    expect(readWords([])).toBeNull();
  });

  it("are known while they are typed", () => {
    expect([knownWord(" Ozone "), knownWord("ozon"), knownWord("ozo"), knownWord("ozonx"), knownWord("")]).toEqual(["ozone", "ozone", null, null, null]);
    expect(knownWord("act")).toBe("act");
    expect(wordsLike("zo", 3)).toEqual(["zone", "zoo"]);
    expect(wordsLike("", 3)).toEqual([]);
  });
});
