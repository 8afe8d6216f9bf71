/**
 * The code by which a person leads their old device to their new one (docs/protocol.md, section 2.2). It commits to the new
 * device's key: whoever only sees or carries it can put no other key in its place.
 */
import { base64url, type Bytes, concat, equal, fromBase64url, hex, ownBytes, randomBytes, sha256, utf8 } from "../protocol/bytes.ts";

export const CODE_BYTES = 12;
const NONCE_BYTES = 12;
const KEY_BYTES = 32;
/** Crockford's base 32: no letter that looks like a digit. */
const DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const GROUP = 4;
const TYPED_LENGTH = 20;

/** What the new device shows and gives to the server. */
export interface Offer {
  code: Bytes;
  /** Where the server keeps it, 16 bytes. */
  link: Bytes;
  sealed: Bytes;
}

const labelled = (label: string, ...data: Uint8Array[]): Promise<Bytes> => sha256(concat(utf8(label), Uint8Array.of(0), ...data));

async function commitment(publicKey: Bytes, blind: Bytes): Promise<Bytes> {
  return (await labelled("Kindred link code v1", publicKey, blind)).slice(0, CODE_BYTES);
}

async function derived(code: Bytes, purpose: string, length: number): Promise<Bytes> {
  const base = await crypto.subtle.importKey("raw", code, "HKDF", false, ["deriveBits"]);
  const parameters = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: utf8(purpose) };
  return new Uint8Array(await crypto.subtle.deriveBits(parameters, base, 8 * length));
}

async function offerKey(code: Bytes, use: "encrypt" | "decrypt"): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", await derived(code, "Kindred link offer v1", KEY_BYTES), "AES-GCM", false, [use]);
}

/** Where the server keeps the link of this code. */
export async function linkOf(code: Bytes): Promise<Bytes> {
  return (await labelled("Kindred link v1", code)).slice(0, 16);
}

/** An offer of this X25519 public key (32 bytes), and the code that leads to it. */
export async function makeOffer(publicKey: Bytes): Promise<Offer> {
  const blind = randomBytes(KEY_BYTES);
  const code = await commitment(publicKey, blind);
  const nonce = randomBytes(NONCE_BYTES);
  const box = await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce }, await offerKey(code, "encrypt"), concat(publicKey, blind));
  return { code, link: await linkOf(code), sealed: concat(nonce, new Uint8Array(box)) };
}

/** The public key that was offered, or null when the offer is not the one that this code was made for. */
export async function openOffer(code: Bytes, sealed: Bytes): Promise<Bytes | null> {
  try {
    const parameters = { name: "AES-GCM", iv: sealed.slice(0, NONCE_BYTES) };
    const plain = new Uint8Array(await crypto.subtle.decrypt(parameters, await offerKey(code, "decrypt"), sealed.slice(NONCE_BYTES)));
    const [publicKey, blind] = [plain.slice(0, KEY_BYTES), plain.slice(KEY_BYTES)];
    return plain.length === 2 * KEY_BYTES && equal(await commitment(publicKey, blind), code) ? publicKey : null;
  } catch {
    // Nothing that this code opens.
    return null;
  }
}

/** Six digits that both devices show: a person sees that the code is that of the device in their hand. */
export async function checkNumber(code: Bytes): Promise<string> {
  const number = BigInt(`0x${hex(await derived(code, "Kindred link number v1", 8))}`) % 1_000_000n;
  return number.toString().padStart(6, "0");
}

/** The code to be typed: five groups of four. */
export function typedCode(code: Bytes): string {
  let bits = BigInt(`0x${hex(code)}`) << 4n;
  let text = "";
  for (let i = 0; i < TYPED_LENGTH; i += 1) {
    text = (DIGITS[Number(bits & 31n)] ?? "") + text;
    bits >>= 5n;
  }
  return (text.match(new RegExp(`.{${String(GROUP)}}`, "g")) ?? []).join("-");
}

export function codeFragment(code: Bytes): string {
  return `#l.${base64url(code)}`;
}

/** The code in what was typed, scanned or opened: digits in any case and grouping, or a link; null when there is none. */
export function readCode(text: string): Bytes | null {
  const linked = /#l\.([A-Za-z0-9_-]+)$/.exec(text.trim());
  try {
    const code = linked?.[1] ? fromBase64url(linked[1]) : readTyped(text);
    return code?.length === CODE_BYTES ? code : null;
  } catch {
    return null;
  }
}

function readTyped(text: string): Bytes | null {
  const typed = text.toUpperCase().replace(/[\s\-–—.]/gu, "").replaceAll("O", "0").replace(/[IL]/gu, "1");
  if (typed.length !== TYPED_LENGTH) return null;
  let bits = 0n;
  for (const digit of typed) {
    const value = DIGITS.indexOf(digit);
    if (value < 0) return null;
    bits = (bits << 5n) | BigInt(value);
  }
  if ((bits & 15n) !== 0n) return null;
  const digits = (bits >> 4n).toString(16).padStart(2 * CODE_BYTES, "0");
  return ownBytes(Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)));
}
