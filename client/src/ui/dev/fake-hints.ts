import type { HintKind, Hints, ShownMessage } from "../../contract/index.ts";

/** Knows one lure. */
export class FakeHints implements Hints {
  readonly #dismissed = new Set<string>();

  constructor(private state: boolean, private readonly changed: () => void) {}

  on(): boolean {
    return this.state;
  }

  async turn(on: boolean): Promise<void> {
    this.state = on;
    this.changed();
  }

  languages(): string[] {
    return ["en", "es", "ar"];
  }

  unreviewed(): string[] {
    return ["en", "es", "ar"];
  }

  of({ key, from, mine, body }: ShownMessage): HintKind | null {
    if (!this.state || mine || body.type !== "text" || this.#dismissed.has(key) || this.#dismissed.has(from)) return null;
    return body.text.includes("for the visa first") ? "fee" : null;
  }

  async dismiss({ key, from }: ShownMessage, _kind: HintKind, of: "message" | "person"): Promise<void> {
    this.#dismissed.add(of === "message" ? key : from);
    this.changed();
  }

  dismissed(): number {
    return this.#dismissed.size;
  }

  async restore(): Promise<void> {
    this.#dismissed.clear();
    this.changed();
  }
}
