import { LONGEST_LAW } from "../../contract/index.ts";

/** A law's name as it is sent, in one line; null while it is none. */
export function named(typed: string): string | null {
  const name = typed.replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, " ").trim();
  return [...name].length >= 2 && [...name].length <= LONGEST_LAW ? name : null;
}
