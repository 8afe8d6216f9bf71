/** BIP39's lists of 2,048 words, each loaded only where somebody makes or types recovery words. */

/** By the language's tag; Chinese by its script. */
export type WordList = "en" | "es" | "fr" | "it" | "pt" | "cs" | "ko" | "ja" | "zh-Hans" | "zh-Hant";

export interface Words {
  list: WordList;
  /** In the list's order, as BIP39 has them (NFKD). */
  all: string[];
  /** The same without accents. */
  plain: readonly string[];
}

const loaders: Record<WordList, () => Promise<{ wordlist: string[] }>> = {
  en: () => import("@scure/bip39/wordlists/english.js"),
  es: () => import("@scure/bip39/wordlists/spanish.js"),
  fr: () => import("@scure/bip39/wordlists/french.js"),
  it: () => import("@scure/bip39/wordlists/italian.js"),
  pt: () => import("@scure/bip39/wordlists/portuguese.js"),
  cs: () => import("@scure/bip39/wordlists/czech.js"),
  ko: () => import("@scure/bip39/wordlists/korean.js"),
  ja: () => import("@scure/bip39/wordlists/japanese.js"),
  "zh-Hans": () => import("@scure/bip39/wordlists/simplified-chinese.js"),
  "zh-Hant": () => import("@scure/bip39/wordlists/traditional-chinese.js"),
};

const loaded = new Map<WordList, Words>();

export function loadWords(lists: readonly WordList[]): Promise<Words[]> {
  return Promise.all(lists.map(load));
}

async function load(list: WordList): Promise<Words> {
  const known = loaded.get(list);
  if (known) return known;
  const { wordlist: all } = await loaders[list]();
  const words = { list, all, plain: all.map(plain) };
  loaded.set(list, words);
  return words;
}

/** The lists that are written in the letters of this text, those in Latin letters where it has none of others. */
export function listsFor(text: string): WordList[] {
  if (/\p{Script=Hangul}/u.test(text)) return ["ko"];
  if (/\p{Script=Hiragana}/u.test(text)) return ["ja"];
  if (/\p{Script=Han}/u.test(text)) return ["zh-Hans", "zh-Hant"];
  return ["en", "es", "fr", "it", "pt", "cs"];
}

/** A word without the accents of Latin letters: who writes by hand or on another keyboard may leave them out. */
export function plain(word: string): string {
  return word.normalize("NFKD").replace(/[\u0300-\u036f]/gu, "");
}
