/** Hints about messages, as screens know them. They are made on this device, shown to its person, and known to nobody else. */
import type { ShownMessage } from "./messages.ts";

/** What a message reads like; the screens have words for each. */
export type HintKind =
  | "fee" | "offer" | "debt" | "documents" | "away" | "pictures" | "secret"
  | "knownLink" | "lookAlikeLink" | "shortLink";

export interface Hints {
  /** False until the person has turned them on. */
  on(): boolean;
  /** Holds at once, here; the person's other devices follow. Throws Failure. */
  turn(on: boolean): Promise<void>;
  /** The languages (ISO 639) in which hints are given: the network's and this device's. */
  languages(): readonly string[];
  /** Those of them whose rules nobody who grew up with the language has read. */
  unreviewed(): readonly string[];
  /** What to say about a message that was received; null for nothing. From memory, at once; `hints` tells of changes. */
  of(message: ShownMessage): HintKind | null;
  /** This is fine: no hint about this message any more, or none of this kind about whoever wrote it. Throws Failure. */
  dismiss(message: ShownMessage, kind: HintKind, of: "message" | "person"): Promise<void>;
  /** How many were dismissed. */
  dismissed(): number;
  /** Gives hints again where they were dismissed. Throws Failure. */
  restore(): Promise<void>;
}
