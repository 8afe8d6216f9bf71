import { beforeAll, describe, expect, it } from "vitest";
import { hex } from "../protocol/bytes.ts";
import { knownWord, listsWith, makeWords, readWords, recognise, splitWords, WORDS, wordsLike } from "./recovery-words.ts";
import { listsFor, loadWords, type WordList, type Words } from "./word-lists.ts";

const LATIN = ["en", "es", "fr", "it", "pt", "cs"] as const;
const LISTS: readonly WordList[] = [...LATIN, "ko", "ja", "zh-Hans", "zh-Hant"];
const of: Partial<Record<WordList, Words>> = {};
const the = (list: WordList): Words => {
  const words = of[list];
  if (!words) throw new Error(`${list} is not loaded`);
  return words;
};
const latin = (): Words[] => LATIN.map(the);
const chinese = (): Words[] => [the("zh-Hans"), the("zh-Hant")];

beforeAll(async () => {
  for (const words of await loadWords(LISTS)) of[words.list] = words;
});

// BIP39's own test vectors of 128 bits: https://github.com/trezor/python-mnemonic/blob/master/vectors.json
const VECTORS: [words: string, entropy: string][] = [
  ["abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about", "00000000000000000000000000000000"],
  ["legal winner thank year wave sausage worth useful legal winner thank yellow", "7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f"],
  ["letter advice cage absurd amount doctor acoustic avoid letter advice cage above", "80808080808080808080808080808080"],
  ["zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo wrong", "ffffffffffffffffffffffffffffffff"],
  ["ozone drill grab fiber curtain grace pudding thank cruise elder eight picnic", "9e885d952ad362caeb4efe34a8e91bd2"],
];
// Those that BIP39 names for Japanese, with ideographic spaces: https://github.com/bip32JP/bip32JP.github.io/blob/master/test_JP_BIP39.json
const JAPANESE: [words: string, entropy: string][] = [
  ["あいこくしん　あいこくしん　あいこくしん　あいこくしん　あいこくしん　あいこくしん　あいこくしん　あいこくしん　あいこくしん　あいこくしん　あいこくしん　あおぞら", "00000000000000000000000000000000"],
  ["そつう　れきだい　ほんやく　わかす　りくつ　ばいか　ろせん　やちん　そつう　れきだい　ほんやく　わかめ", "7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f"],
  ["そとづら　あまど　おおう　あこがれる　いくぶん　けいけん　あたえる　いよく　そとづら　あまど　おおう　あかちゃん", "80808080808080808080808080808080"],
  ["われる　われる　われる　われる　われる　われる　われる　われる　われる　われる　われる　ろんぶん", "ffffffffffffffffffffffffffffffff"],
];

describe("recovery words", () => {
  it.each(VECTORS)("%s", (words, entropy) => {
    const read = readWords(words.split(" "), latin());
    expect(read && hex(read)).toBe(entropy);
  });

  it.each(JAPANESE)("%s", (words, entropy) => {
    for (const form of ["NFC", "NFKD"]) {
      const typed = splitWords(words.normalize(form));
      const read = readWords(typed, [the("ja")]);
      expect(read && hex(read)).toBe(entropy);
      expect(typed.join("　")).toBe(words.normalize("NFC"));
    }
  });

  it.each(LISTS)("in %s are twelve, read back to what they were made from in no other list, and are never the same twice", async (list) => {
    const others = list.startsWith("zh") ? chinese().filter((other) => other.list !== list) : [];
    const made = Array.from({ length: 12 }, () => makeWords(the(list), others));
    for (const { words, entropy } of made) {
      expect(words).toHaveLength(WORDS);
      const possible = await loadWords(listsFor(words.join(" ")));
      const meaning = possible.filter((one) => readWords(words, [one]) !== null);
      expect(meaning.map((one) => one.list)).toEqual([list]);
      expect(readWords(words, possible)).toEqual(entropy);
      // On paper and back: without accents, in capitals, whatever is between them.
      const written = words.map((word, index) => `${index + 1}. ${word.toUpperCase()}`).join(list === "ja" ? "　" : ", ");
      expect(readWords(splitWords(written), possible)).toEqual(entropy);
      if (list === "es" || list === "fr") expect(readWords(words.map((word) => word.normalize("NFD").replace(/\p{M}/gu, "")), possible)).toEqual(entropy);
      expect(recognise(splitWords(words.join(" ")), [], possible)).toEqual(words.map((word) => ({ word, known: true })));
    }
    expect(new Set(made.map(({ words }) => words.join(" "))).size).toBe(12);
  });

  it("are understood as people write them down", () => {
    const written = "1. Legal\n2) WINNER\n 3 thank, year;wave   sausage worth useful legal winner thank yellow. ";
    expect(splitWords(written).join(" ")).toBe(VECTORS[1]?.[0]);
    const shortened = splitWords("lega winn than year wave saus wort usef lega winn than yell");
    expect(readWords(shortened, latin())).not.toBeNull();
    expect(recognise(shortened, [], latin()).map(({ word }) => word).join(" ")).toBe(VECTORS[1]?.[0]);
    expect(splitWords("的一是在不了有和人这中大")).toHaveLength(WORDS);
  });

  it("are refused when one is missing, wrong or in another place", () => {
    const words = (VECTORS[4]?.[0] ?? "").split(" ");
    expect(readWords(words.slice(1), latin())).toBeNull();
    expect(readWords([...words, "picnic"], latin())).toBeNull();
    expect(readWords(words.with(3, "fibre"), latin())).toBeNull();
    expect(readWords(words.with(0, "abandon"), latin())).toBeNull();
    expect(readWords(words.with(0, words[1] ?? "").with(1, words[0] ?? ""), latin())).toBeNull();
    expect(readWords([], latin())).toBeNull();
  });

  it("are known while they are typed", () => {
    const meant = (typed: string) => knownWord(typed, the("en"));
    expect([meant(" Ozone "), meant("ozon"), meant("ozo"), meant("ozonx"), meant("")]).toEqual(["ozone", "ozone", null, null, null]);
    expect(meant("act")).toBe("act");
    expect(knownWord("academie", the("fr"))).toBe("académie");
    expect(knownWord("ACADÉ", the("fr"))).toBe("académie");
    expect(wordsLike("zo", 3, [the("en")])).toEqual(["zone", "zoo"]);
    expect(wordsLike("acadé", 3, [the("en"), the("fr")])).toEqual(["académie"]);
    expect(wordsLike("", 3, [the("en")])).toEqual([]);
  });

  it("are taken for those of another language as soon as only that has them, and stay as typed until then", () => {
    // English and French have the first one; the second is “legal” in one and “légal” in the other.
    expect(recognise(["abandon", "lega"], [], latin())).toEqual([{ word: "abandon", known: true }, { word: "lega", known: true }]);
    expect(recognise(["lega", "winner"], [], latin())).toEqual([{ word: "legal", known: true }, { word: "winner", known: true }]);
    expect(recognise(["abaisser", "zoo"], [], latin())).toEqual([{ word: "abaisser", known: true }, { word: "zoo", known: false }]);
    expect(recognise(["zoologie"], ["abandon"], latin())).toEqual([{ word: "zoologie", known: true }]);
    expect(listsWith(["abandon"], latin()).map(({ list }) => list)).toEqual(["en", "fr"]);
    expect(listsFor("하나")).toEqual(["ko"]);
  });
});
