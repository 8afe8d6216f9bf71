/** Folds what later entries did to a message into how it is shown. Pure; the order of the changes does not matter. */
import type { Change, StoredMessage } from "./stored-message.ts";

export interface Folded {
  body: Extract<StoredMessage["body"], { type: "text" }> | { type: "deleted" } | { type: "unchecked" } | { type: "unreadable" } | { type: "system" } | Extract<StoredMessage["body"], { type: "card" }>;
  edited: boolean;
  /** The message id of the version that is shown, for replies and reactions. */
  currentId: string | null;
  /** Each emoji with who gave it, in the order of their first use; a person counts once for an emoji. */
  reactions: { emoji: string; by: { account: string; id: string; seq: number }[] }[];
}

/** The part of a message that folding needs. */
export type Foldable = Pick<StoredMessage, "from" | "id" | "body" | "changes">;

export function fold(message: Foldable, pending: readonly Change[] = []): Folded {
  const changes = ordered([...message.changes, ...pending]);
  const own = (change: Change) => change.from === message.from;
  if ((message.body.type === "text" || message.body.type === "unreadable") && changes.some((change) => change.type === "delete" && own(change))) {
    return { body: { type: "deleted" }, edited: false, currentId: message.id, reactions: [] };
  }
  let { body } = message;
  let currentId = message.id;
  let edited = false;
  for (const change of changes) {
    if (change.type !== "edit" || !own(change) || body.type !== "text") continue;
    body = { type: "text", text: change.text, ...(body.retold && { retold: body.retold }) };
    currentId = change.id;
    edited = true;
  }
  return { body: body.type === "system" || isReadElsewhere(body) ? { type: "system" } : body, edited, currentId, reactions: reactions(changes) };
}

/** What was shown to moderators, and what these tell one another, stands in no conversation. */
export function isReadElsewhere(body: Foldable["body"]): body is Extract<Foldable["body"], { type: "report" | "staff" }> {
  return body.type === "report" || body.type === "staff";
}

function reactions(changes: readonly Change[]): Folded["reactions"] {
  const takenBack = new Set(
    changes.flatMap((change) => (change.type === "unreact" ? [`${change.from} ${change.reaction}`] : [])),
  );
  const found = new Map<string, { account: string; id: string; seq: number }[]>();
  for (const change of changes) {
    if (change.type !== "react" || takenBack.has(`${change.from} ${change.id}`)) continue;
    const by = found.get(change.emoji) ?? [];
    if (!by.some(({ account }) => account === change.from)) by.push({ account: change.from, id: change.id, seq: change.seq });
    found.set(change.emoji, by);
  }
  return [...found].map(([emoji, by]) => ({ emoji, by }));
}

/** By place in the log, each once: a change that is read again after a crash is the same change. */
function ordered(changes: readonly Change[]): Change[] {
  const once = new Map(changes.map((change) => [change.key, change]));
  return [...once.values()].sort((left, right) => left.seq - right.seq);
}

/** The message with one more change, or the same message when it has it already. */
export function withChange<M extends Foldable>(message: M, change: Change): M {
  if (message.changes.some(({ key }) => key === change.key)) return message;
  return { ...message, changes: [...message.changes, change] };
}

/** Every message id by which others may refer to this message: the first version's and each edit's. */
export function idsOf(message: Foldable): string[] {
  const edits = message.changes.filter((change) => change.type === "edit" && change.from === message.from);
  return message.id === null ? [] : [message.id, ...edits.map(({ id }) => id)];
}
