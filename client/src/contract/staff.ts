/** What the network's moderators have among themselves: notes on a case, and answers they have ready (docs/protocol.md, section 11.4). */
import type { AccountId } from "./types.ts";
import type { CaseId } from "./cases.ts";

/** Whoever asked never sees it, nor anybody from whom the case is kept. It cannot be changed or taken back. */
export interface CaseNote {
  id: string;
  by: AccountId;
  name: string | null;
  at: number;
  text: string;
  /** The moderator who passed it on to those who came later, when this device has it from them: writer and time are their word. */
  passedOnBy: AccountId | null;
  /** Not on the server yet. */
  waiting: boolean;
}

/**
 * What was written before this device came: `whole`, it has it, or there was nothing. `coming`: somebody has it whose app is
 * not open. `gone`: nobody is left who had it.
 */
export type EarlierNotes = "whole" | "coming" | "gone";

export interface SavedAnswer {
  id: string;
  title: string;
  text: string;
  /** All moderators of the network have it and may change it; otherwise this person's devices alone. */
  shared: boolean;
}

/** How much this person has uncovered in this shift. Nobody else's to see. */
export interface Exposed {
  seen: number;
  /** As many as were uncovered when they went on without a pause. */
  offered: number;
  /** When they last uncovered something. */
  last: number;
}

export interface Staff {
  /** The oldest first. */
  notes(id: CaseId): Promise<CaseNote[]>;
  /** Whoever is let in later is given it too. Durable when it resolves; the first note on a case needs a connection. Throws Failure. */
  writeNote(id: CaseId, text: string): Promise<void>;
  notesRead(id: CaseId): Promise<void>;
  earlierNotes(id: CaseId): Promise<EarlierNotes>;

  /** By their titles. */
  answers(): Promise<SavedAnswer[]>;
  /** With `id` null it is a new one. Sharing the network's first one needs a connection. Throws Failure. */
  saveAnswer(answer: Omit<SavedAnswer, "id"> & { id: string | null }): Promise<void>;
  removeAnswer(id: string): Promise<void>;

  /** As this device alone remembers it; null when nothing was uncovered here yet. Throws Failure. */
  exposed(): Promise<Exposed | null>;
  /** Durable when it resolves. Throws Failure. */
  keepExposed(exposed: Exposed): Promise<void>;
}
