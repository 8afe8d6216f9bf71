/**
 * MIMI content (draft-ietf-mimi-content-08, appendix B): the CBOR form of a message, and its message id.
 * It has one spelling (canonical.ts). Decoding takes unknown dispositions, content types and extensions as they come and
 * refuses whatever is spelt otherwise, does not have the form or exceeds the draft's bounds; as moderation/evidence/mimi.py does.
 */
import { encode, rfc8949EncodeOptions } from "cborg";
import { type Bytes, concat, ownBytes, sha256, utf8 } from "../protocol/bytes.ts";
import { firstCanonical } from "./canonical.ts";

export const Disposition = {
  unspecified: 0, render: 1, reaction: 2, profile: 3, inline: 4, icon: 5, attachment: 6, session: 7, preview: 8,
} as const;

/** How a receiver treats the parts of a multipart: pick one, all or nothing, each that it can. */
export const PartSemantics = { chooseOne: 0, singleUnit: 1, processAll: 2 } as const;

interface PartHead {
  disposition: number;
  /** Language tags (RFC 5646), comma-separated, or empty. */
  language: string;
}

export type NestedPart = PartHead & (
  | { cardinality: "null" }
  | { cardinality: "single"; contentType: string; content: Bytes }
  | {
      cardinality: "external";
      contentType: string;
      url: string;
      /** Seconds since 1970, or 0 for never. */
      expires: number;
      /** Octets, or 0 when not given. */
      size: number;
      /** An IANA AEAD number, or 0 for none. */
      encAlg: number;
      key: Bytes;
      nonce: Bytes;
      aad: Bytes;
      /** An IANA Named Information hash number. */
      hashAlg: number;
      contentHash: Bytes;
      description: string;
      filename: string;
    }
  | { cardinality: "multi"; semantics: number; parts: NestedPart[] }
);

export interface MimiContent {
  /** 16 random octets. */
  salt: Bytes;
  /** The message id that this edits, deletes or takes back. */
  replaces: Bytes | null;
  topicId: Bytes;
  /** A hint when to forget it, in seconds: after reading, or since 1970. */
  expires: { relative: boolean; time: number } | null;
  inReplyTo: Bytes | null;
  extensions: Map<number | string, unknown>;
  body: NestedPart;
}

export const SENDER_URI = 1;
export const ROOM_URI = 2;

/** The bytes are not MIMI content. Says nothing of what they hold. */
export class NotMimi extends Error {
  constructor(what: string) {
    super(`not MIMI content: ${what}`);
    this.name = "NotMimi";
  }
}

export function encodeMimi(content: MimiContent): Bytes {
  const { expires } = content;
  const items = [
    content.salt, content.replaces, content.topicId, expires && [expires.relative, expires.time], content.inReplyTo,
    content.extensions, partItems(content.body),
  ];
  return ownBytes(encode(items, rfc8949EncodeOptions));
}

function partItems(part: NestedPart): unknown[] {
  const head = [part.disposition, part.language];
  switch (part.cardinality) {
    case "null":
      return [...head, 0];
    case "single":
      return [...head, 1, part.contentType, part.content];
    case "external":
      return [
        ...head, 2, part.contentType, part.url, part.expires, part.size, part.encAlg, part.key, part.nonce, part.aad,
        part.hashAlg, part.contentHash, part.description, part.filename,
      ];
    case "multi":
      return [...head, 3, part.semantics, part.parts.map(partItems)];
  }
}

/** The content at the start of `data`, the bytes it took, and what follows them. Throws NotMimi. */
export function decodeMimi(data: Uint8Array): { content: MimiContent; bytes: Bytes; rest: Uint8Array } {
  const first = firstCanonical(data);
  if (!first) throw new NotMimi("cbor");
  const { value, rest } = first;
  const items = array(value, "content", 7);
  const content: MimiContent = {
    salt: octets(items[0], "salt", 16),
    replaces: items[1] === null ? null : reference(items[1], "replaces"),
    topicId: octets(items[2], "topicId", undefined, 4096),
    expires: items[3] === null ? null : expiration(items[3]),
    inReplyTo: items[4] === null ? null : reference(items[4], "inReplyTo"),
    extensions: extensionMap(items[5]),
    body: nestedPart(items[6], 0, { left: 1024 }),
  };
  return { content, bytes: new Uint8Array(data.subarray(0, data.length - rest.length)), rest };
}

const MAX_DEPTH = 4;

function nestedPart(value: unknown, depth: number, parts: { left: number }): NestedPart {
  parts.left -= 1;
  if (depth > MAX_DEPTH || parts.left < 0) throw new NotMimi("parts");
  const items = array(value, "part");
  const head = { disposition: uint(items[0], "disposition", 0xff), language: tstr(items[1], "language") };
  switch (items[2]) {
    case 0:
      array(items, "part", 3);
      return { ...head, cardinality: "null" };
    case 1:
      array(items, "part", 5);
      return {
        ...head, cardinality: "single",
        contentType: tstr(items[3], "contentType"), content: octets(items[4], "content"),
      };
    case 2:
      return { ...head, ...externalPart(array(items, "part", 15)) };
    case 3: {
      const nested = array(items[4], "parts");
      if (items.length !== 5 || nested.length < 2) throw new NotMimi("parts");
      return {
        ...head, cardinality: "multi", semantics: uint(items[3], "semantics", PartSemantics.processAll),
        parts: nested.map((part) => nestedPart(part, depth + 1, parts)),
      };
    }
    default:
      throw new NotMimi("cardinality");
  }
}

function externalPart(items: unknown[]): Extract<NestedPart, { cardinality: "external" }> extends PartHead & infer P ? P : never {
  return {
    cardinality: "external",
    contentType: tstr(items[3], "contentType"), url: tstr(items[4], "url"), expires: uint(items[5], "expires", 0xffffffff),
    size: uint(items[6], "size", Number.MAX_SAFE_INTEGER),
    encAlg: uint(items[7], "encAlg", 0xffff), key: octets(items[8], "key"), nonce: octets(items[9], "nonce"),
    aad: octets(items[10], "aad"), hashAlg: uint(items[11], "hashAlg", 0xff),
    contentHash: octets(items[12], "contentHash"), description: tstr(items[13], "description"),
    filename: tstr(items[14], "filename"),
  };
}

function expiration(value: unknown): { relative: boolean; time: number } {
  const [relative, time] = array(value, "expires", 2);
  if (typeof relative !== "boolean") throw new NotMimi("expires");
  return { relative, time: uint(time, "expires", 0xffffffff) };
}

function extensionMap(value: unknown): Map<number | string, unknown> {
  if (!(value instanceof Map)) throw new NotMimi("extensions");
  for (const key of value.keys()) {
    const fits = typeof key === "string" ? key.length > 0 && utf8(key).length <= 255 : Number.isInteger(key);
    if (!fits) throw new NotMimi("extensions");
  }
  return value as Map<number | string, unknown>;
}

/** A message id: its first octet names a hash algorithm, of which only SHA-256 (1) is known. */
function reference(value: unknown, what: string): Bytes {
  const id = octets(value, what, 32);
  if (id[0] !== 1) throw new NotMimi(what);
  return id;
}

function array(value: unknown, what: string, length?: number): unknown[] {
  if (!Array.isArray(value) || (length !== undefined && value.length !== length)) throw new NotMimi(what);
  return value;
}

function octets(value: unknown, what: string, length?: number, most = Infinity): Bytes {
  if (!(value instanceof Uint8Array) || value.length !== (length ?? value.length) || value.length > most) {
    throw new NotMimi(what);
  }
  return ownBytes(value);
}

function tstr(value: unknown, what: string): string {
  if (typeof value !== "string") throw new NotMimi(what);
  return value;
}

function uint(value: unknown, what: string, most: number): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0 || value > most) throw new NotMimi(what);
  return value;
}

/**
 * The message id: 0x01 and the first 31 octets of SHA-256 over both URIs, each after its length as a big-endian uint16,
 * the content's bytes, and the salt once more.
 */
export async function messageId(bytes: Bytes, salt: Bytes, senderUri: string, roomUri: string): Promise<Bytes> {
  const digest = await sha256(concat(prefixed(senderUri), prefixed(roomUri), bytes, salt));
  return concat(Uint8Array.of(1), digest.subarray(0, 31));
}

function prefixed(uri: string): Bytes {
  const data = utf8(uri);
  return concat(Uint8Array.of(data.length >> 8, data.length & 0xff), data);
}
