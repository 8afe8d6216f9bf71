/** Twelve words of one of BIP39's lists: 128 random bits with a checksum of 4. Loaded only where somebody makes or types them. */
import { entropyToMnemonic, mnemonicToEntropy } from "@scure/bip39";
import { type Bytes, ownBytes, randomBytes } from "../protocol/bytes.ts";
import { plain, type Words } from "./word-lists.ts";

export const WORDS = 12;
const ENTROPY_LENGTH = 16;
/** Of the lists in Latin letters each word is known by its first four. */
const DISTINCT_LETTERS = 4;

/**
 * New words for as many random bytes: their text (NFC) and what it stands for. `others` are lists that share many words
 * with this one: what reads as words of theirs, too, is thrown away, so that everything has one meaning.
 */
export function makeWords(own: Words, others: readonly Words[] = []): { words: string[]; entropy: Bytes } {
  for (;;) {
    const entropy = randomBytes(ENTROPY_LENGTH);
    const words = split(entropyToMnemonic(entropy, own.all));
    if (readWords(words, others) === null) return { words: words.map(shown), entropy };
  }
}

/** What people write down and type in: any case, spaces, numbers before the words, commas and line ends between them. Chinese needs no spaces. */
export function splitWords(text: string): string[] {
  return split(text).map(shown);
}

/** The word of the list that is meant, also without its accents or by its first letters; null when the list has none. */
export function knownWord(typed: string, { all, plain: plains }: Words): string | null {
  const word = plain(split(typed)[0] ?? "");
  const exact = plains.indexOf(word);
  if (exact >= 0) return shown(all[exact] ?? "");
  if (word.length < DISTINCT_LETTERS) return null;
  const like = all.filter((_, index) => plains[index]?.startsWith(word));
  return like.length === 1 ? shown(like[0] ?? "") : null;
}

/** Those of the lists that have all of these words. */
export function listsWith(typed: readonly string[], lists: readonly Words[]): Words[] {
  return lists.filter((list) => typed.every((word) => knownWord(word, list) !== null));
}

/**
 * Words that were typed one after the other, beside others, as words of the one list that has them all. What means
 * another word in each of several lists stays as it was typed, and so does what none of them has.
 */
export function recognise(typed: readonly string[], beside: readonly string[], lists: readonly Words[]): { word: string; known: boolean }[] {
  let left = listsWith(beside, lists);
  const known = typed.map((word) => {
    const having = left.filter((list) => knownWord(word, list) !== null);
    if (having.length > 0) left = having;
    return having.length > 0;
  });
  if (typed.length === WORDS && !known.includes(false)) left = left.filter((list) => readWords(typed, [list]) !== null);
  return typed.map((word, index) => {
    const [meant, ...others] = new Set(known[index] ? left.map((list) => knownWord(word, list)) : []);
    return { word: others.length === 0 ? (meant ?? word) : word, known: known[index] ?? false };
  });
}

/** Words that begin like this, of the first list that has any. */
export function wordsLike(typed: string, most: number, lists: readonly Words[]): string[] {
  const start = plain(split(typed)[0] ?? "");
  if (start === "") return [];
  const found = lists.map(({ all, plain: plains }) => all.filter((_, index) => plains[index]?.startsWith(start)));
  return (found.find((words) => words.length > 0) ?? []).slice(0, most).map(shown);
}

/** The 16 bytes that twelve words stand for in the first list in which they do; null when one is unknown or the checksum does not fit. */
export function readWords(words: readonly string[], lists: readonly Words[]): Bytes | null {
  if (words.length !== WORDS) return null;
  for (const list of listsWith(words, lists)) {
    try {
      return ownBytes(mnemonicToEntropy(words.map((word) => knownWord(word, list)).join(" "), list.all));
    } catch {
      // One word too few, or two changed places: the checksum tells of fifteen in sixteen such mistakes.
    }
  }
  return null;
}

function split(text: string): string[] {
  const apart = text.normalize("NFKD").toLowerCase().replace(/\p{Script=Han}/gu, " $& ");
  return apart.split(/[^\p{L}\p{M}]+/u).filter((word) => word !== "");
}

/** As screens show it and people type it. */
function shown(word: string): string {
  return word.normalize("NFC");
}
