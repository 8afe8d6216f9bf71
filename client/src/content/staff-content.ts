/** What the staff tell one another, in rooms of their own: notes on a case, and answers that all may use (docs/protocol.md, section 11.4). Pure. */
import { encode, rfc8949EncodeOptions } from "cborg";
import { type Bytes, fromHex, hex, ownBytes } from "../protocol/bytes.ts";
import { uuidBytes } from "../protocol/ids.ts";
import { binOf, count, nullable, object, oneOf, text, tuple, uuidBin } from "../protocol/shape.ts";

export interface NoteContent {
  /** As 32 hex digits; the same when somebody passes it on. */
  note: string;
  text: string;
  /** Set by whoever passes it on to those who came later: who wrote it, and when. */
  passed: { by: string; at: number } | null;
}

export interface AnswerContent {
  /** As 32 hex digits; the same in every version. */
  answer: string;
  /** When this version was written: of two the later one holds. */
  at: number;
  title: string;
  /** Null takes it away. */
  text: string | null;
}

export const LONGEST_NOTE = 4_000;
export const LONGEST_ANSWER = 4_000;
export const LONGEST_ANSWER_TITLE = 80;

const noteBody = object({ v: oneOf(1), note: binOf(16), text, passed: nullable(tuple<[string, number]>(uuidBin, count)) });
const answerBody = object({ v: oneOf(1), answer: binOf(16), at: count, title: text, text: nullable(text) });

export function encodeNote({ note, text, passed }: NoteContent): Bytes {
  return cbor({ v: 1, note: fromHex(note), text, passed: passed && [uuidBytes(passed.by), passed.at] });
}

/** Throws Malformed. */
export function readNote(value: unknown): NoteContent {
  const { note, text, passed } = noteBody(value, "note");
  return { note: hex(note), text: cut(text, LONGEST_NOTE), passed: passed && { by: passed[0], at: passed[1] } };
}

export function encodeAnswer({ answer, at, title, text }: AnswerContent): Bytes {
  return cbor({ v: 1, answer: fromHex(answer), at, title, text });
}

/** Throws Malformed. */
export function readAnswer(value: unknown): AnswerContent {
  const { answer, at, title, text } = answerBody(value, "answer");
  return { answer: hex(answer), at, title: cut(title, LONGEST_ANSWER_TITLE), text: text === null ? null : cut(text, LONGEST_ANSWER) };
}

export function isTooLong(text: string, longest: number): boolean {
  return [...text].length > longest;
}

function cut(text: string, longest: number): string {
  return isTooLong(text, longest) ? [...text].slice(0, longest).join("") : text;
}

function cbor(value: unknown): Bytes {
  return ownBytes(encode(value, rfc8949EncodeOptions));
}
