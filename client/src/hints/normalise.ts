/**
 * A text as the words that rules are held against: one spelling for what looks or reads the same, so that hidden characters,
 * letters of another script and digits in the place of letters change nothing. Rules pass through the same, word by word.
 */

export interface Word {
  /** The spellings it may stand for; the first is the plain one. */
  forms: readonly string[];
  /** Which sentence of the text it is in, from 0. */
  sentence: number;
}

/** What is looked at of a longer text (UTF-16 units). */
export const LONGEST = 20_000;

const invisible = /\p{Default_Ignorable_Code_Point}|\p{Cf}/gu;
/** Marks that Latin, Cyrillic and Arabic writers may leave out, and the Arabic stroke that only lengthens. */
const marks = /[\p{M}\u0640]/gu;
const piece = /[\p{L}\p{N}@$]+|[.!?\n\u2026\u061f\u06d4]+/gu;
const ends = /^[.!?\n\u2026\u061f\u06d4]/u;
const arabic: Record<string, string> = { "\u0649": "\u064a", "\u0629": "\u0647", "\u06cc": "\u064a", "\u06a9": "\u0643" };
/** Cyrillic and Greek letters that look like Latin ones (after Unicode TS 39's confusables). */
const lookAlikes: Record<string, string> = {
  а: "a", в: "b", е: "e", к: "k", м: "m", н: "h", о: "o", р: "p", с: "c", т: "t", у: "y", х: "x", і: "i", ѕ: "s", ј: "j", ԛ: "q", ԝ: "w", һ: "h", ԁ: "d", ь: "b",
  α: "a", β: "b", ε: "e", η: "n", ι: "i", κ: "k", ν: "v", ο: "o", ρ: "p", τ: "t", υ: "u", χ: "x",
};
const asCyrillic: Record<string, string> = { a: "а", b: "в", e: "е", k: "к", m: "м", h: "н", o: "о", p: "р", c: "с", t: "т", y: "у", x: "х", i: "і" };
const digits: Record<string, string> = { "0": "o", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "@": "a", $: "s" };

/** Without case, accents and what cannot be seen. */
function folded(text: string): string {
  if (/^[ -~\n]*$/u.test(text)) return text.toLowerCase();
  return text.normalize("NFKC").replace(invisible, "").normalize("NFD").replace(marks, "").toLowerCase().replace(/ß/gu, "ss").replace(/[\u0649\u0629\u06cc\u06a9]/gu, (one) => arabic[one] ?? one);
}

/** The words of `text`, in order. The work is in proportion to its length, whatever it holds. */
export function wordsOf(text: string): Word[] {
  const words: Word[] = [];
  let sentence = 0;
  let letters: string[] = [];
  const spelled = (): void => {
    // A word with a space after each letter.
    if (letters.length >= 4) words.splice(words.length - letters.length, letters.length, { forms: formsOf(letters.join("")), sentence });
    letters = [];
  };
  for (const [found] of folded(text.slice(0, LONGEST)).matchAll(piece)) {
    if (ends.test(found)) {
      // One full stop between single letters belongs to them.
      if (found !== "." || letters.length === 0) {
        spelled();
        sentence += 1;
      }
      continue;
    }
    if ([...found].length === 1 && /\p{L}/u.test(found)) letters.push(found);
    else spelled();
    words.push({ forms: formsOf(found), sentence });
  }
  spelled();
  return words;
}

/** The spelling of one word of a rule. */
export function plain(word: string): string {
  return oneScript(squeezed(folded(word)));
}

function formsOf(word: string): string[] {
  if (/^[a-z]+$/u.test(word)) return [squeezed(word)];
  const own = oneScript(squeezed(word));
  // "and the", "with the", "for the" are written as one with an Arabic word.
  const stem = own.replace(/^(?:[وفبكل]?ال|لل|و)(?=\p{Script=Arabic}{3})/u, "");
  if (stem !== own) return [own, stem];
  if (!/[0-9@$]/u.test(own) || !/\p{L}/u.test(own)) return [own];
  const letters = [...own].map((one) => digits[one] ?? one).join("");
  return [...new Set([own, ...["i", "l"].map((one) => squeezed(letters.replaceAll("1", one)))])];
}

/** "pleaaaase" as "please". */
function squeezed(word: string): string {
  return word.replace(/(\p{L})\1{2,}/gu, "$1");
}

/** A word with letters of two scripts, in the one that most of what cannot be mistaken belongs to. */
function oneScript(word: string): string {
  const latin = /[a-z]/u.test(word);
  if (!latin || !/[\p{Script=Cyrillic}\p{Script=Greek}]/u.test(word)) return word;
  const asLatin = [...word].map((one) => lookAlikes[one] ?? one).join("");
  if (!/[\p{Script=Cyrillic}\p{Script=Greek}]/u.test(asLatin)) return asLatin;
  return [...word].map((one) => asCyrillic[one] ?? one).join("");
}
