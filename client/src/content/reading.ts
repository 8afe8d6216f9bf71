/** What a MIMI content means in Kindred (docs/protocol.md, section 6): what people are shown by content/shown.ts, and what apps tell one another. Pure. */
import { decode } from "cborg";
import { cleanName, LONGEST_NAME, LONGEST_ROOM_NAME } from "./characters.ts";
import { opened, PROFILE_TYPE, ROOM_TYPE, type Shown, shownOf } from "./shown.ts";
import { type Bytes, hex } from "../protocol/bytes.ts";
import { binOf, count, flag, list, object, nullable, oneOf, text, tuple, uuidBin } from "../protocol/shape.ts";
import { Disposition, type MimiContent } from "../crypto/mimi.ts";
import type { Picture } from "../crypto/picture.ts";
import type { ShownInvite } from "../crypto/room-invite.ts";
import { HAND_OVER_TYPE, readHandOver, readService, SERVICE_TYPE } from "./card-content.ts";
import { CHECKS_TYPE, readChecks, type RoomChecks } from "./checks-content.ts";
import type { Card } from "../contract/index.ts";
import { INVITED_TYPE, readInvited } from "./invited-content.ts";
import type { RoleRules } from "./role-rules.ts";
import { readPart, type ReportPart } from "./report-content.ts";
import { readRetold, type RetoldContent } from "./retold-content.ts";
import { type AnswerContent, type NoteContent, readAnswer, readNote } from "./staff-content.ts";

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
  | { type: "react"; target: string; emoji: string }
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
  /** A message in no form that people are shown. */
  | { type: "unreadable" }
  /** Nothing that people would be shown in any version, or of a kind that apps of this version do not know. */
  | { type: "other" };

const CONTROLS = "application/vnd.kindred.";

/** What bytes mean that may be any: whatever is no content in its one spelling is a message that nobody is shown. */
export function meaningIn(data: Bytes): Meaning {
  const { content } = opened(data);
  return content ? interpret(content) : { type: "unreadable" };
}

export function interpret(content: MimiContent): Meaning {
  const { body } = content;
  if (body.cardinality === "single" && body.contentType.startsWith(CONTROLS) && body.contentType !== PROFILE_TYPE && body.contentType !== ROOM_TYPE) {
    return body.disposition === Disposition.reaction ? { type: "other" } : control(body.contentType, body.content, content.inReplyTo && hex(content.inReplyTo));
  }
  const shown = shownOf(content);
  // A reaction that is none, and a name that is none, leave nothing to be seen where it would stand.
  const quiet = body.cardinality === "null" || body.disposition === Disposition.reaction || (body.cardinality === "single" && body.contentType.startsWith(CONTROLS));
  return shown.type === "unreadable" && quiet ? { type: "other" } : meaningOf(shown);
}

function meaningOf(shown: Shown): Meaning {
  switch (shown.type) {
    case "text": {
      const { text, inReplyTo, picture } = shown;
      return { type: "text", text, inReplyTo: inReplyTo && hex(inReplyTo), ...(picture && { picture }) };
    }
    case "edit":
      return { ...shown, target: hex(shown.target) };
    case "delete":
      return { ...shown, target: hex(shown.target) };
    case "react":
      return { ...shown, target: hex(shown.target) };
    case "unreact":
      return { type: "unreact", reaction: hex(shown.reaction), target: shown.target && hex(shown.target) };
    case "profile":
    case "room":
    case "unreadable":
      return shown;
  }
}

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
