/**
 * CBOR in its one spelling (RFC 8949, section 4.2.1), of what contents are made of alone: whole numbers, bytes, text, lists,
 * maps by numbers and text, true, false and null. Whatever else or otherwise spelt is not read, so that two readers
 * cannot read it in two ways; moderation/evidence/canonical.py has the same.
 */
import { decodeFirst, encode, rfc8949EncodeOptions } from "cborg";
import { equal } from "../protocol/bytes.ts";

/** Lists and maps within one another. */
const DEEPEST = 16;

const OPTIONS = { useMaps: true, strict: true, allowIndefinite: false, allowUndefined: false, allowBigInt: false, rejectDuplicateMapKeys: true };

/** The item at the start of `data` and what follows it; null when it is none in its one spelling. */
export function firstCanonical(data: Uint8Array): { value: unknown; rest: Uint8Array } | null {
  try {
    const [value, rest]: [unknown, Uint8Array] = decodeFirst(data, OPTIONS);
    const spelt = isPlain(value, 0) && equal(encode(value, rfc8949EncodeOptions), data.subarray(0, data.length - rest.length));
    return spelt ? { value, rest } : null;
  } catch {
    return null;
  }
}

/** The one item that `data` is; undefined when it is none. */
export function readCanonical(data: Uint8Array): unknown {
  const found = firstCanonical(data);
  return found?.rest.length === 0 ? found.value : undefined;
}

function isPlain(value: unknown, depth: number): boolean {
  if (depth > DEEPEST) return false;
  if (Array.isArray(value)) return value.every((item) => isPlain(item, depth + 1));
  if (value instanceof Map) return [...value].every(([key, item]) => (typeof key === "string" || Number.isSafeInteger(key)) && isPlain(item, depth + 1));
  return value === null || typeof value === "boolean" || typeof value === "string" || value instanceof Uint8Array || Number.isSafeInteger(value);
}
