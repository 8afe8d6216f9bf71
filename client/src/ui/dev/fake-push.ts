import { Failure, type Note, type Push, type PushState, type QuietHours } from "../../contract/index.ts";

/** A browser that asks nobody, and a server that wakes nobody. */
export class FakePush implements Push {
  #state: PushState;

  constructor(state: PushState["state"], private readonly ask: () => Promise<void>) {
    this.#state = { state, quiet: null, delay: 20_000, note: state === "on" ? { words: "Reminder", icon: "clock" } : null };
  }

  async state(): Promise<PushState> {
    await this.ask();
    return { ...this.#state };
  }

  async turnOn(note: Note): Promise<void> {
    await this.ask();
    if (this.#state.state === "denied") throw new Failure("forbidden");
    this.#state = { ...this.#state, state: "on", note };
  }

  async turnOff(): Promise<void> {
    await this.ask();
    this.#state = { ...this.#state, state: "off" };
  }

  async setQuiet(quiet: QuietHours | null): Promise<void> {
    await this.ask();
    this.#state = { ...this.#state, quiet };
  }

  async setDelay(delay: number): Promise<void> {
    await this.ask();
    this.#state = { ...this.#state, delay };
  }

  #behind = false;

  async behind(): Promise<{ on: boolean; words: string | null }> {
    await this.ask();
    return { on: this.#behind, words: this.#state.note?.words ?? null };
  }

  async setBehind(on: boolean): Promise<void> {
    await this.ask();
    this.#behind = on;
  }

  async setNote(note: Note): Promise<void> {
    await this.ask();
    this.#state = { ...this.#state, note };
  }
}
