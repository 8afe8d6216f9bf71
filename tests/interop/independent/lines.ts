import { decodeContent, doubts, messageId, plainText, render, type Content } from "./content.ts";
import { fromHex, toHex, userUri, type Bytes } from "./encodings.ts";

/** A message as it is shown: what it says, or why nothing of it can be believed. */
export interface Line {
  seq: number;
  account: string;
  /** The message id, by which others refer to it. */
  id: string;
  content: Content | null;
  /** Null when everything about it was checked. */
  doubt: string | null;
}

/** What an application entry shows, by what MLS and the room prove about it. */
export function readLine({ seq, account, data, tag, domain, room }: { seq: number; account: string; data: Bytes; tag: Bytes | null; domain: string; room: string }): Line {
  try {
    const decoded = decodeContent(data);
    const doubt = doubts(decoded, tag, userUri(domain, account), room);
    return { seq, account, id: toHex(messageId(decoded.content, decoded.raw)), content: decoded.content, doubt };
  } catch (error) {
    return { seq, account, id: "", content: null, doubt: String(error) };
  }
}

/** The text of a message of its own, when all about it was checked; null for everything else. */
export function textOf({ content, doubt }: Line): string | null {
  if (doubt !== null || content?.disposition !== render || content.replaces !== null || content.part?.type !== plainText) return null;
  return Buffer.from(content.part.data).toString();
}

export function idOf({ id }: Line): Bytes {
  return fromHex(id);
}
