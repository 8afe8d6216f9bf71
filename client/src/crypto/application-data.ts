/** What MLS carries for one message: MIMI content, padded so that sizes say little (docs/protocol.md, section 6). */
import { decodeFirst } from "cborg";
import { type Bytes, equal, hmacSha256 } from "../protocol/bytes.ts";
import { decodeMimi, type MimiContent, NotMimi } from "./mimi.ts";

const BUCKETS = [256, 512, 1024, 2048, 4096, 8192];
const LARGEST = 8192;

export function paddedLength(length: number): number {
  return BUCKETS.find((bucket) => length <= bucket) ?? Math.ceil(length / LARGEST) * LARGEST;
}

export function pad(content: Bytes): Bytes {
  const padded = new Uint8Array(paddedLength(content.length));
  padded.set(content);
  return padded;
}

/** The content and its own bytes, which the franking tag covers. Throws NotMimi, also when the padding is not zeros. */
export function unpad(data: Uint8Array): { content: MimiContent; bytes: Bytes } {
  const { content, bytes, rest } = decodeMimi(data);
  if (rest.some((byte) => byte !== 0)) throw new NotMimi("padding");
  return { content, bytes };
}

/**
 * The bytes that this tag covers, with the salt in them; null when it covers none that can be told. Of what is no content it is
 * not known where the padding begins: it may be behind an item of CBOR in some spelling, or behind the last byte that is no zero.
 */
export async function covered(data: Bytes, tag: Bytes): Promise<{ bytes: Bytes; salt: Bytes } | null> {
  for (const length of lengths(data)) {
    const bytes = data.slice(0, length);
    const salt = saltOf(bytes);
    if (salt && equal(await frankingTag(salt, bytes), tag)) return { bytes, salt };
  }
  return null;
}

/** Every content begins with a list of seven and a salt of 16 bytes, also where the rest is none: by it the tag can be checked. */
export function saltOf(data: Uint8Array): Bytes | null {
  return data.length >= 18 && data[0] === 0x87 && data[1] === 0x50 ? new Uint8Array(data.slice(2, 18)) : null;
}

function lengths(data: Bytes): number[] {
  try {
    return [unpad(data).bytes.length];
  } catch {
    return [...new Set([...looseLength(data), data.findLastIndex((byte) => byte !== 0) + 1, data.length])];
  }
}

/** How long the item is at its start, in any spelling, if nothing but padding follows. */
function looseLength(data: Bytes): number[] {
  try {
    const [, rest]: [unknown, Uint8Array] = decodeFirst(data, { useMaps: true });
    return rest.every((byte) => byte === 0) ? [data.length - rest.length] : [];
  } catch {
    return [];
  }
}

/** `HMAC-SHA256(salt, content)` (docs/protocol.md, section 7). */
export function frankingTag(salt: Bytes, content: Bytes): Promise<Bytes> {
  return hmacSha256(salt, content);
}
