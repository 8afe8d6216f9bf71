/** Messages as the store keeps them. Every record is sealed on disk. Message ids are lower-case hex. */
import type { Picture } from "../crypto/picture.ts";
import type { Bytes } from "../protocol/bytes.ts";
import type { EntryId } from "../protocol/frames.ts";
import type { Card, SystemNote } from "../contract/index.ts";

/** What proves a message to a third party later (docs/protocol.md, section 7). */
export interface Evidence {
  content: Bytes;
  tag: Bytes | null;
  frank: Bytes | null;
  /** The hub key's id. */
  hubKey: number;
  device: string;
}

/** What somebody else said, or the same person before, in the words of whoever passed it on; `said` is its message id. */
export interface Retold {
  said: string;
  by: string;
  at: number;
}

export interface StoredMessage {
  /** The entry's id. */
  key: EntryId;
  seq: number;
  at: number;
  from: string;
  /** The sender's pseudonym at that time. */
  name: string | null;
  /** The MIMI message id; null for system notes and for what could not be read. */
  id: string | null;
  body: { type: "text"; text: string; picture?: Picture; retold?: Retold } | { type: "unchecked" }
    /** In no form that people are shown, but stamped: moderators can be shown it. */
    | { type: "unreadable" }
    | { type: "system"; notes: SystemNote[] }
    /** A part of what was shown to moderators; `evidence.content` holds it. `again`: it is only passed on, or goes with a part that counts. */
    | { type: "report"; again?: true }
    /** In a case's room alone. */
    | { type: "card"; card: Card }
    /** A note or an answer of the staff's; `evidence.content` holds it. */
    | { type: "staff" };
  inReplyTo: string | null;
  changes: Change[];
  evidence: Evidence | null;
}

/** Something that a later entry did to a message. */
export type Change = {
  seq: number;
  at: number;
  from: string;
  key: EntryId;
  /** The changing entry's own MIMI message id. */
  id: string;
} & (
  | { type: "edit"; text: string }
  | { type: "delete" }
  | { type: "react"; emoji: string }
  /** Takes back the reaction with this message id. */
  | { type: "unreact"; reaction: string }
  /** Changes no message: what they called themselves from then on, kept with what proves it. */
  | { type: "named"; name: string }
);

/** The change with what proves it, kept beside its message. */
export interface StoredChange {
  target: string;
  change: Change;
  evidence: Evidence | null;
}
