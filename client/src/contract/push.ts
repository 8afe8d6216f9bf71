/** Being told that something is new while Kindred is closed, as screens know it. */

/** Minutes of the person's day, from 0 to 1439; an end before the start is over midnight. */
export interface QuietHours {
  start: number;
  end: number;
}

/** Pictures that say nothing; the browser shows one of its own when there is none. */
export type NoteIcon = "none" | "bell" | "clock" | "check";

/** What is shown, the same each time. It is kept readable on this device: nothing of a person may be in it. */
export interface Note {
  words: string;
  icon: NoteIcon;
}

export interface PushState {
  /** denied: the person's browser refuses, and only they can change that there. unable: this browser or this server can't. */
  state: "off" | "on" | "denied" | "unable";
  quiet: QuietHours | null;
  /** Each note waits by chance up to that many milliseconds, from 0 to 3,600,000. */
  delay: number;
  /** As it was chosen. */
  note: Note | null;
}

export interface Push {
  /** Throws Failure. */
  state(): Promise<PushState>;
  /** Asks the browser, which may ask the person: call it from a press of a button. Throws Failure; `forbidden` if refused. */
  turnOn(note: Note): Promise<void>;
  /** Throws Failure; then the server may still wake this device. */
  turnOff(): Promise<void>;
  setQuiet(quiet: QuietHours | null): Promise<void>;
  setDelay(delay: number): Promise<void>;
  /** What is shown from now on. */
  setNote(note: Note): Promise<void>;
  /** Being told by this page while it lies behind others: whether the person wants it, and the words they chose. Asks nobody. */
  behind(): Promise<{ on: boolean; words: string | null }>;
  setBehind(on: boolean): Promise<void>;
}
