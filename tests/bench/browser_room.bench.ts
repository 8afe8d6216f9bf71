import { afterAll, beforeAll, expect, test } from "vitest";
import { headless, type Headless } from "../../client/test/headless.ts";
import { App, at } from "../browser/app.ts";
import { launch } from "../support/browsers/launch.ts";
import type { Browser } from "../support/browsers/page.ts";
import { puppetOf } from "../support/browsers/puppeteer.ts";
import { until } from "../support/processes.ts";
import { KindredServer } from "../support/server.ts";
import { decryptionsAlone } from "./core_crypto_alone.ts";

const many = 5_000;
const long = 600_000;
/** What is written last, and shown by the list of chats once all before it was read. */
const last = "The last one";
const figures: Record<string, number> = {};
let server: KindredServer;
let browser: Browser;
let writer: Headless;
let app: App;

beforeAll(async () => {
  // So many messages in so short a time are more than a person writes.
  server = await KindredServer.start({ settings: { RATE_SCALE: "100" } });
  browser = await launch("chromium");
});

afterAll(async () => {
  await writer?.end();
  await browser?.close();
  await server?.remove();
  console.log(JSON.stringify(figures));
});

/** Another person, without a browser, goes into the open room. Gives what writes there and waits until all is sent. */
async function newWriter(link: string, name: string): Promise<(texts: readonly string[]) => Promise<void>> {
  writer = await headless({ origin: server.address });
  const { engine } = writer;
  await engine.join(link, { name, pin: "704913", conductVersion: 1 });
  const { id } = await until(async () => engine.rooms()[0] ?? null, 20_000, () => `${name} sees no room`);
  await engine.joinOpenRoom(id);
  return async (texts) => {
    for (const text of texts) await engine.sendText(id, text);
    const allSent = async (): Promise<boolean> => engine.room(id)?.last?.state !== "waiting" && engine.room(id)?.last?.text !== undefined;
    await until(allSent, long, () => `The messages of ${name} do not go out`);
  };
}

test("a backlog of 5,000 messages is decrypted", async () => {
  const { members } = await server.links();
  const context = await browser.newContext();
  app = new App(await context.open(members[0] ?? ""), "Mira", context);
  await app.join();
  await app.joinOpenRoom("Welcome");
  const write = await newWriter(members[1] ?? "", "Noor");
  await app.page.close();
  const began = performance.now();
  await write([...Array.from({ length: many - 1 }, (_, n) => `Message ${n}, long enough to be one that somebody may have written`), last]);
  figures["written_messages_per_second"] = Math.round(many / ((performance.now() - began) / 1000));

  app = new App(await context.open(server.address), "Mira", context);
  await app.page.waitFor(at("screenUnlock"));
  await app.tapPin(app.pin);
  await app.page.waitFor(at("screenChats"), long);
  const opened = performance.now();
  await app.page.waitFor(`text=${last}`, long);
  const seconds = (performance.now() - opened) / 1000;
  figures["backlog_messages_per_second"] = Math.round(many / seconds);
});

test("core-crypto alone decrypts in the same browser", async () => {
  figures["core_crypto_alone_per_second"] = Math.round(await decryptionsAlone(browser, 2_000));
  figures["backlog_ratio_to_core_crypto"] = Math.round((100 * (figures["backlog_messages_per_second"] ?? 0)) / figures["core_crypto_alone_per_second"]) / 100;
});

test.each([1, 4])("a room with 5,000 messages opens and scrolls on a processor %i times slower", async (slowdown) => {
  await app.reload();
  await app.page.waitFor(`text=${last}`, long);
  const tab = puppetOf(app.page);
  await tab.emulateCPUThrottling(slowdown);
  await app.page.eval(watchForPaint);
  await app.page.click(await app.holding("chatItem", "Welcome"));
  await app.page.waitFor(at("message"), long);
  await app.page.waitFor(() => (window as unknown as Painted).painted !== undefined, long);
  figures[`ms_to_the_first_painted_messages_x${slowdown}`] = Math.round(await app.page.eval(() => (window as unknown as Painted).painted ?? -1));

  const session = await tab.createCDPSession();
  await app.page.eval(countFrames);
  // A finger that flings through the room, back and forth.
  for (const yDistance of [6_000, 6_000, -3_000]) {
    await session.send("Input.synthesizeScrollGesture", { x: 180, y: 370, yDistance, speed: 3_000, gestureSourceType: "touch" });
  }
  const frames = (await app.page.eval(() => (window as unknown as Painted).frames)).sort((one, other) => one - other);
  const share = (part: number): number => Math.round((frames[Math.floor(frames.length * part)] ?? 0) * 10) / 10;
  expect(frames.length).toBeGreaterThan(30);
  figures[`frame_ms_median_x${slowdown}`] = share(0.5);
  figures[`frame_ms_95_percent_x${slowdown}`] = share(0.95);
  figures[`frame_ms_longest_x${slowdown}`] = share(0.9999);
  figures[`frames_over_50_ms_percent_x${slowdown}`] = Math.round((1000 * frames.filter((ms) => ms > 50).length) / frames.length) / 10;
  await tab.emulateCPUThrottling(1);
});

interface Painted {
  painted?: number;
  frames: number[];
}

/** Runs inside the page: notes how long after the next touch the first message is on the screen. */
function watchForPaint(): void {
  const page = window as unknown as Painted;
  delete page.painted;
  addEventListener(
    "click",
    () => {
      const touched = performance.now();
      const look = (): void => {
        if (document.querySelector('[data-testid="message"]') === null) requestAnimationFrame(look);
        // It is drawn before this callback and painted before the next.
        else requestAnimationFrame(() => (page.painted = performance.now() - touched));
      };
      requestAnimationFrame(look);
    },
    { once: true, capture: true },
  );
}

/** Runs inside the page: how long each frame takes from now on, ms. */
function countFrames(): void {
  const page = window as unknown as Painted;
  page.frames = [];
  let last = performance.now();
  const tick = (now: number): void => {
    page.frames.push(now - last);
    last = now;
    requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
}
