/** What was said in a talk, said again for those who come later (docs/protocol.md, section 11.2). Pure. */
import { encode, rfc8949EncodeOptions } from "cborg";
import { visible } from "./characters.ts";
import { type Bytes, fromHex, hex, ownBytes } from "../protocol/bytes.ts";
import { uuidBytes } from "../protocol/ids.ts";
import { binOf, count, object, oneOf, text, uuidBin } from "../protocol/shape.ts";

export interface RetoldContent {
  /** The MIMI message id of what was said, as hex. */
  said: string;
  by: string;
  /** When, in ms. */
  at: number;
  text: string;
}

/** So long that it fits into one message whatever the letters. */
export const LONGEST_RETOLD = 8_000;

const retoldBody = object({ v: oneOf(1), said: binOf(32), by: uuidBin, at: count, text });

export function encodeRetold({ said, by, at, text }: RetoldContent): Bytes {
  return ownBytes(encode({ v: 1, said: fromHex(said), by: uuidBytes(by), at, text: cut(text) }, rfc8949EncodeOptions));
}

/** Throws Malformed. */
export function readRetold(value: unknown): RetoldContent {
  const { said, by, at, text } = retoldBody(value, "retold");
  return { said: hex(said), by, at, text: visible(cut(text)) };
}

function cut(text: string): string {
  return text.length > LONGEST_RETOLD ? [...text].slice(0, LONGEST_RETOLD).join("") : text;
}
