import type { ChildProcess } from "node:child_process";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { en } from "../../client/src/ui/words/en.ts";
import { headless, type Headless } from "../../client/test/headless.ts";
import { patience } from "../support/browsers/page.ts";
import { end, start, until } from "../support/processes.ts";
import { at, type App } from "./app.ts";
import { World } from "./world.ts";

/** The whole way of a push: the app, the server's own worker, a push service as Mozilla's is, and Firefox. */
const root = resolve(import.meta.dirname, "../..");

let service: ChildProcess;
let push: string;
let world: World;
let ann: Headless;

beforeAll(async () => {
  service = start(join(root, ".venv/bin/python"), ["-m", "tests.push.autopush"], { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
  if (!service.stdout) throw new Error("the push service has no output");
  const lines = createInterface(service.stdout)[Symbol.asyncIterator]();
  const sockets = `ws://127.0.0.1:${String((await lines.next()).value)}/`;
  push = `http://127.0.0.1:${String((await lines.next()).value)}`;
  world = new World({
    engine: "firefox",
    settings: { VAPID_SUBJECT: "mailto:push@kindred.example", PUSH_TRUSTED_ORIGINS: push, PUSH_GRACE_MS: "100" },
    preferences: {
      "dom.push.enabled": true,
      "dom.push.connection.enabled": true,
      "dom.push.serverURL": sockets,
      "dom.push.testing.allowInsecureServerURL": true,
      // There is no desktop whose own notes could be used.
      "alerts.useSystemBackend": false,
      // The page of the API is to be what it is.
      "devtools.jsonview.enabled": false,
      // Nobody is there to answer when Firefox asks.
      "permissions.default.desktop-notification": 1,
    },
  });
  await world.start();
  ann = await headless({ origin: world.server.address });
});
afterAll(async () => {
  await ann?.end();
  await world?.end();
  await end(service);
});
beforeEach(({ task, onTestFailed }) => onTestFailed(() => world.picture(task.name)));

interface Seen {
  received: { version: string }[];
  faults: string[];
  /** What Firefox said to the push service. */
  browser: { messageType?: string; code?: number; updates?: { version: string; code: number }[] }[];
}

async function seen(): Promise<Seen> {
  return (await (await fetch(`${push}/control/received`)).json()) as Seen;
}

/** The push service's own words, when a test waits in vain. */
const soon = (so: (now: Seen) => boolean | Promise<boolean>, ms = patience): Promise<unknown> =>
  until(async () => so(await seen()), ms, async () => `it did not come to that: ${so.toString()}\n${JSON.stringify(await seen())}`);

const said = ({ browser }: Seen, messageType: string): boolean => browser.some((one) => one.messageType === messageType);

async function turnNotesOn(app: App): Promise<void> {
  await app.toChats();
  await app.click("openSettings");
  await app.click("settingsWaking");
  await app.page.click(`text=${en.push.notes.reminder}`);
  await app.page.click(`text=${en.push.icons.clock}`);
  await app.click("wakingOn");
  await app.page.waitFor(at("wakingOff"));
  // Without the random delay, so that the test is short.
  await app.page.click(`text=${en.push.delays.none}`);
  await app.page.waitFor(`text=${en.settings.saved}`);
}

test("a message wakes a Firefox in which the app is closed, and is read when the app is opened", async () => {
  const { conduct } = await ann.engine.readInvite(world.links.moderator);
  await ann.engine.join(world.links.moderator, { name: "Ann", pin: "2580", conductVersion: conduct?.version ?? 1 });
  const bea = await world.member("Bea");
  expect(said(await seen(), "register")).toBe(false);
  await bea.joinOpenRoom("Welcome");
  await turnNotesOn(bea);
  expect(said(await seen(), "register")).toBe(true);
  const room = ann.engine.rooms()[0]?.id ?? "";
  await ann.engine.joinOpenRoom(room);
  await soon(() => ann.engine.members(room).length === 2);

  // Another page of the same address, which is not the app and is not looked at, sees what the person would.
  const lockScreen = await bea.context.open(`${world.server.address}/api/v1/push`);
  await bea.context.open("about:blank");
  await bea.page.close();
  await ann.engine.sendText(room, "are you there?");
  const shown = () => lockScreen.eval(async () => (await (await navigator.serviceWorker.getRegistration())?.getNotifications())?.map(({ title, body, icon }) => [title, body, icon.slice(0, 22)]));
  await soon(async () => (await shown())?.length === 1);
  expect(await shown()).toEqual([[en.push.notes.reminder, "", "data:image/png;base64,"]]);
  // Firefox says so when it is done with it.
  await soon(({ browser }) => browser.some(({ updates = [] }) => updates.length > 0));
  const { received, faults, browser } = await seen();
  // 100: Firefox has decrypted it.
  expect(browser.flatMap(({ updates = [] }) => updates)).toEqual([expect.objectContaining({ version: received[0]?.version, code: 100 })]);
  expect([received.length, faults, said({ received, faults, browser }, "nack")]).toEqual([1, [], false]);

  const back = await world.tab("Bea", bea.context, world.server.address);
  await back.unlock();
  await (await back.open("Welcome")).waitFor("are you there?");
  await soon(async () => (await shown())?.length === 0);
  await back.toChats();
  await back.click("openSettings");
  await back.click("settingsWaking");
  await back.click("wakingOff");
  await soon((now) => said(now, "unregister"));
});
