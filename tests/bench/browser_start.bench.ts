import { afterAll, beforeAll, expect, test } from "vitest";
import { at, App } from "../browser/app.ts";
import { launch } from "../support/browsers/launch.ts";
import type { Browser } from "../support/browsers/page.ts";
import { puppetOf } from "../support/browsers/puppeteer.ts";
import { KindredServer } from "../support/server.ts";
import { Recorder } from "../privacy/recorder.ts";

/** Everything but core-crypto's WebAssembly may weigh this much, compressed. */
const budget = 250 * 1024;
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

/** Compressed bytes of the bodies that were sent for the client's files, each file once. */
function weights(): { wasm: number; rest: number; files: Record<string, number> } {
  const { requests, responses } = wire.heard();
  const files = new Map<string, number>();
  for (const [index, { line }] of requests.entries()) {
    const path = line.split(" ")[1] ?? "";
    const answer = responses[index];
    if (path.startsWith("/api/") || path === "/ws" || answer === undefined) continue;
    files.set(path, Math.max(files.get(path) ?? 0, answer.body.length));
    expect(/\.(js|css|wasm)$/.test(path) && answer.body.length > 0 ? answer.headers.get("content-encoding") : "br", path).toBe("br");
  }
  const wasm = [...files].filter(([path]) => path.endsWith(".wasm")).reduce((sum, [, bytes]) => sum + bytes, 0);
  const all = [...files.values()].reduce((sum, bytes) => sum + bytes, 0);
  return { wasm, rest: all - wasm, files: Object.fromEntries([...files].sort((one, other) => other[1] - one[1])) };
}

test("the first load, up to the first sent message", async () => {
  const { members } = await server.links();
  const context = await browser.newContext();
  app = new App(await context.open(members[0] ?? ""), "Asha", context);
  await app.join();
  const room = await app.joinOpenRoom("Welcome");
  await room.send("Hello");
  await room.waitForState("Hello", "sent");
  await app.page.waitFor(() => navigator.serviceWorker.controller !== null, 60_000);
  const { wasm, rest, files } = weights();
  console.log(files);
  figures["bytes_wasm"] = wasm;
  figures["bytes_everything_else"] = rest;
  expect(rest).toBeLessThanOrEqual(budget);
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
