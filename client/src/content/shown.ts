/**
 * What people are shown of a MIMI content (docs/protocol.md, section 6.2): one rule for the app, for moderators, for
 * `/verify.html` and, as moderation/evidence/content.py, for the command. What is not of these forms is shown to nobody as text.
 */
import { saltOf } from "../crypto/application-data.ts";
import { decodeMimi, Disposition, type MimiContent, type NestedPart, NotMimi, PartSemantics, ROOM_URI, SENDER_URI } from "../crypto/mimi.ts";
import { readCanonical } from "../crypto/canonical.ts";
import { type Picture, readPicture } from "../crypto/picture.ts";
import type { Bytes } from "../protocol/bytes.ts";
import { isName, LONGEST_NAME, LONGEST_ROOM_NAME, visible } from "./characters.ts";
import { isReaction } from "./reactions.ts";

export const NAME_EXTENSION = "kindred.name";
export const PROFILE_TYPE = "application/vnd.kindred.profile+cbor";
export const ROOM_TYPE = "application/vnd.kindred.room+cbor";
const PLAIN_TYPE = "text/plain;charset=utf-8";
const TEXTS: readonly string[] = [PLAIN_TYPE, "text/markdown;variant=GFM-MIMI"];
const SAYING: readonly number[] = [Disposition.render, Disposition.inline, Disposition.attachment];

export type Shown =
  /** The text may be empty when there is a picture. */
  | { type: "text"; text: string; inReplyTo: Bytes | null; picture: Picture | null }
  | { type: "edit"; target: Bytes; text: string }
  | { type: "delete"; target: Bytes }
  | { type: "react"; target: Bytes; emoji: string }
  | { type: "unreact"; reaction: Bytes; target: Bytes | null }
  | { type: "profile" | "room"; name: string }
  /** In no form that people are shown. */
  | { type: "unreadable" };

const UNREADABLE = { type: "unreadable" } as const;

/** Some part is of a kind that nobody is shown, so nothing of the message is. */
class NotShown extends Error {}

export function shownOf(content: MimiContent): Shown {
  const { body, replaces, inReplyTo } = content;
  if (body.cardinality === "null") {
    if (!replaces) return UNREADABLE;
    return body.disposition === Disposition.reaction ? { type: "unreact", reaction: replaces, target: inReplyTo } : { type: "delete", target: replaces };
  }
  if (body.disposition === Disposition.reaction) return reaction(body, content);
  if (body.cardinality === "single" && (body.contentType === PROFILE_TYPE || body.contentType === ROOM_TYPE)) return named(body.contentType, body.content);
  const pieces = piecesOf(body, content.extensions.get(ROOM_URI));
  const pictures = pieces?.filter((piece) => typeof piece !== "string") ?? [];
  const text = visible(pieces?.filter((piece) => typeof piece === "string").join("\n\n") ?? "");
  const [picture = null] = pictures;
  if (pictures.length > 1 || (text === "" && !picture)) return UNREADABLE;
  if (!replaces) return { type: "text", text, inReplyTo, picture };
  return picture ? UNREADABLE : { type: "edit", target: replaces, text };
}

/** The name that its sender gave with a content, if it is one that is shown. */
function nameWith(content: MimiContent): string | null {
  const name = content.extensions.get(NAME_EXTENSION);
  return typeof name === "string" && isName(name, LONGEST_NAME) ? name : null;
}

/** A content by itself: who and where it says that it is from, what people are shown of it, and the name that came with it. */
export interface Opened {
  /** Null when not even that can be found. */
  salt: Bytes | null;
  /** URIs; null when the bytes are no content in its one spelling that names both. */
  from: { sender: string; room: string } | null;
  shown: Shown;
  name: string | null;
  content: MimiContent | null;
}

/** Whatever the bytes are. */
export function opened(data: Bytes): Opened {
  const content = wholeContent(data);
  const [sender, room] = [SENDER_URI, ROOM_URI].map((which) => content?.extensions.get(which));
  if (!content || typeof sender !== "string" || typeof room !== "string") return { salt: saltOf(data), from: null, shown: UNREADABLE, name: null, content: null };
  return { salt: content.salt, from: { sender, room }, shown: shownOf(content), name: nameWith(content), content };
}

function wholeContent(data: Bytes): MimiContent | null {
  try {
    const { content, rest } = decodeMimi(data);
    return rest.length > 0 ? null : content;
  } catch (error) {
    if (!(error instanceof NotMimi)) throw error;
    return null;
  }
}

function reaction(body: NestedPart, { replaces, inReplyTo }: MimiContent): Shown {
  if (body.cardinality !== "single" || body.contentType !== PLAIN_TYPE || replaces || !inReplyTo) return UNREADABLE;
  const emoji = textOf(body.content);
  return emoji !== null && isReaction(emoji) ? { type: "react", target: inReplyTo, emoji } : UNREADABLE;
}

function named(contentType: string, data: Bytes): Shown {
  const value = readCanonical(data);
  const name: unknown = value instanceof Map && value.size === 1 ? value.get("name") : null;
  const profile = contentType === PROFILE_TYPE;
  if (typeof name !== "string" || !isName(name, profile ? LONGEST_NAME : LONGEST_ROOM_NAME)) return UNREADABLE;
  return { type: profile ? "profile" : "room", name };
}

/** Its texts and pictures in order; of alternatives the first that can be shown. Null when some part cannot. */
function piecesOf(part: NestedPart, room: unknown): (string | Picture)[] | null {
  try {
    return pieces(part, room);
  } catch (error) {
    if (!(error instanceof NotShown)) throw error;
    return null;
  }
}

function pieces(part: NestedPart, room: unknown): (string | Picture)[] {
  if (!SAYING.includes(part.disposition)) throw new NotShown();
  switch (part.cardinality) {
    case "null":
      return [];
    case "single": {
      const text = TEXTS.includes(part.contentType) ? textOf(part.content) : null;
      if (text === null) throw new NotShown();
      return [text];
    }
    case "external": {
      const picture = typeof room === "string" ? readPicture(part, room) : null;
      if (!picture) throw new NotShown();
      return [{ ...picture, description: visible(picture.description) }];
    }
    case "multi": {
      if (part.semantics !== PartSemantics.chooseOne) return part.parts.flatMap((inner) => pieces(inner, room));
      const chosen = part.parts.map((inner) => piecesOf(inner, room)).find((found) => found !== null && found.length > 0);
      if (!chosen) throw new NotShown();
      return chosen;
    }
  }
}

/** Null when it is no UTF-8. Nothing of it may be left out, not even a mark at the beginning. */
function textOf(data: Bytes): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data);
  } catch {
    return null;
  }
}
