/** What a message says, out of its MIMI content: the words that a bundle shows (docs/protocol.md, section 13). */
import { decodeMimi, Disposition, type MimiContent, type NestedPart, NotMimi, ROOM_URI, SENDER_URI } from "../crypto/mimi.ts";
import type { Bytes } from "../protocol/bytes.ts";

const TEXTS = ["text/plain", "text/markdown"];

/** `sender` and `room` are the URIs inside; `text` what people saw. */
export interface Said {
  salt: Bytes;
  sender: string;
  room: string;
  text: string;
}

/** Throws NotMimi. */
export function said(data: Bytes): Said {
  const { content } = decodeMimi(data);
  const sender = content.extensions.get(SENDER_URI);
  const room = content.extensions.get(ROOM_URI);
  if (typeof sender !== "string" || typeof room !== "string") throw new NotMimi("extensions");
  return { salt: content.salt, sender, room, text: marked(content, words(content.body).join("\n")) };
}

/** In brackets what a message does besides saying something. */
function marked({ replaces, inReplyTo, body }: MimiContent, text: string): string {
  if (replaces) return body.cardinality === "null" ? "[deleted a message]" : `[changed a message to] ${text}`;
  if (body.disposition === Disposition.reaction) return `[reacted with] ${text}`;
  return inReplyTo ? `[in reply] ${text}` : text;
}

function words(part: NestedPart): string[] {
  switch (part.cardinality) {
    case "null":
      return [];
    case "single":
      return [TEXTS.includes(part.contentType.split(";")[0] ?? "") ? text(part.content) : `[${part.contentType}]`];
    case "external":
      return [`[file “${part.filename}”, ${part.contentType}]`];
    case "multi":
      return part.parts.flatMap(words);
  }
}

function text(content: Bytes): string {
  try {
    // Nothing of it may be left out, not even a mark at the beginning.
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content);
  } catch {
    throw new NotMimi("text");
  }
}
