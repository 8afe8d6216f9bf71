/** Recovery words and deleting the account, as screens know them. */
import type { WordList } from "../crypto/word-lists.ts";

/** The languages that there are recovery words in, by their tag. */
export type { WordList };

/** How much of what was said goes into the backup. recent: of the last 30 days. */
export type BackupHistory = "none" | "recent" | "all";

export interface RecoveryState {
  /** here: this device keeps the backup behind the words. elsewhere: another device of this person made words. */
  words: "none" | "here" | "elsewhere";
  /** What the person chose, where this device keeps the backup. */
  history: BackupHistory | null;
  /** When the backup was saved last; only the day where another device keeps it. */
  savedAt: number | null;
}

/** What came back with the words. */
export interface Recovered {
  name: string;
  rooms: number;
  people: number;
}

export interface Recovery {
  /** Asks the server; offline, what this device knows. Throws Failure. */
  state(): Promise<RecoveryState>;

  /** Twelve new words of this language. They mean nothing before `keep`, which takes the latest ones that were made. */
  make(list: WordList): Promise<string[]>;
  /** The words are written down: seals a backup behind them, in place of any older one. Throws Failure. */
  keep(history: BackupHistory): Promise<void>;
  /** Changes what goes into the backup, and saves it. Throws Failure; `conflict` where this device keeps none. */
  setHistory(history: BackupHistory): Promise<void>;
  /** Saves the backup now. Throws Failure; `conflict` when the words were replaced on another device. */
  save(): Promise<void>;
  /** Deletes the backup: the words open nothing any more. Throws Failure. */
  forget(): Promise<void>;

  /** Whether to remind the person that there are no words yet: not on the first day, and not once they declined. */
  offered(): Promise<boolean>;
  decline(): Promise<void>;

  /** Words that begin like this, four at most, of a list that has the words `beside` it: of `prefer` where that is one of them. */
  suggest(typed: string, beside: readonly string[], prefer: WordList): Promise<string[]>;
  /** What somebody typed or pasted, as words of the list that has the words `beside` them, too. What is no word of it, or
   * could be one of several lists, stays as it was typed. */
  read(text: string, beside: readonly string[]): Promise<{ word: string; known: boolean }[]>;
  /** Whether twelve words belong together. Says nothing about whether they are anyone's. */
  fit(words: readonly string[]): Promise<boolean>;
  /** On a fresh device: fetches the backup, makes this a device of the account and opens it. Throws Failure; `not_found`
   * when no backup lies behind the words. */
  recover(words: readonly string[], pin: string): Promise<Recovered>;

  /** How many other devices the account has. Throws Failure. */
  others(): Promise<number>;
  /** Cuts them off: nothing more reaches them, and every room takes them out. Throws Failure; some may be done then. */
  cutOffOthers(): Promise<void>;

  /** Deletes the account on the server and everything on this device. Throws Failure; then both are still there. */
  deleteAccount(): Promise<void>;
}
