import { createHmac, randomBytes } from "node:crypto";
import { decodeFirst, encode } from "cborg";
import { bytes, concat, same, type Bytes } from "./encodings.ts";
import { sha256 } from "./identity.ts";

/** MIMI content (section 6) and its franking tag (section 7). */
export interface Content {
  salt: Bytes;
  /** The message id of what this edits or deletes. */
  replaces: Bytes | null;
  inReplyTo: Bytes | null;
  sender: string;
  room: string;
  name: string | null;
  disposition: number;
  /** Null for a null part, which deletes. */
  part: { type: string; data: Bytes } | null;
}

export const render = 1;
export const reaction = 2;
export const unspecified = 0;
export const plainText = "text/plain;charset=utf-8";

export function text(words: string): { type: string; data: Bytes } {
  return { type: plainText, data: bytes(Buffer.from(words)) };
}

/** The part of a profile: how this person is called. */
export function profile(name: string): { type: string; data: Bytes } {
  return { type: "application/vnd.kindred.profile+cbor", data: bytes(encode({ name })) };
}

/** The part that gives a private room its name. */
export function roomName(name: string): { type: string; data: Bytes } {
  return { type: "application/vnd.kindred.room+cbor", data: bytes(encode({ name })) };
}

/** The part by which a newcomer shows a group the invite that they came by (section 3.4). */
export function invited(invite: { by: Bytes; key: Bytes; uses: number; expires: number; terms: Bytes; proof: Bytes }): { type: string; data: Bytes } {
  return { type: "application/vnd.kindred.invited+cbor", data: bytes(encode(invite)) };
}

export function newSalt(): Bytes {
  return bytes(randomBytes(16));
}

export function encodeContent(content: Content): Bytes {
  const extensions = new Map<number | string, string>([[1, content.sender], [2, content.room]]);
  if (content.name !== null) extensions.set("kindred.name", content.name);
  const { part } = content;
  const body = part === null ? [content.disposition, "", 0] : [content.disposition, "", 1, part.type, part.data];
  return bytes(encode([content.salt, content.replaces, new Uint8Array(), null, content.inReplyTo, extensions, body]));
}

/** Reads content, with or without the padding behind it, and gives the content's own bytes. Throws where it is not of the form. */
export function decodeContent(padded: Uint8Array): { content: Content; raw: Bytes } {
  const [value, rest] = decodeFirst(padded, { useMaps: true }) as [unknown, Uint8Array];
  if (rest.some((byte) => byte !== 0)) throw new Error("Something other than zeros behind the content");
  const [salt, replaces, , , inReplyTo, extensions, body] = list(value, 7);
  const [disposition, , cardinality, type, data] = list(body);
  if (!(extensions instanceof Map) || typeof disposition !== "number") throw new Error("Not MIMI content");
  if (cardinality !== 0 && cardinality !== 1) throw new Error(`A part of cardinality ${String(cardinality)}`);
  return {
    content: {
      salt: blob(salt, 16),
      replaces: replaces === null ? null : blob(replaces, 32),
      inReplyTo: inReplyTo === null ? null : blob(inReplyTo, 32),
      sender: word(extensions.get(1)),
      room: word(extensions.get(2)),
      name: extensions.has("kindred.name") ? word(extensions.get("kindred.name")) : null,
      disposition,
      part: cardinality === 0 ? null : { type: word(type), data: blob(data) },
    },
    raw: bytes(padded.subarray(0, padded.length - rest.length)),
  };
}

/** The length of application data that holds `length` bytes of content. */
export function bucket(length: number): number {
  const fits = [256, 512, 1024, 2048, 4096, 8192].find((size) => size >= length);
  return fits ?? Math.ceil(length / 8192) * 8192;
}

export function pad(raw: Uint8Array): Bytes {
  return concat(raw, new Uint8Array(bucket(raw.length) - raw.length));
}

export function frankingTag(salt: Uint8Array, raw: Uint8Array): Bytes {
  return bytes(createHmac("sha256", salt).update(raw).digest());
}

/** The name by which other messages refer to this one (draft-ietf-mimi-content-08, section 3.3). */
export function messageId({ sender, room, salt }: Content, raw: Uint8Array): Bytes {
  const hash = sha256(counted(sender), counted(room), raw, salt);
  return concat(Uint8Array.of(1), hash.subarray(0, 31));
}

/** What makes a message one that could not be checked; null when everything fits. */
export function doubts({ content, raw }: { content: Content; raw: Uint8Array }, tag: Uint8Array | null, sender: string, room: string): string | null {
  if (tag === null || !same(tag, frankingTag(content.salt, raw))) return "the franking tag does not fit";
  if (content.sender !== sender) return `the content says that it is from ${content.sender}`;
  return content.room === room ? null : `the content says that it is for ${content.room}`;
}

function counted(uri: string): Bytes {
  const ascii = Buffer.from(uri);
  return concat(Uint8Array.of(ascii.length >> 8, ascii.length & 255), ascii);
}

function list(value: unknown, length?: number): unknown[] {
  if (!Array.isArray(value) || (length !== undefined && value.length !== length)) throw new Error("Not MIMI content");
  return value as unknown[];
}

function blob(value: unknown, length?: number): Bytes {
  if (!(value instanceof Uint8Array) || (length !== undefined && value.length !== length)) throw new Error("Not MIMI content");
  return bytes(value);
}

function word(value: unknown): string {
  if (typeof value !== "string") throw new Error("Not MIMI content");
  return value;
}
