import { words } from "../words/index.ts";

/** How many avatar colours styles/tokens.css has. */
const colours = 8;

/** The same colour for the same id on every device. */
export function colourOf(id: string): number {
  let sum = 0;
  for (const character of id) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  return sum % colours;
}

/** The first letter (grapheme) of a name, upper case where the script has one. */
export function initialOf(name: string): string {
  const letters = [...new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(name.trim())].map((part) => part.segment);
  const first = letters.find((letter) => /[\p{L}\p{N}\p{Extended_Pictographic}]/u.test(letter)) ?? letters[0] ?? "";
  return first.toLocaleUpperCase();
}

/** At most `length` graphemes, the last of them an ellipsis where something was left out. */
export function shortened(name: string, length: number): string {
  const letters = [...new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(name)].map((part) => part.segment);
  return letters.length <= length ? name : `${letters.slice(0, length - 1).join("").trimEnd()}…`;
}

const rightToLeft = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/u;

/** A name as part of a sentence, so that neither changes the other's direction (UAX 9, isolates). */
export function within(name: string): string {
  return rightToLeft.test(name) || words.dir === "rtl" ? `\u2068${name}\u2069` : name;
}

/** For searching: case and accents do not matter. */
export function folded(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLocaleLowerCase();
}

/** True when every word of `query` begins a word of `text`, or stands somewhere in it. */
export function matches(text: string, query: string): boolean {
  const within = folded(text);
  return folded(query).split(/\s+/u).filter(Boolean).every((word) => within.includes(word));
}
