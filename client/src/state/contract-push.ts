/** Being told that something is new while Kindred is closed, as screens know it. */

/** Minutes of the person's day, from 0 to 1439; an end before the start is over midnight. */
export interface QuietHours {
  start: number;
  end: number;
}

export interface PushState {
  /** denied: the person's browser refuses, and only they can change that there. unable: this browser or this server can't. */
  state: "off" | "on" | "denied" | "unable";
  quiet: QuietHours | null;
  /** The words of the note, as they were chosen. */
  note: string | null;
}

export interface Push {
  /** Throws Failure. */
  state(): Promise<PushState>;
  /** Asks the browser, which may ask the person: call it from a press of a button. Throws Failure; `forbidden` if refused. */
  turnOn(note: string): Promise<void>;
  /** Throws Failure; then the server may still wake this device. */
  turnOff(): Promise<void>;
  setQuiet(quiet: QuietHours | null): Promise<void>;
  /** What the note says from now on. It is kept readable on this device: nothing of a person may be in it. */
  setNote(note: string): Promise<void>;
}
