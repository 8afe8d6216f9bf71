/** Socket frames (docs/protocol.md, section 4): MessagePack maps; UUIDs are text here and 16 bytes on the wire. */
import { decode, encode } from "@msgpack/msgpack";
import { type Bytes, fromHex, hex, ownBytes } from "./bytes.ts";
import { uuidBytes } from "./ids.ts";
import { bin, binOf, count, flag, list, Malformed, nullable, object, oneOf, type Reader, text, tuple, uuidBin } from "./shape.ts";

/** Entry and request ids: 16 random bytes as hex. */
export type EntryId = string;

export type ClientFrame =
  | { t: "hello"; v: 1; token: Bytes }
  | { t: "send"; id: EntryId; room: string; epoch: number; payload: Bytes; tag: Bytes }
  | {
      t: "commit";
      id: EntryId;
      room: string;
      /** The epoch it was made in. */
      epoch: number;
      commit: Bytes;
      group_info: Bytes;
      welcome: Bytes | null;
      /** A room invite's secret, for an external commit. */
      invite: Bytes | null;
    }
  | { t: "fetch"; id: EntryId; room: string; after: number; limit: number }
  | { t: "cursor"; rooms: [room: string, seq: number][] }
  | { t: "inbox_ack"; seq: number }
  | { t: "ping"; id: EntryId };

export const APPLICATION = 0;
export const COMMIT = 1;
export const PROPOSAL = 2;

/** One item of a room's log, as delivered: without its sender. */
export interface Entry {
  seq: number;
  /** When the server accepted it, in ms. */
  time: number;
  kind: 0 | 1 | 2;
  epoch: number;
  id: EntryId;
  payload: Bytes;
  tag: Bytes | null;
  frank: Bytes | null;
  /** Which hub key the frank was made with. */
  key: number;
}

export interface InboxItem {
  seq: number;
  room: string;
  /** The seq of the commit that made this Welcome. */
  commitSeq: number;
  welcome: Bytes;
}

export interface Accepted {
  t: "accepted";
  id: EntryId;
  room: string;
  seq: number;
  time: number;
  frank: Bytes | null;
  key: number;
}

export interface Page {
  t: "page";
  id: EntryId;
  room: string;
  items: Entry[];
  head: number;
}

export type ServerFrame =
  | {
      t: "ready";
      time: number;
      domain: string;
      account: string;
      device: string;
      rooms: { room: string; head: number; epoch: number; cursor: number }[];
      keyPackagesLeft: number;
      /** Whether the account has the rooms of its own cases alone. */
      suspended: boolean;
    }
  | Accepted
  | { t: "entries"; room: string; items: Entry[] }
  | Page
  | { t: "inbox"; items: InboxItem[] }
  | { t: "delivered"; room: string; seq: number }
  | { t: "room"; room: string; change: "removed" | "opened" | "closed" | "renamed" | "roles" }
  | { t: "account"; change: string }
  | { t: "pong"; id: EntryId }
  | {
      t: "error";
      id: EntryId | null;
      room: string | null;
      code: string;
      retryAfterMs: number | null;
      epoch: number | null;
      /** ms, with `muted`. */
      until: number | null;
    }
  | { t: "bye"; code: "draining" | "slow" | "revoked" | "deleted" | "suspended" | "replaced" | "rate_limited"; retryAfterMs: number };

export function encodeFrame(frame: ClientFrame): Bytes {
  switch (frame.t) {
    case "hello":
    case "inbox_ack":
      return ownBytes(encode(frame));
    case "ping":
      return ownBytes(encode({ ...frame, id: fromHex(frame.id) }));
    case "cursor":
      return ownBytes(encode({ t: "cursor", rooms: frame.rooms.map(([room, seq]) => [uuidBytes(room), seq]) }));
    case "send":
    case "commit":
    case "fetch":
      return ownBytes(encode({ ...frame, id: fromHex(frame.id), room: uuidBytes(frame.room) }));
  }
}

const id: Reader<EntryId> = (value, name) => hex(binOf(16)(value, name));
const bin32 = nullable(binOf(32));

const entryTuple = tuple<[number, number, 0 | 1 | 2, number, EntryId, Bytes, Bytes | null, Bytes | null, number]>(
  count, count, oneOf(0, 1, 2), count, id, bin, bin32, bin32, count,
);
const entry: Reader<Entry> = (value, name) => {
  const [seq, time, kind, epoch, entryId, payload, tag, frank, key] = entryTuple(value, name);
  return { seq, time, kind, epoch, id: entryId, payload, tag, frank, key };
};
const roomState = tuple<[string, number, number, number]>(uuidBin, count, count, count);
const inboxItem = tuple<[number, "welcome", string, number, Bytes]>(count, oneOf("welcome"), uuidBin, count, bin);

const ready = object({
  time: count, domain: text, account: uuidBin, device: text, rooms: list(roomState), key_packages_left: count,
  suspended: nullable(flag),
});
const accepted = object({ id, room: uuidBin, seq: count, time: count, frank: bin32, key: count });
const entries = object({ room: uuidBin, items: list(entry) });
const page = object({ id, room: uuidBin, items: list(entry), head: count });
const inbox = object({ items: list(inboxItem) });
const delivered = object({ room: uuidBin, seq: count });
const roomChange = object({ room: uuidBin, change: oneOf("removed", "opened", "closed", "renamed", "roles") });
const accountChange = object({ change: text });
const refusal = object({
  id: nullable(id), room: nullable(uuidBin), code: text, retry_after_ms: nullable(count), epoch: nullable(count), until: nullable(count),
});
const bye = object({
  code: oneOf("draining", "slow", "revoked", "deleted", "suspended", "replaced", "rate_limited"), retry_after_ms: nullable(count),
});

/** Throws Malformed. Null for a type of frame that this version does not know. */
export function decodeFrame(data: Uint8Array): ServerFrame | null {
  let value: unknown;
  try {
    value = decode(data);
  } catch {
    throw new Malformed("frame");
  }
  const { t } = object({ t: text })(value, "frame");
  switch (t) {
    case "ready": {
      const { rooms, key_packages_left: keyPackagesLeft, suspended, ...rest } = ready(value, t);
      return {
        t, ...rest, keyPackagesLeft, suspended: suspended === true,
        rooms: rooms.map(([room, head, epoch, cursor]) => ({ room, head, epoch, cursor })),
      };
    }
    case "accepted":
      return { t, ...accepted(value, t) };
    case "entries":
      return { t, ...entries(value, t) };
    case "page":
      return { t, ...page(value, t) };
    case "inbox":
      return {
        t,
        items: inbox(value, t).items.map(([seq, , room, commitSeq, welcome]) => ({ seq, room, commitSeq, welcome })),
      };
    case "delivered":
      return { t, ...delivered(value, t) };
    case "room":
      return { t, ...roomChange(value, t) };
    case "account":
      return { t, ...accountChange(value, t) };
    case "pong":
      return { t, ...object({ id })(value, t) };
    case "error": {
      const { retry_after_ms: retryAfterMs, ...rest } = refusal(value, t);
      return { t, ...rest, retryAfterMs };
    }
    case "bye": {
      const { code, retry_after_ms: retryAfterMs } = bye(value, t);
      return { t, code, retryAfterMs: retryAfterMs ?? 0 };
    }
    default:
      return null;
  }
}
