/** From recovery words to what finds and opens the backup, and the backup's seal (docs/protocol.md, section 3.1). */
import { type Bytes, concat, randomBytes, sha256, utf8 } from "../protocol/bytes.ts";

export interface RecoveryKeys {
  /** What the backup is fetched by. The server keeps its SHA-256 alone. */
  locator: Bytes;
  locatorHash: Bytes;
  /** AES-256-GCM. */
  key: Bytes;
}

/** Sealed backups come in multiples of this, and are never longer than MOST. */
const STEP = 64 * 1024;
const MOST = 8 * 1024 * 1024;
const VERSION = 1;
const NONCE_LENGTH = 12;
const TAG_LENGTH = 16;
const END = Uint8Array.of(0x80);
const OVERHEAD = 1 + NONCE_LENGTH + TAG_LENGTH + END.length;
/** The longest content that a backup can hold. */
export const LONGEST_BACKUP = MOST - OVERHEAD;

/** Fixed, as the locator has to come out the same on every device: about a second on an old phone. */
const COST = { memory: 32 * 1024, passes: 3, lanes: 1 };

/** `entropy` is what the words stand for (16 bytes), `domain` the server's. */
export async function recoveryKeys(entropy: Bytes, domain: string): Promise<RecoveryKeys> {
  const { stretch } = await import("./argon2.ts");
  const salt = (await sha256(utf8(`Kindred recovery words v1\0${domain}`))).slice(0, 16);
  const stretched = await stretch(entropy, salt, COST);
  const base = await crypto.subtle.importKey("raw", stretched, "HKDF", false, ["deriveBits"]);
  const derive = async (info: string) => new Uint8Array(await crypto.subtle.deriveBits(
    { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: utf8(info) }, base, 256,
  ));
  const locator = await derive("Kindred backup locator v1");
  return { locator, locatorHash: await sha256(locator), key: await derive("Kindred backup key v1") };
}

/** Throws RangeError when the content is longer than LONGEST_BACKUP. `nonce` is given by tests alone. */
export async function sealBackup(
  keys: Pick<RecoveryKeys, "key" | "locatorHash">, content: Bytes, nonce: Bytes = randomBytes(NONCE_LENGTH),
): Promise<Bytes> {
  if (content.length > LONGEST_BACKUP) throw new RangeError("too long for a backup");
  const size = Math.ceil((content.length + OVERHEAD) / STEP) * STEP;
  const plain = new Uint8Array(size - OVERHEAD + END.length);
  plain.set(concat(content, END));
  const box = await crypto.subtle.encrypt(parameters(keys, nonce), await cipher(keys, "encrypt"), plain);
  return concat(Uint8Array.of(VERSION), nonce, new Uint8Array(box));
}

/** Null when these keys do not open it, or somebody changed it. */
export async function openBackup(keys: Pick<RecoveryKeys, "key" | "locatorHash">, sealed: Bytes): Promise<Bytes | null> {
  if (sealed[0] !== VERSION) return null;
  const nonce = sealed.subarray(1, 1 + NONCE_LENGTH);
  try {
    const key = await cipher(keys, "decrypt");
    const plain = new Uint8Array(await crypto.subtle.decrypt(parameters(keys, nonce), key, sealed.subarray(1 + NONCE_LENGTH)));
    const end = plain.findLastIndex((byte) => byte !== 0);
    return plain[end] === END[0] ? plain.slice(0, end) : null;
  } catch {
    // AES-GCM tells no more than that it does not fit.
    return null;
  }
}

function parameters({ locatorHash }: Pick<RecoveryKeys, "locatorHash">, nonce: Bytes): AesGcmParams {
  return { name: "AES-GCM", iv: nonce, additionalData: concat(utf8("Kindred backup v1\0"), locatorHash) };
}

function cipher({ key }: Pick<RecoveryKeys, "key">, use: "encrypt" | "decrypt"): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", key, "AES-GCM", false, [use]);
}
