import { afterAll, beforeAll, test } from "vitest";
import { App, at, type Id } from "../browser/app.ts";
import { launch } from "../support/browsers/launch.ts";
import type { Browser } from "../support/browsers/page.ts";
import { puppetOf } from "../support/browsers/puppeteer.ts";
import { pause } from "../support/processes.ts";
import { KindredServer } from "../support/server.ts";
import { slow4G, SlowWire } from "./slow_wire.ts";

/** A cheap phone's processor is four times slower than this one. */
const slowdown = 4;
const patience = 180_000;
const figures: Record<string, number> = {};
let server: KindredServer;
let browser: Browser;

let wire: SlowWire;

beforeAll(async () => {
  wire = await SlowWire.listen(slow4G);
  server = await KindredServer.start({ settings: { ORIGIN: wire.address } });
  wire.leadTo(server.port);
  browser = await launch("chromium");
});

afterAll(async () => {
  await browser?.close();
  await server?.remove();
  await wire?.close();
  console.log(JSON.stringify(figures));
});

// What is not yet there is fetched while a person reads, so the hurried one waits longest.
test.each([
  ["hurried", 0],
  ["reading_5_s_a_screen", 5_000],
])("from an invite link to the first sent message on a cheap phone, %s", async (manner, reading) => {
  const { members } = await server.links();
  const context = await browser.newContext();
  const app = new App(await context.open("about:blank"), "Asha", context);
  const { page } = app;
  await puppetOf(page).emulateCPUThrottling(slowdown);
  let taps = 0;
  let waited = 0;
  const tap = async (id: Id): Promise<void> => {
    await pause(reading);
    await app.click(id);
    taps += 1;
  };
  /** Only what a person waits for counts, not how fast they read or type. */
  const waiting = async (name: string, what: () => Promise<void>): Promise<void> => {
    const began = performance.now();
    await what();
    const seconds = (performance.now() - began) / 1000;
    figures[`${manner}_seconds_${name}`] = Math.round(seconds * 100) / 100;
    waited += seconds;
  };

  await waiting("link_to_invite", async () => {
    await page.goto((manner === "hurried" ? members[0] : members[1]) ?? "");
    await page.waitFor(at("inviteStart"), patience);
  });
  await tap("inviteStart");
  await page.waitFor(at("nameNext"));
  await tap("nameNext");
  await app.choosePin(app.pin);
  await page.waitFor(at("conductAgree"));
  await tap("conductAgree");
  await waiting("agreed_to_chats", () => page.waitFor(at("screenChats"), patience));
  await page.waitFor(at("openRoomJoin"), patience);
  await tap("openRoomJoin");
  await waiting("joining_the_room", () => page.waitFor(at("composer"), patience));
  await tap("composer");
  await page.type(at("composer"), "Hello everyone");
  await tap("send");
  await waiting("sending", () => page.waitFor(at("message", '[data-state="sent"]'), patience));
  figures[`${manner}_seconds_of_waiting`] = Math.round(waited * 10) / 10;
  figures["taps"] = taps;
  figures["taps_on_pin_keys"] = 2 * app.pin.length;
  await context.close();
});
