import { beforeAll, expect, test } from "vitest";
import { en } from "../../client/src/ui/words/en.ts";
import { patience } from "../support/browsers/page.ts";
import { puppetOf } from "../support/browsers/puppeteer.ts";
import { until } from "../support/processes.ts";
import { at, type App } from "./app.ts";
import { reads, review, toConsole } from "./moderating.ts";
import type { Room } from "./room.ts";
import { useWorld } from "./world.ts";

const world = useWorld();
const BAIT = "I know a place where you can earn a lot";
let mira: App;
let tala: App;
let rook: App;
let talas: Room;

beforeAll(async () => {
  [mira, tala, rook] = [await world.member("Mira", world.links.coordinator), await world.member("Tala"), await world.member("Rook")];
  for (const app of [mira, rook]) await (await app.joinOpenRoom("Welcome")).send(`${app.name} is here`);
  talas = await tala.joinOpenRoom("Welcome");
  await (await rook.open("Welcome")).send(BAIT);
  await talas.waitFor(BAIT);
});

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
  await review(talas, BAIT, "recruitment");
  await tala.click("askSend");
  await reads(tala, "questionState", en.cases.state.unclaimed);
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
