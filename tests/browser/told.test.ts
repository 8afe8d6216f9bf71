import { beforeAll, expect, test } from "vitest";
import { testid } from "../../client/src/ui/testids.ts";
import { en } from "../../client/src/ui/words/en.ts";
import { patience } from "../support/browsers/page.ts";
import { puppetOf } from "../support/browsers/puppeteer.ts";
import { until } from "../support/processes.ts";
import { at, type App, type Id } from "./app.ts";
import { useWorld } from "./world.ts";

const world = useWorld();
const BAIT = "I know a place where you can earn a lot";
let mira: App;
let tala: App;
let rook: App;

beforeAll(async () => {
  [mira, tala, rook] = [await world.member("Mira", world.links.moderator), await world.member("Tala"), await world.member("Rook")];
  for (const app of [mira, rook]) await (await app.joinOpenRoom("Welcome")).send(`${app.name} is here`);
  const room = await tala.joinOpenRoom("Welcome");
  await (await rook.open("Welcome")).send(BAIT);
  await room.waitFor(BAIT);
});

/** Tala shows what Rook wrote. */
async function ask(): Promise<void> {
  const room = await tala.open("Welcome");
  const key = (await room.shown()).findLast(({ text }) => text === BAIT)?.key ?? "";
  await tala.page.longPress(at("message", `[data-message="${key}"] .bubble`));
  await tala.click("menuAsk");
  await tala.click("askNext");
  await tala.page.click(at("askConcern", '[data-concern="recruitment"]'));
  await tala.click("askSend");
  await reads(tala, "questionState", en.cases.state.unclaimed);
}

async function reads(app: App, id: Id, words: string): Promise<void> {
  const all = async (): Promise<string> => (await app.page.texts(at(id))).join("\n");
  await until(async () => (await all()).includes(words), patience, async () => `${app.name} does not read “${words}” but “${await all()}”`);
}

/** On a phone, a case stands in the place of the queue: the way back leads over it. */
async function home(app: App): Promise<void> {
  for (let here = await app.place(); !here.startsWith(testid.screenChats); here = await app.place()) {
    const before = here;
    const inCase = await app.page.has(at("caseTalk"));
    await app.click("back");
    if (inCase) await app.page.waitGone(at("caseTalk"));
    else await until(async () => (await app.place()) !== before, patience, () => `${app.name} does not get back from ${before}`);
  }
}

async function toConsole(app: App): Promise<void> {
  await home(app);
  await app.click("openConsole");
  await app.page.waitFor(at("screenConsole"));
}

test("a moderator whose console lies behind another page is told that something waits, and never what", async () => {
  await toConsole(mira);
  const puppet = puppetOf(mira.page);
  await puppet.browserContext().overridePermissions(world.server.address, ["notifications"]);
  await mira.click("toldSwitch");
  await mira.page.waitFor(at("toldSwitch", '[aria-checked="true"]'));
  await mira.page.waitFor(() => navigator.serviceWorker.controller !== null);
  const front = await puppet.browserContext().newPage();
  await front.bringToFront();
  await mira.page.waitFor(() => document.visibilityState === "hidden");
  await ask();
  const notes = (): Promise<unknown[]> => mira.page.eval(async () => {
    const all = (await (await navigator.serviceWorker.getRegistration())?.getNotifications()) ?? [];
    return all.map(({ title, body, tag, icon, data }) => ({ title, body, tag, icon, data: data as unknown }));
  });
  await until(async () => (await notes()).length > 0, patience, () => "Mira is not told");
  expect(await notes()).toEqual([{ title: en.helping.told.words, body: "", tag: "sync", icon: "", data: null }]);
  expect(await mira.page.eval(() => document.title)).toBe("Kindred");
  await front.close();
  await mira.front();
  await until(async () => (await notes()).length === 0, patience, () => "the note stays");
});
