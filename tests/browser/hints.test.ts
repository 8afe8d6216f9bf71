import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { en } from "../../client/src/ui/words/en.ts";
import { patience } from "../support/browsers/page.ts";
import { pause, until } from "../support/processes.ts";
import { at, type App } from "./app.ts";
import type { Room } from "./room.ts";
import { useWorld } from "./world.ts";

const world = useWorld({ wire: true });
const LURE = "I can get you a job in a hotel. You only have to pay 200 euros first for the visa.";
const { samples: SAMPLES } = JSON.parse(readFileSync(join(import.meta.dirname, "../../docs/hints-links-source.json"), "utf8")) as { samples: string[] };
const LINK = "Look here: https://jobs-abroad.example/apply";
let noor: App;
let rook: App;
let noors: Room;
let rooks: Room;

beforeAll(async () => {
  noor = await world.member("Noor");
  rook = await world.member("Rook");
  noors = await noor.joinOpenRoom("Welcome");
  rooks = await rook.joinOpenRoom("Welcome");
  await rooks.send(LURE);
  await noors.waitFor(LURE);
});

/** The first lines of the HTTP requests that went over the wire so far, but for questions after cases and decisions, which both apps ask now and then. */
function asked(): string[] {
  const lines = world.server.wire?.bytes().toString("latin1").match(/(?:GET|HEAD|POST|PUT|DELETE) \/\S* HTTP\/1\.1/gu) ?? [];
  return lines.filter((line) => !/^GET \/api\/v1\/(?:cases|me\/decisions)/u.test(line));
}

/** The same once nothing has been asked for a while: who came is looked up some seconds later. */
async function rest(): Promise<string[]> {
  return until(async () => {
    const before = asked();
    await pause(6_000);
    return asked().length === before.length ? before : null;
  }, 2 * patience, () => "requests go on");
}

test("before hints are turned on, this device fetched their rules as every device does, and no language's but its own", async () => {
  const rules = /^GET \/assets\/(en|es|fr|pt|ro|ru|uk|ar)-/u;
  await until(async () => asked().some((line) => rules.test(line)), patience, () => asked().join("\n"));
  expect(new Set(asked().flatMap((line) => rules.exec(line)?.[1] ?? []))).toEqual(new Set(["en"]));
});

test("P31 hints stay here: off until they are turned on, seen and dismissed without a request", async () => {
  expect(await noor.page.has(at("hint"))).toBe(false);
  await until(() => noor.page.eval(async () => (await caches.match("/hints/links")) !== undefined), patience, () => "the list of addresses is not kept");
  await until(() => noor.page.eval(() => navigator.serviceWorker.controller !== null), patience, () => "no service worker");
  // From the second start on a device has all that members can open.
  await noor.reload();
  const before = await rest();
  await noor.toChats();
  await noor.click("openSettings");
  await noor.click("settingsHints");
  await noor.click("hintsSwitch");
  await noor.page.waitFor(at("hintsSwitch", '[aria-checked="true"]'));
  expect(await noor.page.text(at("hintsUnreviewed"))).toBe(en.hints.unreviewed(["en"]));
  noors = await noor.open("Welcome");
  await noor.click("hint");
  await noor.page.waitFor(at("hintSheet"));
  expect(await noor.page.text(at("hintSheet"))).toContain(en.hints.kinds.fee.why);
  await noor.click("hintFine");
  await noor.page.waitGone(at("hint"));
  expect(asked()).toEqual(before);
});

test("an address on the list is told, and a moderator can be asked from there", async () => {
  await rooks.send(LINK);
  await noors.waitFor(LINK);
  const before = asked();
  await noor.page.waitFor(at("hint", '[data-kind="knownLink"]'));
  await noor.click("hint");
  await noor.page.waitFor(at("hintSheet"));
  expect(asked()).toEqual(before);
  await noor.click("hintAsk");
  await noor.page.waitFor(at("askMessage"));
  expect((await noor.page.texts(at("screenAsk"))).join(" ")).toContain("jobs-abroad.example");
  for (const app of [noor, rook]) expect(app.page.problems).toEqual([]);
});

test("without a network, after the phone was locked, a host of the real list is still told", async () => {
  const [host] = SAMPLES;
  await noor.toChats();
  const text = `Apply on https://www.${host}, they answer at once`;
  noors = await noor.open("Welcome");
  await rooks.send(text);
  await noors.waitFor(text);
  world.server.wire?.cut();
  await noor.reload();
  noors = await noor.open("Welcome");
  await noors.waitFor(text);
  await until(async () => (await noor.page.texts(at("hint", '[data-kind="knownLink"]'))).length === 2, patience, () => "no hint from the list");
  world.server.wire?.mend();
  await noor.page.waitGone(at("connectionLine"));
});

test("off again, they are gone at once", async () => {
  await noor.toChats();
  await noor.click("openSettings");
  await noor.click("settingsHints");
  await noor.click("hintsSwitch");
  await noor.page.waitFor(at("hintsSwitch", '[aria-checked="false"]'));
  await noor.open("Welcome");
  expect(await noor.page.has(at("hint"))).toBe(false);
});
