import { afterAll, beforeAll, expect, test } from "vitest";
import { at, App } from "../browser/app.ts";
import { launch } from "../support/browsers/launch.ts";
import type { Browser } from "../support/browsers/page.ts";
import { puppetOf } from "../support/browsers/puppeteer.ts";
import { KindredServer } from "../support/server.ts";
import { FIRST_LOAD_BUDGET, weightOf } from "../support/weight.ts";
import { Recorder } from "../privacy/recorder.ts";

const figures: Record<string, number | boolean> = {};
let server: KindredServer;
let wire: Recorder;
let browser: Browser;
let app: App;

beforeAll(async () => {
  wire = await Recorder.listen("127.0.0.1");
  server = await KindredServer.start({ settings: { ORIGIN: wire.address } });
  wire.leadTo(server.port);
  browser = await launch("chromium");
});

afterAll(async () => {
  await browser?.close();
  await server?.remove();
  console.log(JSON.stringify(figures));
});

test("the first load, up to the first sent message", async () => {
  const { members } = await server.links();
  const context = await browser.newContext();
  app = new App(await context.open(members[0] ?? ""), "Asha", context);
  await app.join();
  const room = await app.joinOpenRoom("Welcome");
  await room.send("Hello");
  await room.waitForState("Hello", "sent");
  await app.page.waitFor(() => navigator.serviceWorker.controller !== null, 60_000);
  const { wasm, rest, kinds, files } = weightOf(wire.heard());
  console.log(files);
  figures["bytes_wasm"] = wasm;
  figures["bytes_everything_else"] = rest;
  for (const [kind, bytes] of Object.entries(kinds)) figures[`bytes_${kind.replace(".", "")}`] = bytes;
  expect(rest).toBeLessThanOrEqual(FIRST_LOAD_BUDGET);
});

test("a later start takes nothing from the network, and works without it", async () => {
  const before = wire.heard().requests.length;
  await app.reload();
  const asked = wire.heard().requests.slice(before).map(({ line }) => line.split(" ")[1] ?? "");
  figures["files_asked_for_by_a_later_start"] = asked.filter((path) => !path.startsWith("/api/") && path !== "/ws" && path !== "/sw.js").length;

  await server.kill();
  await puppetOf(app.page).setOfflineMode(true);
  const began = performance.now();
  await app.page.reload();
  await app.page.waitFor(at("screenUnlock"));
  figures["ms_to_the_pin_without_network"] = Math.round(performance.now() - began);
  const pin = performance.now();
  await app.unlock();
  figures["ms_from_pin_to_chats_without_network"] = Math.round(performance.now() - pin);
  await (await app.open("Welcome")).waitFor("Hello");
  figures["starts_without_network"] = true;
});
