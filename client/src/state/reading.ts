/** What a MIMI content means in Kindred (docs/protocol.md, section 6). Pure. */
import { decode } from "cborg";
import { type Bytes, hex, utf8Text } from "../protocol/bytes.ts";
import { binOf, count, flag, list, object, nullable, oneOf, text, tuple, uuidBin } from "../protocol/shape.ts";
import { Disposition, type MimiContent, type NestedPart, PartSemantics, ROOM_URI } from "../crypto/mimi.ts";
import { type Picture, readPicture } from "../crypto/picture.ts";
import type { ShownInvite } from "../crypto/room-invite.ts";
import { HAND_OVER_TYPE, readHandOver, readService, SERVICE_TYPE } from "./card-content.ts";
import { CHECKS_TYPE, readChecks, type RoomChecks } from "./checks-content.ts";
import type { Card } from "./contract-referrals.ts";
import { INVITED_TYPE, readInvited } from "./invited-content.ts";
import type { RoleRules } from "./records.ts";
import { readPart, type ReportPart } from "./report-content.ts";
import { readRetold, type RetoldContent } from "./retold-content.ts";
import { type AnswerContent, type NoteContent, readAnswer, readNote } from "./staff-content.ts";

export const NAME_EXTENSION = "kindred.name";
export const PROFILE_TYPE = "application/vnd.kindred.profile+cbor";
export const ROOM_TYPE = "application/vnd.kindred.room+cbor";
/** What the devices of one account tell one another, in their own room. */
export const OWN_TYPE = "application/vnd.kindred.own+cbor";
export const ROLES_TYPE = "application/vnd.kindred.roles+cbor";
export const PIN_TYPE = "application/vnd.kindred.pin+cbor";
/** What somebody shows to moderators, in a case's room alone. */
export const REPORT_TYPE = "application/vnd.kindred.report+cbor";
/** What was said in a talk about a decision, for those who come later, in its room alone. */
export const RETOLD_TYPE = "application/vnd.kindred.retold+cbor";
/** What the staff tell one another, in their own rooms alone. */
export const NOTE_TYPE = "application/vnd.kindred.note+cbor";
export const ANSWER_TYPE = "application/vnd.kindred.answer+cbor";
export const ROSTER_TYPE = "application/vnd.kindred.roster+cbor";

export type Meaning =
  /** The text may be empty when there is a picture. */
  | { type: "text"; text: string; inReplyTo: string | null; picture?: Picture }
  | { type: "edit"; target: string; text: string }
  | { type: "delete"; target: string }
  | { type: "react"; target: string; emojis: string[] }
  /** `target` is the message reacted to, if the content says so. */
  | { type: "unreact"; reaction: string; target: string | null }
  | { type: "profile"; name: string }
  | { type: "room"; name: string }
  | { type: "own"; kind: string; value: unknown }
  | { type: "roster"; room: string | null; people: [account: string, name: string][] }
  /** `removed`: whom the sender has taken out; `here`: of whom the sender knows that they were let in, as of `epoch`. */
  | { type: "roles"; rules: RoleRules; removed: string[]; here: string[]; epoch: number }
  | { type: "invited"; invite: ShownInvite }
  | { type: "checks"; rooms: RoomChecks[] }
  | { type: "pin"; target: string; pinned: boolean }
  | { type: "report"; part: ReportPart }
  /** An answer to a hand-over names the message that it answers. */
  | { type: "card"; card: Card; inReplyTo: string | null }
  | { type: "retold"; retold: RetoldContent }
  | { type: "note"; note: NoteContent }
  | { type: "answer"; answer: AnswerContent }
  /** Of a kind that this version does not show. */
  | { type: "other" };

export const LONGEST_NAME = 40;
export const LONGEST_ROOM_NAME = 80;
const LONGEST_EMOJI = 64;
/** Invisible, but part of how Persian, Indic scripts and emoji are written. */
const JOINERS = new Set(["\u200c", "\u200d"]);

export function interpret(content: MimiContent): Meaning {
  const { body } = content;
  const replaces = content.replaces && hex(content.replaces);
  const inReplyTo = content.inReplyTo && hex(content.inReplyTo);
  if (body.cardinality === "null") {
    if (replaces === null) return { type: "other" };
    return body.disposition === Disposition.reaction
      ? { type: "unreact", reaction: replaces, target: inReplyTo }
      : { type: "delete", target: replaces };
  }
  if (body.disposition === Disposition.reaction) {
    const emojis = textsOf(body).map((emoji) => emoji.trim()).filter((emoji) => emoji !== "" && emoji.length <= LONGEST_EMOJI);
    return inReplyTo !== null && emojis.length > 0 ? { type: "react", target: inReplyTo, emojis } : { type: "other" };
  }
  if (body.cardinality === "single" && body.contentType.startsWith("application/vnd.kindred.")) {
    return control(body.contentType, body.content, inReplyTo);
  }
  const place = content.extensions.get(ROOM_URI);
  const picture = typeof place === "string" && replaces === null ? pictureIn(body, place) : null;
  const shown = textsOf(picture ? without(body, picture.part) : body).join("\n\n");
  if (picture) return { type: "text", text: shown, inReplyTo, picture: picture.picture };
  if (shown === "") return { type: "other" };
  return replaces === null ? { type: "text", text: shown, inReplyTo } : { type: "edit", target: replaces, text: shown };
}

/** The first picture in it that this version can show. */
function pictureIn(part: NestedPart, place: string): { part: NestedPart; picture: Picture } | null {
  const picture = readPicture(part, place);
  if (picture) return { part, picture };
  return part.cardinality === "multi" ? (part.parts.map((inner) => pictureIn(inner, place)).find((found) => found !== null) ?? null) : null;
}

function without(part: NestedPart, gone: NestedPart): NestedPart {
  if (part === gone) return { disposition: part.disposition, language: part.language, cardinality: "null" };
  return part.cardinality === "multi" ? { ...part, parts: part.parts.map((inner) => without(inner, gone)) } : part;
}

/** The texts of a part, in order, choosing where the sender leaves a choice. */
function textsOf(part: NestedPart): string[] {
  switch (part.cardinality) {
    case "null":
      return [];
    case "single":
      return isText(part.contentType) ? [utf8OrNothing(part.content)].filter((found) => found !== "") : [];
    case "external":
      // Attachments are named until they can be opened.
      return [part.description || part.filename].filter((found) => found !== "");
    case "multi": {
      const texts = part.parts.map(textsOf);
      return part.semantics === PartSemantics.chooseOne ? (texts.find((found) => found.length > 0) ?? []) : texts.flat();
    }
  }
}

function isText(contentType: string): boolean {
  const [type = "", ...parameters] = contentType.toLowerCase().split(";").map((piece) => piece.trim());
  const charset = parameters.find((parameter) => parameter.startsWith("charset="));
  return (type === "text/plain" || type === "text/markdown") && (charset === undefined || charset === "charset=utf-8");
}

function utf8OrNothing(data: Bytes): string {
  try {
    return utf8Text(data);
  } catch {
    return "";
  }
}

const nameBody = object({ name: text });
const ownBody = object({ kind: text, value: (value: unknown): unknown => value });
const rosterBody = object({ room: nullable(text), people: list(tuple<[string, string]>(uuidBin, text)) });

const rolesBody = object({
  stewards: list(uuidBin), add: oneOf("all", "stewards"), muted: list(tuple<[string, number]>(uuidBin, count)), removed: list(uuidBin), here: list(uuidBin), epoch: count,
});
const pinBody = object({ message: binOf(32), pinned: flag });

function control(contentType: string, data: Bytes, inReplyTo: string | null): Meaning {
  try {
    const value: unknown = decode(data);
    switch (contentType) {
      case PROFILE_TYPE:
        return named("profile", cleanName(nameBody(value, "profile").name, LONGEST_NAME));
      case ROOM_TYPE:
        return named("room", cleanName(nameBody(value, "room").name, LONGEST_ROOM_NAME));
      case OWN_TYPE:
        return { type: "own", ...ownBody(value, "own") };
      case ROLES_TYPE: {
        const { removed, here, epoch, ...rules } = rolesBody(value, "roles");
        return { type: "roles", rules, removed, here, epoch };
      }
      case CHECKS_TYPE:
        return { type: "checks", rooms: readChecks(value) };
      case INVITED_TYPE:
        return { type: "invited", invite: readInvited(value) };
      case PIN_TYPE: {
        const { message, pinned } = pinBody(value, "pin");
        return { type: "pin", target: hex(message), pinned };
      }
      case REPORT_TYPE:
        return { type: "report", part: readPart(value) };
      case SERVICE_TYPE:
        return { type: "card", card: readService(value), inReplyTo };
      case HAND_OVER_TYPE:
        return { type: "card", card: readHandOver(value), inReplyTo };
      case RETOLD_TYPE:
        return { type: "retold", retold: readRetold(value) };
      case NOTE_TYPE:
        return { type: "note", note: readNote(value) };
      case ANSWER_TYPE:
        return { type: "answer", answer: readAnswer(value) };
      case ROSTER_TYPE: {
        const { room, people } = rosterBody(value, "roster");
        return {
          type: "roster",
          room: room === null ? null : cleanName(room, LONGEST_ROOM_NAME) || null,
          people: people.map(([account, name]): [string, string] => [account, cleanName(name, LONGEST_NAME)]).filter(([, name]) => name !== ""),
        };
      }
    }
  } catch {
    // Not of the form that its type promises.
  }
  return { type: "other" };
}

function named(type: "profile" | "room", name: string): Meaning {
  return name === "" ? { type: "other" } : { type, name };
}

/**
 * A name as it may be shown: one line, no longer than `longest` characters, without the invisible characters that turn
 * text around or make two names look the same.
 */
export function cleanName(name: string, longest: number): string {
  const visible = name.normalize("NFC").replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu, (found) => (JOINERS.has(found) ? found : " "));
  return [...visible.replace(/\s+/gu, " ").trim()].slice(0, longest).join("").trim();
}

/** The pseudonym that came with a content, or null. */
export function senderName(content: MimiContent): string | null {
  const name = content.extensions.get(NAME_EXTENSION);
  return typeof name === "string" ? cleanName(name, LONGEST_NAME) || null : null;
}
