/** What MLS carries for one message: MIMI content, padded so that sizes say little (docs/protocol.md, section 6). */
import { type Bytes, hmacSha256 } from "../protocol/bytes.ts";
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

/** `HMAC-SHA256(salt, content)` (docs/protocol.md, section 7). */
export function frankingTag(salt: Bytes, content: Bytes): Promise<Bytes> {
  return hmacSha256(salt, content);
}
