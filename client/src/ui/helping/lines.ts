/** Of each short text that is sent, in letters. */
export const LONGEST_LINE = 300;

export function tooLong(texts: Record<string, string>): boolean {
  return Object.values(texts).some((text) => [...text.trim()].length > LONGEST_LINE);
}
