/** Twelve words of BIP39's English list: 128 random bits with a checksum of 4. Loaded only where somebody makes or types them. */
import { entropyToMnemonic, mnemonicToEntropy } from "@scure/bip39";
import { wordlist } from "@scure/bip39/wordlists/english.js";
import { type Bytes, ownBytes, randomBytes } from "../protocol/bytes.ts";

export const WORDS = 12;
const ENTROPY_LENGTH = 16;
/** Each word of the list is known by its first four letters. */
const DISTINCT_LETTERS = 4;

/** New words for as many random bytes: their text and what it stands for. */
export function makeWords(): { words: string[]; entropy: Bytes } {
  const entropy = randomBytes(ENTROPY_LENGTH);
  return { words: entropyToMnemonic(entropy, wordlist).split(" "), entropy };
}

/** What people write down and type in: any case, spaces, numbers before the words, commas and line ends between them. */
export function splitWords(text: string): string[] {
  return text.normalize("NFKD").toLowerCase().split(/[^a-z]+/).filter((word) => word !== "");
}

/** The word that is meant, also by its first four letters; null when the list has none. */
export function knownWord(typed: string): string | null {
  const word = splitWords(typed)[0] ?? "";
  if (wordlist.includes(word)) return word;
  if (word.length < DISTINCT_LETTERS) return null;
  return wordlist.find((candidate) => candidate.startsWith(word)) ?? null;
}

/** Words of the list that begin like this. */
export function wordsLike(typed: string, most: number): string[] {
  const start = splitWords(typed)[0] ?? "";
  return start === "" ? [] : wordlist.filter((candidate) => candidate.startsWith(start)).slice(0, most);
}

/** The 16 bytes that twelve words stand for; null when one is unknown or the checksum does not fit. */
export function readWords(words: readonly string[]): Bytes | null {
  const known = words.map(knownWord);
  if (known.length !== WORDS || known.includes(null)) return null;
  try {
    return ownBytes(mnemonicToEntropy(known.join(" "), wordlist));
  } catch {
    // One word too few, or two changed places: the checksum tells of fifteen in sixteen such mistakes.
    return null;
  }
}
