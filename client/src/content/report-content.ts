/**
 * What a member shows to moderators, as it travels through a case's room (docs/protocol.md, section 11): a head, and the
 * messages as one run of bytes that is cut to what fits into a payload. Pure.
 */
import { decode, encode, rfc8949EncodeOptions } from "cborg";
import { concern, urgency } from "../protocol/api-cases.ts";
import { type Bytes, concat, fromHex, hex, ownBytes } from "../protocol/bytes.ts";
import { uuidBytes } from "../protocol/ids.ts";
import { bin, binOf, count, list, Malformed, nullable, object, oneOf, text, tuple, uuidBin } from "../protocol/shape.ts";
import type { Concern, Urgency } from "../contract/index.ts";

export type ShownRoomKind = "open" | "group" | "direct";

export interface ReportHead {
  concern: Concern;
  urgency: Urgency;
  wish: string;
  /** The pseudonym of who asks, when they agreed. */
  name: string | null;
  /** Where the messages were written; null when there are none. */
  room: { id: string; kind: ShownRoomKind } | null;
  /** Set by a moderator who passes it on: who showed it, and when. */
  passed: { by: string; at: number } | null;
}

/** A message of somebody's with the server's statement about it. `content` is the MIMI content that the tag covers. */
export interface ShownMessage {
  attestation: string;
  content: Bytes;
  seq: number;
  time: number;
}

export interface ReportPart {
  /** The same in all parts of a report, as 32 hex digits. */
  report: string;
  /** Its place among so many, from 0. */
  part: [index: number, count: number];
  /** With the first part alone. */
  head: ReportHead | null;
  data: Bytes;
}

export interface ReportBody {
  head: ReportHead;
  messages: ShownMessage[];
}

export const LONGEST_WISH = 2_000;
/** Bytes of a part. With the longest head a content stays within 56 KiB, and padded and encrypted within a payload. */
const PART_BYTES = 40_000;
const MOST_PARTS = 512;

const readHead = object({
  concern, urgency, wish: text, name: nullable(text),
  room: nullable(tuple<[string, ShownRoomKind]>(uuidBin, oneOf("open", "group", "direct"))),
  passed: nullable(tuple<[string, number]>(uuidBin, count)),
});
const partBody = object({ v: oneOf(1), report: binOf(16), part: tuple<[number, number]>(count, count), head: nullable(readHead), data: bin });
const messagesBody = list(object({ attestation: text, content: bin, seq: count, time: count }));

export function splitReport(report: string, head: ReportHead, messages: readonly ShownMessage[]): ReportPart[] {
  const data = cbor(messages.map(({ attestation, content, seq, time }) => ({ attestation, content, seq, time })));
  const pieces = Math.max(1, Math.ceil(data.length / PART_BYTES));
  return Array.from({ length: pieces }, (_, index) => ({
    report, part: [index, pieces], head: index === 0 ? head : null, data: data.slice(index * PART_BYTES, (index + 1) * PART_BYTES),
  }));
}

export function encodePart({ report, part, head, data }: ReportPart): Bytes {
  return cbor({
    v: 1, report: fromHex(report), part, data,
    head: head && {
      concern: head.concern, urgency: head.urgency, wish: head.wish, name: head.name,
      room: head.room && [uuidBytes(head.room.id), head.room.kind], passed: head.passed && [uuidBytes(head.passed.by), head.passed.at],
    },
  });
}

/** Throws Malformed. */
export function readPart(value: unknown): ReportPart {
  const { report, part: [index, pieces], head, data } = partBody(value, "report");
  if (index >= pieces || pieces > MOST_PARTS || (head === null) !== (index > 0)) throw new Malformed("report.part");
  const wish = head && [...head.wish].slice(0, LONGEST_WISH).join("");
  return {
    report: hex(report), part: [index, pieces], data,
    head: head && {
      concern: head.concern, urgency: head.urgency, name: head.name, wish: wish ?? "",
      room: head.room && { id: head.room[0], kind: head.room[1] }, passed: head.passed && { by: head.passed[0], at: head.passed[1] },
    },
  };
}

/** The messages of all parts together; null while some are missing, or when they have not the form. */
export function joinParts(parts: readonly ReportPart[]): ShownMessage[] | null {
  const pieces = parts[0]?.part[1] ?? 0;
  const found = new Map<number, Bytes>();
  for (const { part: [index, count], data } of parts) if (count === pieces && !found.has(index)) found.set(index, data);
  if (pieces === 0 || found.size !== pieces) return null;
  try {
    const data = concat(...Array.from({ length: pieces }, (_, index) => found.get(index) ?? new Uint8Array()));
    return messagesBody(decode(data), "messages");
  } catch {
    return null;
  }
}

function cbor(value: unknown): Bytes {
  return ownBytes(encode(value, rfc8949EncodeOptions));
}
