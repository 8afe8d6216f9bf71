/**
 * Which characters a reader may be shown as they are; the same rule as moderation/evidence/characters.py. The ranges stand here
 * by number: tables of Unicode differ from one browser to the next.
 */

/** Controls but for the tab and the end of a line, what turns text around, and what ends a line or a paragraph by other means. */
const ESCAPED = /[\u{0}-\u{8}\u{b}-\u{1f}\u{7f}-\u{9f}\u{2028}-\u{202e}\u{2066}-\u{206f}\u{fff9}-\u{fffb}]/gu;

/** What no name holds: the same, all that is invisible, blank or for private use, and every space but one. */
const UNNAMED = new RegExp(
  "[\\u{0}-\\u{1f}\\u{7f}-\\u{a0}\\u{ad}\\u{600}-\\u{605}\\u{61c}\\u{6dd}\\u{70f}\\u{890}\\u{891}\\u{8e2}\\u{115f}\\u{1160}\\u{1680}" +
  "\\u{17b4}\\u{17b5}\\u{180e}\\u{2000}-\\u{200b}\\u{200e}\\u{200f}\\u{2028}-\\u{202f}\\u{205f}-\\u{206f}\\u{2800}\\u{3000}\\u{3164}" +
  "\\u{d800}-\\u{f8ff}\\u{feff}\\u{ffa0}\\u{fff0}-\\u{fffb}\\u{110bd}\\u{110cd}\\u{13430}-\\u{1343f}\\u{1bca0}-\\u{1bca3}" +
  "\\u{1d173}-\\u{1d17a}\\u{e0000}-\\u{e0fff}\\u{f0000}-\\u{10ffff}]",
  "gu",
);

/** What is no letter, or could mislead: of bytes that are no text most of it. */
const UNSEEN = new RegExp(`${ESCAPED.source}|[\\u{9}\\u{fffd}\\u{feff}]`, "gu");
const MOST_RAW = 65_536;

export const LONGEST_NAME = 40;
export const LONGEST_ROOM_NAME = 80;

/** The text with each character that could mislead a reader about who said what written out by its number: `⟨U+202E⟩`. */
export function visible(text: string): string {
  return text.replace(ESCAPED, (found) => `⟨U+${found.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`);
}

/** What can be read in any bytes at all, so that no threat is lost in a form that nobody is shown: the rest of them as dots. */
export function rawWords(data: Uint8Array): string {
  const text = new TextDecoder().decode(data.subarray(0, MOST_RAW));
  return text.replace(UNSEEN, "·").replace(/·{2,}/g, " · ").trim();
}

/** Whether a name that somebody sent is shown: one visible line of at most `longest` characters, with single spaces. */
export function isName(name: string, longest: number): boolean {
  return name !== "" && name === bare(name) && [...name].length <= longest;
}

/** A name as this person may have it: whatever they typed, made such that `isName` holds, or empty. */
export function cleanName(name: string, longest: number): string {
  return [...bare(name.normalize("NFC"))].slice(0, longest).join("").trim();
}

function bare(name: string): string {
  return name.replace(UNNAMED, " ").replace(/ +/g, " ").replace(/^ | $/g, "");
}
