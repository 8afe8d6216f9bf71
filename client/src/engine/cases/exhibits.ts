/** Whether messages that somebody shows are what the server stamped (docs/protocol.md, section 11.2). */
import { rawWords } from "../../content/characters.ts";
import { opened } from "../../content/shown.ts";
import { base64url, hex, sha256 } from "../../protocol/bytes.ts";
import { roomUri, userUri } from "../../protocol/ids.ts";
import { frankingTag } from "../../crypto/application-data.ts";
import { type Attested, readAttestation } from "../../crypto/attestation.ts";
import { messageId } from "../../crypto/mimi.ts";
import { type Keys, NotVerified } from "../../crypto/signed.ts";
import type { Exhibit, ExhibitDoubt } from "../../contract/index.ts";
import { interpret, type Meaning } from "../../content/reading.ts";
import { shownPicture } from "../rooms/index.ts";
import type { ShownMessage } from "../../content/report-content.ts";

/** What a Date can hold, in milliseconds: whoever shows something can write any number. */
const LAST_TIME = 8.64e15;

/** Where they are shown, and of which room the report says that they are. */
export interface Place {
  case: string;
  room: string;
  domain: string;
}

interface Opened {
  shown: ShownMessage;
  /** Null when no key that this device trusts has signed all of it. */
  attested: Attested | null;
  /** Who and where it says that it is from, when it can be read. */
  from: { sender: string; room: string } | null;
  name: string | null;
  meaning: Meaning;
  /** The tag that belongs to the content; null where no salt can be found in it. */
  tag: string | null;
  /** The MIMI message id. */
  id: string | null;
  /** SHA-256 of its bytes, as hex. */
  sum: string;
}

export interface Examined {
  exhibit: Exhibit;
  /** As it was shown, with what proves it. */
  shown: ShownMessage;
}

/** In the order of the log; `shown` is in the order in which the reporter gave them, which has to be the same. */
export async function examine(shown: readonly ShownMessage[], place: Place, keys: Keys): Promise<Exhibit[]> {
  return (await examineWithProofs(shown, place, keys)).map(({ exhibit }) => exhibit);
}

export async function examineWithProofs(shown: readonly ShownMessage[], place: Place, keys: Keys): Promise<Examined[]> {
  const all = await Promise.all(shown.map((message) => open(message, keys)));
  const seen = new Set<number>();
  const judged = all.map((one): { one: Opened; doubt: ExhibitDoubt | null } => {
    const doubt = judge(one, place) ?? misplaced(one, seen);
    if (doubt === null) seen.add(one.shown.seq);
    return { one, doubt };
  });
  const exhibits = judged.map(({ one, doubt }, index) => ({ ...exhibit(one, place, index), doubt, shown: one.shown }));
  exhibits.sort((left, right) => left.seq - right.seq);
  return exhibits.map((item, index) => ({ exhibit: finish(item, index, exhibits), shown: item.shown }));
}

async function open(shown: ShownMessage, keys: Keys): Promise<Opened> {
  const [attested, sum] = await Promise.all([attestedBy(shown.attestation, keys), sha256(shown.content)]);
  const { salt, content, from, name } = opened(shown.content);
  const base = { shown, attested, from, name, meaning: content ? interpret(content) : { type: "unreadable" as const }, sum: hex(sum) };
  if (!salt) return { ...base, tag: null, id: null };
  const { sender, room } = from ?? { sender: attested?.sender ?? "", room: attested?.room ?? "" };
  const [tag, id] = await Promise.all([frankingTag(salt, shown.content), messageId(shown.content, salt, sender, room)]);
  return { ...base, tag: base64url(tag), id: hex(id) };
}

/** What the server says of it, when that is all of it. */
async function attestedBy(token: string, keys: Keys): Promise<Attested | null> {
  try {
    const said = await readAttestation(token, keys);
    return said.sender !== null && said.room !== null && said.tag !== null ? said : null;
  } catch (error) {
    if (!(error instanceof NotVerified)) throw error;
    return null;
  }
}

/** What the message and its attestation say of one another. Who and where come first: another one's attestation has another tag, too. */
function judge({ shown, attested, from, tag }: Opened, place: Place): ExhibitDoubt | null {
  if (!attested) return "unsigned";
  if (attested.case !== place.case) return "wrong_case";
  if (from && from.sender !== attested.sender) return "wrong_sender";
  if ((from && from.room !== attested.room) || attested.room !== roomUri(place.room, place.domain)) return "wrong_room";
  if (tag === null || tag !== attested.tag) return "edited";
  return shown.seq === attested.seq && shown.time === attested.time ? null : "wrong_place";
}

/** Each place once, and one after the other. */
function misplaced({ shown: { seq } }: Opened, seen: ReadonlySet<number>): ExhibitDoubt | null {
  if (seen.has(seq)) return "twice";
  return [...seen].some((earlier) => earlier > seq) ? "wrong_place" : null;
}

function exhibit(one: Opened, { room, domain }: Place, index: number): Omit<Exhibit, "doubt"> & { id: string | null } {
  const { shown, attested, from, name, meaning, id } = one;
  return {
    id, key: `${id ?? "unread"}:${String(index)}`, ...saidIn(one),
    room: accountOf(attested?.room ?? "", roomUri("", domain)) ?? room,
    seq: attested?.seq ?? shown.seq, at: Math.min(attested?.time ?? shown.time, LAST_TIME),
    from: accountOf(attested?.sender ?? from?.sender ?? "", userUri("", domain)) ?? "",
    changes: meaning.type === "edit" || meaning.type === "delete" ? meaning.target : null, skipped: 0,
    ...(name !== null && { name }),
    ...(meaning.type === "text" && meaning.picture && { picture: shownPicture(meaning.picture) }),
  };
}

/** What people were shown of it, as evidence says it, too (evidence/said.ts). */
function saidIn({ meaning, shown, sum }: Opened): Pick<Exhibit, "text" | "as" | "unreadable"> {
  switch (meaning.type) {
    case "text":
    case "edit":
      return { text: meaning.text };
    case "react":
      return { text: meaning.emoji, as: "reaction" };
    case "unreact":
      return { text: "", as: "reaction" };
    case "profile":
      return { text: meaning.name, as: "name" };
    case "room":
      return { text: meaning.name, as: "title" };
    case "delete":
      return { text: "" };
    default:
      return { text: "", unreadable: { sum, raw: rawWords(shown.content) } };
  }
}

type Unfinished = Omit<Exhibit, "doubt"> & { id: string | null; doubt: ExhibitDoubt | null };

/** Only who wrote a message can change it. Of what is in doubt the place is in doubt, too: nothing is counted from it or to it. */
function finish(one: Unfinished, index: number, all: readonly Unfinished[]): Exhibit {
  const { key, room, seq, at, from, text, picture, name, as, unreadable, changes, doubt } = one;
  const target = all.find(({ id }) => id !== null && id === changes);
  const before = doubt === null ? all.slice(0, index).findLast((one) => one.doubt === null) : undefined;
  return {
    key, room, seq, at, from, text, doubt, ...(picture && { picture }), ...(name && { name }), ...(as && { as }), ...(unreadable && { unreadable }),
    changes: target ? (target.from === from ? target.key : null) : changes,
    skipped: before ? Math.max(0, seq - before.seq - 1) : 0,
  };
}

/** What follows `head` in a URI. */
function accountOf(uri: string, head: string): string | null {
  return uri.startsWith(head) ? uri.slice(head.length) : null;
}
