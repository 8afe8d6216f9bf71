/** Makes the MIMI contents that Kindred sends (docs/protocol.md, section 6). */
import { encode, rfc8949EncodeOptions } from "cborg";
import { type Bytes, fromHex, hex, ownBytes, randomBytes, utf8 } from "../protocol/bytes.ts";
import { roomUri, userUri, uuidBytes } from "../protocol/ids.ts";
import { frankingTag } from "../crypto/application-data.ts";
import { NAME_EXTENSION, PROFILE_TYPE, ROOM_TYPE } from "./shown.ts";
import {
  Disposition, encodeMimi, messageId, type MimiContent, type NestedPart, PartSemantics, ROOM_URI, SENDER_URI,
} from "../crypto/mimi.ts";
import {
  ANSWER_TYPE, type Meaning, NOTE_TYPE, OWN_TYPE, PIN_TYPE, REPORT_TYPE, RETOLD_TYPE, ROLES_TYPE, ROSTER_TYPE,
} from "./reading.ts";
import { CHECKS_TYPE, checksFields } from "./checks-content.ts";
import { INVITED_TYPE, invitedFields } from "./invited-content.ts";
import { cardType, encodeCard } from "./card-content.ts";
import { picturePart } from "../crypto/picture.ts";
import { encodePart } from "./report-content.ts";
import { encodeRetold } from "./retold-content.ts";
import { encodeAnswer, encodeNote } from "./staff-content.ts";

export interface Author {
  account: string;
  /** Null where the pseudonym is not to travel. */
  name: string | null;
  domain: string;
}

export interface Written {
  content: Bytes;
  tag: Bytes;
  /** The MIMI message id, as hex. */
  id: string;
}

const PLAIN = "text/plain;charset=utf-8";

export async function write(meaning: Exclude<Meaning, { type: "other" | "unreadable" }>, author: Author, room: string): Promise<Written> {
  const [sender, place] = [userUri(author.account, author.domain), roomUri(room, author.domain)];
  const salt = randomBytes(16);
  const mimi: MimiContent = {
    salt, topicId: new Uint8Array(), expires: null,
    ...references(meaning),
    extensions: new Map<number | string, unknown>([
      [SENDER_URI, sender], [ROOM_URI, place], ...(author.name === null ? [] : [[NAME_EXTENSION, author.name] as const]),
    ]),
    body: bodyOf(meaning, place),
  };
  const content = encodeMimi(mimi);
  return { content, tag: await frankingTag(salt, content), id: hex(await messageId(content, salt, sender, place)) };
}

function references(meaning: Meaning): Pick<MimiContent, "replaces" | "inReplyTo"> {
  switch (meaning.type) {
    case "text":
    case "card":
      return { replaces: null, inReplyTo: meaning.inReplyTo === null ? null : fromHex(meaning.inReplyTo) };
    case "edit":
    case "delete":
      return { replaces: fromHex(meaning.target), inReplyTo: null };
    case "react":
      return { replaces: null, inReplyTo: fromHex(meaning.target) };
    case "unreact":
      return { replaces: fromHex(meaning.reaction), inReplyTo: meaning.target === null ? null : fromHex(meaning.target) };
    default:
      return { replaces: null, inReplyTo: null };
  }
}

function bodyOf(meaning: Exclude<Meaning, { type: "other" | "unreadable" }>, place: string): NestedPart {
  switch (meaning.type) {
    case "text": {
      const text = single(Disposition.render, PLAIN, utf8(meaning.text));
      if (!meaning.picture) return text;
      const picture = picturePart(meaning.picture, place);
      if (meaning.text === "") return picture;
      return { disposition: Disposition.render, language: "", cardinality: "multi", semantics: PartSemantics.processAll, parts: [text, picture] };
    }
    case "edit":
      return single(Disposition.render, PLAIN, utf8(meaning.text));
    case "delete":
      return { disposition: Disposition.render, language: "", cardinality: "null" };
    case "react":
      return single(Disposition.reaction, PLAIN, utf8(meaning.emoji));
    case "unreact":
      return { disposition: Disposition.reaction, language: "", cardinality: "null" };
    case "profile":
      return single(Disposition.unspecified, PROFILE_TYPE, cbor({ name: meaning.name }));
    case "room":
      return single(Disposition.unspecified, ROOM_TYPE, cbor({ name: meaning.name }));
    case "own":
      return single(Disposition.unspecified, OWN_TYPE, cbor({ kind: meaning.kind, value: meaning.value }));
    case "roles": {
      const { stewards, add, muted } = meaning.rules;
      return single(Disposition.unspecified, ROLES_TYPE, cbor({
        stewards: stewards.map(uuidBytes), add, muted: muted.map(([account, until]) => [uuidBytes(account), until]),
        removed: meaning.removed.map(uuidBytes), here: meaning.here.map(uuidBytes), epoch: meaning.epoch,
      }));
    }
    case "checks":
      return single(Disposition.unspecified, CHECKS_TYPE, cbor(checksFields(meaning.rooms)));
    case "invited":
      return single(Disposition.unspecified, INVITED_TYPE, cbor(invitedFields(meaning.invite)));
    case "report":
      return single(Disposition.unspecified, REPORT_TYPE, encodePart(meaning.part));
    case "card":
      return single(Disposition.render, cardType(meaning.card), encodeCard(meaning.card));
    case "retold":
      return single(Disposition.unspecified, RETOLD_TYPE, encodeRetold(meaning.retold));
    case "note":
      return single(Disposition.unspecified, NOTE_TYPE, encodeNote(meaning.note));
    case "answer":
      return single(Disposition.unspecified, ANSWER_TYPE, encodeAnswer(meaning.answer));
    case "pin":
      return single(Disposition.unspecified, PIN_TYPE, cbor({ message: fromHex(meaning.target), pinned: meaning.pinned }));
    case "roster": {
      const people = meaning.people.map(([account, name]) => [uuidBytes(account), name]);
      return single(Disposition.unspecified, ROSTER_TYPE, cbor({ room: meaning.room, people }));
    }
  }
}

function single(disposition: number, contentType: string, content: Bytes): NestedPart {
  return { disposition, language: "", cardinality: "single", contentType, content };
}

function cbor(value: unknown): Bytes {
  return ownBytes(encode(value, rfc8949EncodeOptions));
}
