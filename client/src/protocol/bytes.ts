/** Bytes and the texts that stand for them (docs/protocol.md, section 1). */

/** What WebCrypto and IndexedDB take: never backed by shared memory. */
export type Bytes = Uint8Array<ArrayBuffer>;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

export function utf8(text: string): Bytes {
  return encoder.encode(text);
}

/** Throws TypeError when `data` is not UTF-8. */
export function utf8Text(data: Uint8Array): string {
  return decoder.decode(data);
}

/** The same bytes as a view that is safe to keep: copied only when the memory is shared with a library. */
export function ownBytes(data: Uint8Array): Bytes {
  return data.buffer instanceof ArrayBuffer && data.byteLength === data.buffer.byteLength
    ? (data as Bytes)
    : new Uint8Array(data);
}

export function concat(...parts: readonly Uint8Array[]): Bytes {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

export function equal(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false;
  // Without an early exit, so that the time taken says nothing about where they differ.
  let difference = 0;
  for (let i = 0; i < left.length; i += 1) difference |= (left[i] ?? 0) ^ (right[i] ?? 0);
  return difference === 0;
}

export function randomBytes(length: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(length));
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

export function hex(data: Uint8Array): string {
  let text = "";
  for (const byte of data) text += HEX[byte] ?? "";
  return text;
}

/** Throws RangeError when `text` is not an even number of lower-case hex digits. */
export function fromHex(text: string): Bytes {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/.test(text)) throw new RangeError("not hex");
  const data = new Uint8Array(text.length / 2);
  for (let i = 0; i < data.length; i += 1) data[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return data;
}

/** base64url without padding (RFC 4648 section 5). */
export function base64url(data: Uint8Array): string {
  let binary = "";
  for (let i = 0; i < data.length; i += 0x8000) binary += String.fromCharCode(...data.subarray(i, i + 0x8000));
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Throws RangeError when `text` is not base64url without padding. */
export function fromBase64url(text: string): Bytes {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) throw new RangeError("not base64url");
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  const data = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i += 1) data[i] = binary.charCodeAt(i);
  return data;
}

export async function sha256(data: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", data));
}

export async function hmacSha256(key: Bytes, data: Bytes): Promise<Bytes> {
  const imported = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, data));
}
