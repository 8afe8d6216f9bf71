/**
 * Pictures as encrypted attachments (docs/protocol.md, section 6.1): an ExternalPart in the franked content names key, nonce
 * and the hash of the ciphertext, so that there is one picture that it can be.
 */
import { base64url, type Bytes, equal, ownBytes, randomBytes, sha256 } from "../protocol/bytes.ts";
import { Disposition, type NestedPart } from "./mimi.ts";
import { type PictureType, readHead } from "./picture-head.ts";

/** What a content says of a picture. */
export interface Picture {
  /** Where its ciphertext lies in a room: 16 bytes as base64url. */
  blob: string;
  contentType: PictureType;
  /** Of the ciphertext, in bytes. */
  size: number;
  /** When the server forgets it, in seconds since 1970. */
  expires: number;
  key: Bytes;
  nonce: Bytes;
  /** SHA-256 of the ciphertext. */
  hash: Bytes;
  /** What is in it, for people who cannot see it; may be empty. */
  description: string;
}

/** The bytes are not the picture that the content names, or no picture at all. */
export class NotThePicture extends Error {
  constructor() {
    super("not the picture");
    this.name = "NotThePicture";
  }
}

const STEP = 32 * 1024;
const LARGEST = 48 * STEP;
const TAG = 16;
/** The most bytes of a picture that can be sent. */
export const LARGEST_PICTURE = LARGEST - TAG - 1;
const AES_256_GCM = 2;
const SHA_256 = 1;
const TYPES: readonly string[] = ["image/jpeg", "image/png", "image/webp", "image/gif"] satisfies PictureType[];
const BLOB = /^[A-Za-z0-9_-]{21}[AQgw]$/;

/** `data` is at most `LARGEST_PICTURE` bytes, else a RangeError. */
export async function sealPicture(
  data: Bytes, contentType: PictureType, description: string, expires: number,
): Promise<{ picture: Picture; sealed: Bytes }> {
  if (data.length > LARGEST_PICTURE) throw new RangeError("the picture is too large");
  const [key, nonce] = [randomBytes(32), randomBytes(12)];
  const size = Math.ceil((data.length + 1 + TAG) / STEP) * STEP;
  const sealed = await encrypted(data, { key, nonce, size });
  const hash = await sha256(sealed);
  return { picture: { blob: base64url(randomBytes(16)), contentType, size, expires, key, nonce, hash, description }, sealed };
}

/** Whether these are the very bytes that the content names. */
export async function isSealed(picture: Picture, sealed: Bytes): Promise<boolean> {
  return sealed.length === picture.size && equal(await sha256(sealed), picture.hash);
}

/** The picture and what it really is. Throws NotThePicture. */
export async function openPicture(picture: Picture, sealed: Bytes): Promise<{ data: Bytes; contentType: PictureType }> {
  if (!(await isSealed(picture, sealed))) throw new NotThePicture();
  const data = unpadded(await decrypted(picture, sealed));
  const head = readHead(data);
  if (!head) throw new NotThePicture();
  return { data, contentType: head.type };
}

/**
 * Whether `data` is the picture that was sent: under the key that the content names, it gives the ciphertext that the content
 * names. There is nothing else to try: AES-GCM takes no chances, and what is behind the picture follows from the size.
 */
export async function isSent(picture: Picture, data: Bytes): Promise<boolean> {
  return data.length + 1 + TAG <= picture.size && isSealed(picture, await encrypted(data, picture));
}

async function encrypted(data: Bytes, { key, nonce, size }: Pick<Picture, "key" | "nonce" | "size">): Promise<Bytes> {
  const plain = new Uint8Array(size - TAG);
  plain.set(data);
  plain[data.length] = 0x80;
  return new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce }, await aes(key, "encrypt"), plain));
}

async function decrypted({ key, nonce }: Picture, sealed: Bytes): Promise<Bytes> {
  try {
    return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv: nonce }, await aes(key, "decrypt"), sealed));
  } catch {
    throw new NotThePicture();
  }
}

function aes(key: Bytes, use: "encrypt" | "decrypt"): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", key, "AES-GCM", false, [use]);
}

function unpadded(plain: Bytes): Bytes {
  const end = plain.findLastIndex((byte) => byte !== 0);
  if (end < 0 || plain[end] !== 0x80) throw new NotThePicture();
  return plain.slice(0, end);
}

export function picturePart(picture: Picture, roomUri: string): NestedPart {
  const { blob, contentType, size, expires, key, nonce, hash, description } = picture;
  return {
    disposition: Disposition.attachment, language: "", cardinality: "external", contentType, url: `${roomUri}/b/${blob}`, expires, size,
    encAlg: AES_256_GCM, key, nonce, aad: new Uint8Array(), hashAlg: SHA_256, contentHash: hash, description, filename: "",
  };
}

/** The picture of a part of a content in this room; null for everything that is not just so. */
export function readPicture(part: NestedPart, roomUri: string): Picture | null {
  if (part.cardinality !== "external" || !TYPES.includes(part.contentType)) return null;
  const { size, key, nonce, contentHash: hash, url } = part;
  const blob = url.startsWith(`${roomUri}/b/`) ? url.slice(roomUri.length + 3) : "";
  const fits = BLOB.test(blob) && size > 0 && size <= LARGEST && size % STEP === 0
    && part.encAlg === AES_256_GCM && key.length === 32 && nonce.length === 12 && part.aad.length === 0
    && part.hashAlg === SHA_256 && hash.length === 32;
  if (!fits) return null;
  return {
    blob, contentType: part.contentType as PictureType, size, expires: part.expires,
    key: ownBytes(key), nonce: ownBytes(nonce), hash: ownBytes(hash), description: part.description,
  };
}
