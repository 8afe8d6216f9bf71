import type { Engine } from "../../contract/index.ts";
import { isNews } from "../logic/waiting.ts";
import { words } from "../words/index.ts";

/** As the service worker's note (client/src/sw/push.ts): one takes the place of the other. */
const TAG = "sync";

/** Tells a moderator whose console lies behind other pages that something waits, and never what. Made anew with the console. */
export class Behind {
  on = $state(false);
  able = $state("Notification" in globalThis);
  denied = $state(false);
  #words: string | null = null;
  #before: ReadonlySet<string> | null = null;

  constructor(private readonly engine: Engine) {}

  async look(): Promise<void> {
    if (!this.able) return;
    const { on, words: chosen } = await this.engine.push.behind();
    this.#words = chosen;
    this.denied = Notification.permission === "denied";
    this.on = on && Notification.permission === "granted";
  }

  /** From a press alone: the browser may ask the person. True when it is as they wanted. */
  async turn(on: boolean): Promise<boolean> {
    if (on && (await Notification.requestPermission()) !== "granted") {
      this.denied = true;
      return false;
    }
    await this.engine.push.setBehind(on);
    await this.look();
    return true;
  }

  /** What waits now; told once, and only to somebody who is not looking. */
  async waits(now: ReadonlySet<string>): Promise<void> {
    const news = this.#before !== null && isNews(this.#before, now);
    this.#before = now;
    if (!news || !this.on || document.visibilityState === "visible" || Notification.permission !== "granted") return;
    const said = this.#words ?? words.helping.told.words;
    const worker = await navigator.serviceWorker?.getRegistration();
    if (worker?.active) await worker.showNotification(said, { tag: TAG, body: "" });
    else new Notification(said, { tag: TAG, body: "" });
  }
}
