import { join, resolve } from "node:path";
import type { CDPSession, WebWorker } from "puppeteer-core";
import { build } from "vite";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { patience, type Page } from "../support/browsers/page.ts";
import { puppetOf } from "../support/browsers/puppeteer.ts";
import { until } from "../support/processes.ts";
import { at } from "./app.ts";
import { Stage } from "./stage.ts";

/** What a push brings, whoever sends it: nothing of it may be shown. */
const CANARY = "Asha wrote in Tuesday circle";

const stage = new Stage();
const client = resolve(import.meta.dirname, "../../client");

beforeAll(async () => {
  await stage.open();
  const files = (await stage.files()).map((name) => (name === "/dev.html" ? "/" : name));
  const output = await build({
    configFile: false, root: client, publicDir: false, logLevel: "warn",
    define: { __PRECACHE__: JSON.stringify(files), __BUILD__: JSON.stringify("one") },
    build: { write: false, lib: { entry: join(client, "src/sw/worker.ts"), formats: ["iife"], name: "worker", fileName: () => "sw.js" } },
  });
  const [made] = [output].flat();
  const chunk = made !== undefined && "output" in made ? made.output[0] : undefined;
  if (chunk === undefined) throw new Error("no service worker was built");
  stage.answers.set("/sw.js", chunk.code);
  stage.answers.set("/", await (await fetch(`${stage.origin}/dev.html`)).text());
});
afterAll(() => stage.close());
beforeEach(() => void (stage.asked.length = 0));

const soon = (so: () => Promise<boolean>): Promise<unknown> => until(so, patience, () => "it did not come to that");

interface Shown {
  title: string;
  body: string;
  tag: string;
  data: unknown;
}

/** A person whose browser keeps the app, and may show notes if they said so. */
class Sleeper {
  private constructor(private page: Page, private readonly session: CDPSession, private readonly registration: string, private readonly worker: WebWorker) {}

  static async make(allowed: boolean, words?: string): Promise<Sleeper> {
    const context = await stage.browser.newContext();
    const page = await context.open(`${stage.origin}/?keep`);
    await page.waitFor(() => navigator.serviceWorker.controller !== null);
    if (words !== undefined) await page.eval(async (note) => (await caches.open("kindred-note")).put("/note", new Response(note)), words);
    const puppet = puppetOf(page);
    if (allowed) await puppet.browserContext().overridePermissions(stage.origin, ["notifications"]);
    const target = await puppet.browserContext().waitForTarget((one) => one.type() === "service_worker");
    const worker = await target.worker();
    if (!worker) throw new Error("the service worker does not run");
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
    return new Sleeper(page, lasting, registration, worker);
  }

  async closeApp(): Promise<void> {
    await this.page.close();
    await soon(() => this.worker.evaluate("self.clients.matchAll({ type: 'window' }).then((all) => all.length === 0)") as Promise<boolean>);
  }

  async lookAtApp(): Promise<void> {
    await puppetOf(this.page).bringToFront();
    await this.page.waitFor(() => document.visibilityState === "visible");
    await this.worker.evaluate("self.pushes = 0; self.addEventListener('push', (event) => event.waitUntil(new Promise((done) => setTimeout(done, 300)).then(() => (self.pushes += 1))));");
  }

  pushes(): Promise<number> {
    return this.worker.evaluate("self.pushes") as Promise<number>;
  }

  push(): Promise<void> {
    return this.session.send("ServiceWorker.deliverPushMessage", { origin: stage.origin, registrationId: this.registration, data: CANARY });
  }

  notes(): Promise<Shown[]> {
    return this.worker.evaluate("self.registration.getNotifications().then((all) => all.map(({ title, body, tag, data }) => ({ title, body, tag, data })))") as Promise<Shown[]>;
  }

  click(): Promise<unknown> {
    return this.worker.evaluate("self.registration.getNotifications().then(([note]) => self.dispatchEvent(new NotificationEvent('notificationclick', { notification: note })))");
  }
}

test("what is shown are the words that the person chose, once, whatever came and however often", async () => {
  const sleeper = await Sleeper.make(true, "Reminder");
  await sleeper.closeApp();
  stage.asked.length = 0;
  await sleeper.push();
  await soon(async () => (await sleeper.notes()).length > 0);
  await sleeper.push();
  await sleeper.push();
  await soon(async () => (await sleeper.notes()).length === 1);
  expect(await sleeper.notes()).toEqual([{ title: "Reminder", body: "", tag: "sync", data: null }]);
  expect(stage.asked.filter((path) => path !== "/sw.js")).toEqual([]);
});

test("without a choice the note is neutral too, and a touch takes it away", async () => {
  const sleeper = await Sleeper.make(true);
  await sleeper.closeApp();
  await sleeper.push();
  await soon(async () => (await sleeper.notes()).length > 0);
  const [note] = await sleeper.notes();
  expect(note).toEqual({ title: "Something is new", body: "", tag: "sync", data: null });
  await sleeper.click();
  await soon(async () => (await sleeper.notes()).length === 0);
});

test("nothing is shown to somebody who is looking at the app", async () => {
  const sleeper = await Sleeper.make(true);
  await sleeper.lookAtApp();
  await sleeper.push();
  await soon(async () => (await sleeper.pushes()) > 0);
  expect(await sleeper.notes()).toEqual([]);
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
  expect(await page.eval(async () => (await window.fake.push.state()).quiet)).toEqual({ start: 1320, end: 420 });
  await page.click(at("wakingOff"));
  await page.waitFor(at("wakingOn"));
  expect(page.problems).toEqual([]);
});

test("a refusal of the browser, or a server without push, is said and offers nothing", async () => {
  for (const [state, said] of [["denied", "Your browser says no"], ["unable", "There are no notes here"]] as const) {
    const page = await stage.look(`push=${state}`);
    await page.waitFor(at("screenChats"));
    await page.eval((screen) => window.go(screen), { name: "waking" } as const);
    await page.waitFor(at("screenWaking"));
    expect(await page.text(at("screenWaking"))).toContain(said);
    expect(await page.has(at("wakingOn"))).toBe(false);
    await page.close();
  }
});
