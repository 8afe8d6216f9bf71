import type { ShownMessage } from "../../contract/index.ts";
import { dayOf } from "./time.ts";

/** One line of a conversation. `key` is unique in the conversation and stays the same while the line is the same. */
export type Row =
  | { kind: "day"; key: string; at: number }
  | { kind: "unread"; key: string }
  | { kind: "system"; key: string; message: ShownMessage }
  | MessageRow;

export interface MessageRow {
  kind: "message";
  key: string;
  message: ShownMessage;
  /** First of a run by one person: shows the name. */
  opens: boolean;
  /** Last of what one person wrote in one minute: shows the time. */
  closes: boolean;
  /** The newest of all own messages: shows whether it has arrived. */
  latestOwn: boolean;
}

/** Longer silence (ms) lets the name be shown again. */
const silence = 5 * 60_000;

const minute = (at: number): number => Math.floor(at / 60_000);

function sameRun(a: ShownMessage | undefined, b: ShownMessage): boolean {
  return a !== undefined && a.body.type !== "system" && b.body.type !== "system" && a.from === b.from && dayOf(a.at) === dayOf(b.at) && b.at - a.at < silence;
}

/**
 * Turns messages (oldest first) into lines: a day line where the local day changes, one line before the first unread
 * message, and runs by person and minute.
 */
export function rowsOf(messages: readonly ShownMessage[], firstUnread: string | null): Row[] {
  const rows: Row[] = [];
  const latestOwn = messages.findLast((message) => message.mine && message.body.type !== "system")?.key;
  let day = 0;
  for (const [index, message] of messages.entries()) {
    const today = dayOf(message.at);
    if (today !== day) {
      rows.push({ kind: "day", key: `day:${today}:${message.key}`, at: message.at });
      day = today;
    }
    if (message.key === firstUnread) rows.push({ kind: "unread", key: "unread" });
    if (message.body.type === "system") {
      rows.push({ kind: "system", key: message.key, message });
      continue;
    }
    const before = messages[index - 1];
    const after = messages[index + 1];
    rows.push({
      kind: "message",
      key: message.key,
      message,
      opens: !sameRun(before, message) || message.key === firstUnread,
      closes: !after || !sameRun(message, after) || minute(after.at) !== minute(message.at) || after.key === firstUnread,
      latestOwn: message.key === latestOwn,
    });
  }
  return rows;
}

/** Key of the first of the newest `unread` messages that others wrote, or null when there is none among `messages`. */
export function firstUnreadOf(messages: readonly ShownMessage[], unread: number): string | null {
  let left = unread;
  for (let index = messages.length - 1; index >= 0 && left > 0; index--) {
    const message = messages[index];
    if (!message || message.mine || message.body.type === "system") continue;
    if (--left === 0) return message.key;
  }
  return null;
}

/** A first guess of a line's height in px before it was ever drawn, by the width of a line of text (characters). */
export function guessHeight(row: Row, charactersPerLine: number): number {
  if (row.kind === "day") return 48;
  if (row.kind === "unread") return 44;
  if (row.kind === "system") return 40;
  const { message, opens, closes } = row;
  const text = message.body.type === "text" ? message.body.text : "";
  let lines = 0;
  for (const part of text.split("\n")) lines += Math.max(1, Math.ceil(part.length / charactersPerLine));
  return 22 + lines * 25 + (opens ? 30 : 0) + (closes ? 20 : 0) + (message.replyTo ? 56 : 0) + (message.reactions.length > 0 ? 36 : 0);
}
