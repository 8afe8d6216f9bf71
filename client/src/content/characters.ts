/**
 * Which characters a reader may be shown as they are; the same rule as moderation/evidence/characters.py. The ranges stand here
 * by number: tables of Unicode differ from one browser to the next.
 */

type Range = readonly [first: number, last: number];

/** Controls but for the tab and the end of a line, what turns text around, and what ends a line or a paragraph by other means. */
const ESCAPED: readonly Range[] = [[0, 0x8], [0xb, 0x1f], [0x7f, 0x9f], [0x2028, 0x202e], [0x2066, 0x206f], [0xfff9, 0xfffb]];

/** What no name holds: the same, all that is invisible, blank or for private use, and every space but one. */
const UNNAMED: readonly Range[] = [
  [0, 0x1f], [0x7f, 0xa0], [0xad, 0xad], [0x600, 0x605], [0x61c, 0x61c], [0x6dd, 0x6dd], [0x70f, 0x70f], [0x890, 0x891], [0x8e2, 0x8e2],
  [0x115f, 0x1160], [0x1680, 0x1680], [0x17b4, 0x17b5], [0x180e, 0x180e], [0x2000, 0x200b], [0x200e, 0x200f], [0x2028, 0x202f], [0x205f, 0x206f],
  [0x2800, 0x2800], [0x3000, 0x3000], [0x3164, 0x3164], [0xd800, 0xf8ff], [0xfeff, 0xfeff], [0xffa0, 0xffa0], [0xfff0, 0xfffb],
  [0x110bd, 0x110bd], [0x110cd, 0x110cd], [0x13430, 0x1343f], [0x1bca0, 0x1bca3], [0x1d173, 0x1d17a], [0xe0000, 0xe0fff], [0xf0000, 0x10ffff],
];

/** What is no letter, or could mislead: of bytes that are no text most of it. */
const UNSEEN: readonly Range[] = [...ESCAPED, [0x9, 0x9], [0xfeff, 0xfeff], [0xfffd, 0xfffd]];
/** Of names that have them: by themselves nobody sees them. */
const JOINING: readonly Range[] = [[0x20, 0x20], [0x200c, 0x200d], [0xfe00, 0xfe0f]];
const MOST_RAW = 65_536;

const [escaped, unnamed, unseen, joining] = [ESCAPED, UNNAMED, UNSEEN, JOINING].map(anyOf) as [RegExp, RegExp, RegExp, RegExp];

export const LONGEST_NAME = 40;
export const LONGEST_ROOM_NAME = 80;

/** The text with each character that could mislead a reader about who said what written out by its number: `⟨U+202E⟩`. */
export function visible(text: string): string {
  return text.replace(escaped, (found) => `⟨U+${found.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`);
}

/** What can be read in any bytes at all, so that no threat is lost in a form that nobody is shown: the rest of them as dots. */
export function rawWords(data: Uint8Array): string {
  const text = new TextDecoder().decode(data.subarray(0, MOST_RAW));
  return text.replace(unseen, "·").replace(/·{2,}/g, " · ").trim();
}

/** Whether a name that somebody sent is shown: one visible line of at most `longest` characters, with single spaces. */
export function isName(name: string, longest: number): boolean {
  return name.replace(joining, "") !== "" && name === bare(name) && [...name].length <= longest;
}

/** A name as this person may have it: whatever they typed, made such that `isName` holds, or empty. */
export function cleanName(name: string, longest: number): string {
  const clean = [...bare(name.normalize("NFC"))].slice(0, longest).join("").trim();
  return isName(clean, longest) ? clean : "";
}

function bare(name: string): string {
  return name.replace(unnamed, " ").replace(/ +/g, " ").replace(/^ | $/g, "");
}

function anyOf(ranges: readonly Range[]): RegExp {
  return new RegExp(`[${ranges.map(([first, last]) => `\\u{${first.toString(16)}}-\\u{${last.toString(16)}}`).join("")}]`, "gu");
}
