import { writeFile } from "node:fs/promises";
import { pause, until } from "../processes.ts";
import { aim, asking, landed, locate, type Place } from "./locate.ts";

export type EngineName = "chromium" | "firefox" | "webkit";
export type Key = "Enter" | "Escape" | "Tab" | "Shift" | "Backspace" | "ArrowUp" | "ArrowDown" | "PageUp" | "Home" | "End";

/**
 * How long to wait for what a person waits for, on a busy two-core machine. Longer than the app itself waits at most before it
 * connects again (30 s, client/src/transport/link.ts).
 */
export const patience = 45_000;

/** A phone's screen, in CSS pixels. */
export const phone = { width: 360, height: 740 };

/** What each engine has to know; everything else is built on it. Coordinates are CSS pixels of the viewport. */
export interface Primitives {
  goto(url: string): Promise<void>;
  reload(): Promise<void>;
  /** Evaluates a JavaScript expression in the page, waits for it if it is a promise, and gives its JSON value. */
  evaluate(expression: string): Promise<unknown>;
  /** Touches (or clicks where the engine has no touch) and holds for that many milliseconds. */
  touch(x: number, y: number, hold: number): Promise<void>;
  /** Types at the focus. */
  keys(text: string): Promise<void>;
  press(key: Key): Promise<void>;
  png(): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** One tab, used as a person uses it. `locate.ts` says what a selector may be. Everything waits for `patience`. */
export class Page {
  constructor(
    readonly engine: EngineName,
    private readonly primitives: Primitives,
    /** Errors the page reported so far (uncaught, or on its console). WebKit's driver does not tell them. */
    readonly problems: readonly string[],
  ) {}

  goto(url: string): Promise<void> {
    return this.primitives.goto(url);
  }

  reload(): Promise<void> {
    return this.primitives.reload();
  }

  close(): Promise<void> {
    return this.primitives.close();
  }

  /** Calls `work` in the page with JSON values and gives its JSON value; `work` sees nothing from outside itself. */
  async eval<A extends unknown[], R>(work: (...words: A) => R | Promise<R>, ...words: A): Promise<R> {
    return (await this.primitives.evaluate(`(${work.toString()})(...${JSON.stringify(words)})`)) as R;
  }

  /** Evaluates a JavaScript expression in the page. The page's own policy does not hinder it. */
  evaluate(expression: string): Promise<unknown> {
    return this.primitives.evaluate(expression);
  }

  async url(): Promise<string> {
    return this.eval(() => location.href);
  }

  /** The texts (values, for fields) of everything visible that the selector names, in the page's order. */
  async texts(selector: string): Promise<string[]> {
    return ((await this.eval(locate, selector, "texts")) ?? []) as string[];
  }

  /** The text of the first of them, once there is one. */
  async text(selector: string): Promise<string> {
    await this.waitFor(selector);
    return (await this.texts(selector))[0] ?? "";
  }

  async has(selector: string): Promise<boolean> {
    return (await this.texts(selector)).length > 0;
  }

  /** Waits until the selector names something visible, or until the function, run in the page, gives something true. */
  async waitFor(wanted: string | (() => unknown), ms: number = patience): Promise<void> {
    const question = typeof wanted === "string" ? `() => ${found(wanted, "texts")}.length > 0` : wanted.toString();
    await until(() => this.ask(question).then(Boolean, whileNavigating), ms, () => this.describe(`${String(wanted)} did not come`));
  }

  /** Waits until the selector names nothing visible. */
  async waitGone(selector: string, ms: number = patience): Promise<void> {
    await until(() => this.ask(`() => ${found(selector, "texts")}.length === 0`).then(Boolean, whileNavigating), ms, () => this.describe(`${selector} did not go`));
  }

  /**
   * Touches the first visible element that the selector names, once it stands still and can be touched, and waits until the page
   * has answered. Where it moved away under the finger, as in a list that news come into, it is touched again.
   */
  async click(selector: string, hold = 0): Promise<void> {
    let before: Place | null = null;
    const look = `(${locate.toString()})(${JSON.stringify(selector)}, "place", (element) => (${aim.toString()})(element, ${hold > 0}))`;
    await until(
      async () => {
        const now = (await this.primitives.evaluate(look)) as Place | null;
        const still = now !== null && now.covered === null && now.x === before?.x && now.y === before.y;
        before = now;
        if (!still) return false;
        await this.primitives.touch(now.x, now.y, hold);
        return this.eval(landed).catch((error: unknown) => !whileNavigating(error));
      },
      patience,
      () => this.describe(`${selector} could not be touched (${before?.covered ? `under ${before.covered}` : "not there, or moving"})`),
    );
  }

  longPress(selector: string): Promise<void> {
    return this.click(selector, 800);
  }

  /** Touches a field and types into it, after what it holds. */
  async type(selector: string, text: string): Promise<void> {
    await this.click(selector);
    await this.primitives.keys(text);
  }

  /** Empties a field and types into it. */
  async fill(selector: string, text: string): Promise<void> {
    await this.click(selector);
    await this.eval(() => document.execCommand("selectAll"));
    await this.primitives.press("Backspace");
    await this.primitives.keys(text);
  }

  press(key: Key): Promise<void> {
    return this.primitives.press(key);
  }

  async screenshot(path: string): Promise<void> {
    await writeFile(path, await this.primitives.png());
  }

  /** Lets `ms` pass where nothing can be waited for, as to see that something does not come. */
  idle(ms: number): Promise<void> {
    return pause(ms);
  }

  /** The answer to `question`, the source of a function: when it is true, or the last of a quarter of a second. */
  private ask(question: string): Promise<unknown> {
    // The other engines' drivers do not say clearly that a page went away while it was asked.
    return this.primitives.evaluate(`(${asking.toString()})(${question}, ${this.engine === "chromium" ? 10 : 1})`);
  }

  private async describe(what: string): Promise<string> {
    const screen = await this.eval(() => `${location.pathname}\n${document.body.innerText}`).catch((error: unknown) => String(error));
    return `${this.engine}: ${what}. On the screen:\n${screen.slice(0, 2000)}\nProblems: ${this.problems.join("\n") || "none"}`;
  }
}

/** `locate` and its words as an expression. */
function found(selector: string, want: "texts" | "place"): string {
  return `(${locate.toString()})(${JSON.stringify(selector)}, "${want}")`;
}

/** Between two pages there is nothing to ask. Other failures are thrown. */
function whileNavigating(error: unknown): false {
  if (/context|navigat|document\.body/i.test(String(error))) return false;
  throw error;
}

/** What one person's browser keeps apart from everybody else's: storage and open tabs. */
export interface Context {
  /** A new tab, the size of a phone. */
  open(url: string): Promise<Page>;
  close(): Promise<void>;
}

/** A running browser. */
export interface Browser {
  readonly name: EngineName;
  /** A new person without a past. With a `profile` (see `launch`) there is one context, and it is the profile's. */
  newContext(): Promise<Context>;
  /** Ends it as a person does, so that its profile is complete. */
  close(): Promise<void>;
  /** Ends it as a dying battery does. */
  kill(): Promise<void>;
}
