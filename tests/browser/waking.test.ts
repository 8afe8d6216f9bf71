import type { CDPSession, WebWorker } from "puppeteer-core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { patience, type Context, type Page } from "../support/browsers/page.ts";
import { puppetOf } from "../support/browsers/puppeteer.ts";
import { until } from "../support/processes.ts";
import { at } from "./app.ts";
import { Stage } from "./stage.ts";
import { stagesOn, workerFor } from "./worker.ts";

/** What a push brings, whoever sends it: nothing of it may be shown. */
const CANARY = "Asha wrote in Tuesday circle";

const stage = new Stage();

beforeAll(async () => {
  await stage.open();
  stage.answers.set("/sw.js", await workerFor(await stagesOn(stage), "one"));
  stage.answers.set("/", await (await fetch(`${stage.origin}/dev.html`)).text());
});
afterAll(() => stage.close());
beforeEach(() => void (stage.asked.length = 0));

const soon = (so: () => Promise<boolean>): Promise<unknown> => until(so, patience, () => "it did not come to that");

interface Shown {
  title: string;
  body: string;
  tag: string;
  icon: string;
  data: unknown;
}

/** What the service worker did that a browser without a desktop does not show, or does not do for a test. */
interface Done {
  badges: number;
  opened: string[];
  focused: number;
}

/** A person whose browser keeps the app, and may show notes if they said so. */
class Sleeper {
  private constructor(private readonly context: Context, readonly page: Page, private readonly session: CDPSession, private readonly registration: string, private readonly worker: WebWorker) {}

  static async make(allowed: boolean, note: Record<string, string> = {}): Promise<Sleeper> {
    const context = await stage.browser.newContext();
    const page = await context.open(`${stage.origin}/?keep`);
    await page.waitFor(() => navigator.serviceWorker.controller !== null);
    await page.eval(async (kept) => {
      const cache = await caches.open("kindred-note");
      for (const [path, text] of Object.entries(kept)) await cache.put(path, new Response(text));
    }, note);
    const puppet = puppetOf(page);
    if (allowed) await puppet.browserContext().overridePermissions(stage.origin, ["notifications"]);
    const target = await puppet.browserContext().waitForTarget((one) => one.type() === "service_worker");
    const worker = await target.worker();
    if (!worker) throw new Error("the service worker does not run");
    await worker.evaluate(`self.done = { badges: 0, opened: [], focused: 0 };
      self.navigator.setAppBadge = async () => { self.done.badges += 1; };
      self.clients.openWindow = async (url) => { self.done.opened.push(url); };
      WindowClient.prototype.focus = async function () { self.done.focused += 1; return this; };
      self.pushes = 0;
      const keep = ExtendableEvent.prototype.waitUntil;
      ExtendableEvent.prototype.waitUntil = function (work) { (this.works ??= []).push(work); keep.call(this, work); };
      // The app's own listener was there first: counted is what it has done with.
      self.addEventListener('push', (event) => keep.call(event, Promise.allSettled(event.works ?? []).then(() => { self.pushes += 1; })));`);
    // A tab of nothing, which stays when the app is closed.
    const other = await puppet.browserContext().newPage();
    const session = await puppet.createCDPSession();
    const found = new Promise<string>((done) => {
      session.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
        const [first] = registrations;
        if (first) done(first.registrationId);
      });
    });
    await session.send("ServiceWorker.enable");
    const registration = await found;
    const lasting = await other.createCDPSession();
    await lasting.send("ServiceWorker.enable");
    return new Sleeper(context, page, lasting, registration, worker);
  }

  async closeApp(): Promise<void> {
    await this.page.close();
    await soon(() => this.worker.evaluate("self.clients.matchAll({ type: 'window' }).then((all) => all.length === 0)") as Promise<boolean>);
  }

  async lookAtApp(): Promise<void> {
    await puppetOf(this.page).bringToFront();
    await this.seenAs("visible");
  }

  /** Goes to another tab, and counts what the app hears meanwhile. */
  async lookAway(): Promise<void> {
    await this.page.evaluate("window.heard = []; navigator.serviceWorker.addEventListener('message', ({ data }) => window.heard.push(data))");
    await puppetOf(await this.context.open("about:blank")).bringToFront();
    await this.seenAs("hidden");
  }

  /** The page knows first; what decides over a note is what the service worker knows. */
  private async seenAs(state: "visible" | "hidden"): Promise<void> {
    await soon(async () => (await this.page.eval(() => document.visibilityState)) === state);
    await soon(() => this.worker.evaluate(`self.clients.matchAll({ type: 'window' }).then((all) => all.some((one) => one.url.endsWith('/?keep') && one.visibilityState === '${state}'))`) as Promise<boolean>);
  }

  heard(): Promise<unknown> {
    return this.page.evaluate("window.heard");
  }

  pushes(): Promise<number> {
    return this.worker.evaluate("self.pushes") as Promise<number>;
  }

  did(): Promise<Done> {
    return this.worker.evaluate("self.done") as Promise<Done>;
  }

  push(): Promise<void> {
    return this.session.send("ServiceWorker.deliverPushMessage", { origin: stage.origin, registrationId: this.registration, data: CANARY });
  }

  notes(): Promise<Shown[]> {
    return this.worker.evaluate("self.registration.getNotifications().then((all) => all.map(({ title, body, tag, icon, data }) => ({ title, body, tag, icon, data })))") as Promise<Shown[]>;
  }

  click(): Promise<unknown> {
    return this.worker.evaluate("self.registration.getNotifications().then(([note]) => self.dispatchEvent(new NotificationEvent('notificationclick', { notification: note })))");
  }
}

/** One pixel. */
const ICON = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

test("what is shown are the words and the icon that the person chose, once, whatever came and however often, and a touch opens the app", async () => {
  const sleeper = await Sleeper.make(true, { "/note": "Reminder", "/note-icon": ICON });
  await sleeper.closeApp();
  stage.asked.length = 0;
  for (let count = 0; count < 3; count += 1) await sleeper.push();
  await soon(async () => (await sleeper.pushes()) === 3);
  expect(await sleeper.notes()).toEqual([{ title: "Reminder", body: "", tag: "sync", icon: ICON, data: null }]);
  expect(stage.asked.filter((path) => path !== "/sw.js")).toEqual([]);
  await sleeper.click();
  await soon(async () => (await sleeper.notes()).length === 0 && (await sleeper.did()).opened.length > 0);
  expect(await sleeper.did()).toEqual({ badges: 3, opened: ["/"], focused: 0 });
});

test("without a choice the note is neutral too; an app behind other tabs looks for news itself, a touch brings it to the front, and the badge goes", async () => {
  const sleeper = await Sleeper.make(true);
  await sleeper.lookAway();
  await sleeper.push();
  await soon(async () => (await sleeper.notes()).length > 0);
  expect(await sleeper.notes()).toEqual([{ title: "Something is new", body: "", tag: "sync", icon: "", data: null }]);
  await soon(async () => ((await sleeper.heard()) as string[]).length > 0);
  expect(await sleeper.heard()).toEqual(["woken"]);
  await sleeper.click();
  await soon(async () => (await sleeper.notes()).length === 0 && (await sleeper.did()).focused > 0);
  expect(await sleeper.did()).toMatchObject({ opened: [], focused: 1 });
});

test("looking at the app clears the note and the badge, and nothing is shown to somebody who is looking", async () => {
  const sleeper = await Sleeper.make(true);
  await sleeper.page.evaluate("window.cleared = 0; navigator.clearAppBadge = async () => { window.cleared += 1; }");
  await sleeper.lookAway();
  await sleeper.push();
  await soon(async () => (await sleeper.notes()).length > 0);
  await sleeper.lookAtApp();
  await soon(async () => (await sleeper.notes()).length === 0 && (await sleeper.page.evaluate("window.cleared")) === 1);
  await sleeper.push();
  await soon(async () => (await sleeper.pushes()) > 1);
  expect(await sleeper.notes()).toEqual([]);
  expect((await sleeper.did()).badges).toBe(1);
});

test("nothing is shown to somebody who has not allowed it, or no longer does", async () => {
  const sleeper = await Sleeper.make(true);
  await sleeper.lookAway();
  await puppetOf(sleeper.page).browserContext().clearPermissionOverrides();
  await sleeper.page.waitFor(() => Notification.permission !== "granted");
  await sleeper.push();
  await soon(async () => (await sleeper.pushes()) > 0);
  expect(await sleeper.notes()).toEqual([]);
  expect((await sleeper.did()).badges).toBe(0);
});

test("notes are turned on and off in Settings, in plain words, and the first start asks for nothing", async () => {
  const page = await stage.look("push=off");
  await page.waitFor(at("screenChats"));
  expect(await page.eval(() => Notification.permission)).not.toBe("granted");
  await page.eval((screen) => window.go(screen), { name: "waking" } as const);
  await page.waitFor(at("wakingOn"));
  expect(await page.text(at("screenWaking"))).toContain("Google, Apple or Mozilla");
  await page.click(at("wakingOn"));
  await page.waitFor(at("wakingOff"));
  await page.click(at("wakingQuiet"));
  await page.waitFor(at("wakingFrom"));
  await page.waitFor(async () => {
    const { quiet } = await window.fake.push.state();
    return quiet?.start === 1320 && quiet.end === 420;
  });
  for (const choice of ["Up to 10 minutes", "Bell", "Update ready"]) await page.click(`text=${choice}`);
  await page.waitFor(async () => {
    const { delay, note } = await window.fake.push.state();
    return delay === 600_000 && note?.icon === "bell" && note.words === "Update ready";
  });
  // What the server does not take is tried once, and shown as it was.
  await page.eval(() => {
    const { push, scene } = window.fake;
    const setDelay = push.setDelay.bind(push);
    push.setDelay = (delay) => ((document.documentElement.dataset["tries"] = String(Number(document.documentElement.dataset["tries"] ?? 0) + 1)), setDelay(delay));
    scene.fail = "unavailable";
  });
  await page.click("text=At once");
  await page.waitFor("role=button|Try again");
  await page.eval(() => (window.fake.scene.fail = null));
  await page.click("role=button|Try again");
  await page.waitFor(() => document.querySelector("label.chosen input[name=delay]")?.parentElement?.textContent === "Up to 10 minutes");
  expect(await page.eval(() => document.documentElement.dataset["tries"])).toBe("1");
  await page.click(at("wakingOff"));
  await page.waitFor(at("wakingOn"));
  expect(page.problems).toEqual([]);
});

test("a refusal of the browser, or a server without push, is said and offers nothing", async () => {
  for (const [state, said] of [["denied", "Your browser says no"], ["unable", "There are no notifications here"]] as const) {
    const page = await stage.look(`push=${state}`);
    await page.waitFor(at("screenChats"));
    await page.eval((screen) => window.go(screen), { name: "waking" } as const);
    await page.waitFor(at("screenWaking"));
    expect(await page.text(at("screenWaking"))).toContain(said);
    expect(await page.has(at("wakingOn"))).toBe(false);
    await page.close();
  }
});
