/** What the store keeps of a person's own questions to moderators. Every record is sealed on disk. */
import type { Bytes } from "../../protocol/bytes.ts";
import type { Concern, Outcome, Stayed, Urgency } from "../../contract/index.ts";

/** A question of this person's to the moderators, as this device remembers it. */
export interface CaseRecord {
  id: string;
  room: string;
  order: number;
  concern: Concern;
  urgency: Urgency;
  openedAt: number;
  named: boolean;
  /** Whom it is kept from by hand; asked for until the server has the case. */
  keptFrom: string[];
  /** Who may read it by hand, though messages of theirs are shown. */
  letIn?: string[];
  /** Whether the server has it: `tried` when that is not known. */
  sent: "no" | "tried" | "yes" | "refused";
  /** The person takes it back, and the server is still to hear of it. */
  withdrawing: boolean;
  /** As the server said last. */
  state: "unclaimed" | "claimed" | "waiting" | "closed";
  closedAt: number | null;
  outcome: Outcome | null;
  /** Which moderator has it, as the server said last. */
  claimedBy?: string | null;
  /** What was to be told of it when the person last looked at it on this device (question-news.ts). */
  looked?: string;
}

/** What is to be shown in a case, until its words stand in the outbox and its pictures are in the case's room; and what of it stayed behind. */
export interface ShowingRecord {
  case: string;
  order: number;
  /** The report's id, as hex. */
  report: string;
  wish: string;
  name: string | null;
  room: { id: string; kind: "open" | "group" | "direct" } | null;
  /** Once its words stand in the outbox, those whose pictures are still to be brought. */
  messages: KeptMessage[];
  /** Without one, its words are still to go. */
  step?: "pictures" | "over";
  stayed?: Stayed;
}

/** A message with what the server attests it by. */
export interface KeptMessage {
  sender: string;
  seq: number;
  time: number;
  content: Bytes;
  tag: Bytes;
  frank: Bytes;
  key: number;
}
