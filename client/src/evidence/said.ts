/** What a message says, out of its MIMI content: the words that a bundle shows (docs/protocol.md, section 13). */
import { decodeMimi, Disposition, type MimiContent, type NestedPart, NotMimi, ROOM_URI, SENDER_URI } from "../crypto/mimi.ts";
import { type Picture, readPicture } from "../crypto/picture.ts";
import type { Bytes } from "../protocol/bytes.ts";

const TEXTS = ["text/plain", "text/markdown"];

/** `sender` and `room` are the URIs inside; `text` what people saw; `attachments` in order, null where one is no picture. */
export interface Said {
  salt: Bytes;
  sender: string;
  room: string;
  text: string;
  attachments: (Picture | null)[];
}

/** Throws NotMimi. */
export function said(data: Bytes): Said {
  const { content } = decodeMimi(data);
  const sender = content.extensions.get(SENDER_URI);
  const room = content.extensions.get(ROOM_URI);
  if (typeof sender !== "string" || typeof room !== "string") throw new NotMimi("extensions");
  const all = parts(content.body);
  const text = all.map((part) => words(part, room)).join("\n");
  const attachments = all.filter(({ cardinality }) => cardinality === "external").map((part) => readPicture(part, room));
  return { salt: content.salt, sender, room, text: marked(content, text), attachments };
}

/** In brackets what a message does besides saying something. */
function marked({ replaces, inReplyTo, body }: MimiContent, text: string): string {
  if (replaces) return body.cardinality === "null" ? "[deleted a message]" : `[changed a message to] ${text}`;
  if (body.disposition === Disposition.reaction) return `[reacted with] ${text}`;
  return inReplyTo ? `[in reply] ${text}` : text;
}

/** What is said, part by part, in order. */
function parts(part: NestedPart): NestedPart[] {
  return part.cardinality === "multi" ? part.parts.flatMap(parts) : part.cardinality === "null" ? [] : [part];
}

function words(part: NestedPart, room: string): string {
  if (part.cardinality === "single") return TEXTS.includes(part.contentType.split(";")[0] ?? "") ? text(part.content) : `[${part.contentType}]`;
  if (part.cardinality !== "external") return "";
  const picture = readPicture(part, room);
  if (!picture) return `[file “${part.filename}”, ${part.contentType}]`;
  return picture.description === "" ? "[picture]" : `[picture: ${picture.description}]`;
}

function text(content: Bytes): string {
  try {
    // Nothing of it may be left out, not even a mark at the beginning.
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content);
  } catch {
    throw new NotMimi("text");
  }
}
