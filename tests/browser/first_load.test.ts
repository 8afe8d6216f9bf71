import { afterAll, beforeAll, expect, test } from "vitest";
import { Recorder } from "../privacy/recorder.ts";
import { launch } from "../support/browsers/launch.ts";
import { patience, type Browser } from "../support/browsers/page.ts";
import { until } from "../support/processes.ts";
import { KindredServer } from "../support/server.ts";
import { FIRST_LOAD_BUDGET, weightOf } from "../support/weight.ts";
import { App } from "./app.ts";

let server: KindredServer;
let wire: Recorder;
let browser: Browser;
let newcomer: App;

beforeAll(async () => {
  wire = await Recorder.listen("127.0.0.1");
  server = await KindredServer.start({ settings: { ORIGIN: wire.address } });
  wire.leadTo(server.port);
  browser = await launch("chromium");
  const { members } = await server.links();
  const context = await browser.newContext();
  newcomer = new App(await context.open(members[0] ?? ""), "Noor", context);
});

afterAll(async () => {
  await browser?.close();
  await server?.remove();
});

/** Paths of the app that the browser asked for. */
const asked = (): string[] => wire.heard().requests.map(({ line }) => line.split(" ")[1] ?? "").filter((path) => !path.startsWith("/api/") && path !== "/ws");
const kept = (): Promise<string[]> =>
  newcomer.page.eval(async () => (await Promise.all((await caches.keys()).map(async (name) => (await caches.open(name)).keys()))).flat().map(({ url }) => new URL(url).pathname));

/** What the worker keeps from the second start on, as it was told when it was built. */
async function soon(): Promise<string[]> {
  const code = await (await fetch(`${server.address}/sw.js`)).text();
  const paths = [...code.matchAll(/soon:(.*?),needed:/gsu)].flatMap(([, listed = ""]) => listed.match(/\/[\w./-]+/gu) ?? []);
  if (!paths.some((path) => path.includes("/More-"))) throw new Error("the worker's list was not found");
  return paths;
}

test("a newcomer's first load, up to the first sent message and until the app works offline, is within its budget", async () => {
  await newcomer.join();
  const room = await newcomer.joinOpenRoom("Welcome");
  await room.send("Hello");
  await room.waitForState("Hello", "sent");
  await newcomer.page.waitFor(() => navigator.serviceWorker.controller !== null, 60_000);
  await until(async () => (await kept()).includes("/hints/links"), patience, async () => `it keeps ${(await kept()).join(" ")}`);
  const { rest, kinds, files } = weightOf(wire.heard());
  console.log(JSON.stringify({ rest, kinds }));
  expect(rest, JSON.stringify(files)).toBeLessThanOrEqual(FIRST_LOAD_BUDGET);
});

test("nothing of staff, of recovery words or of a screen that was not opened is in it", () => {
  expect(asked().filter((path) => /ForStaff|evidence|More|Suspended|ComingBack|recovery-words|english|french|korean|icon-512/u.test(path))).toEqual([]);
});

test("from the second start on the device has every screen of members, whichever were opened, and none of staff", async () => {
  await newcomer.reload();
  const all = await soon();
  const missing = async (): Promise<string[]> => {
    const here = await kept();
    return all.filter((path) => !here.includes(path));
  };
  await until(async () => (await missing()).length === 0, patience, async () => `it lacks ${(await missing()).join(" ")}`);
  const before = asked().length;
  await newcomer.page.reload();
  await newcomer.unlock();
  await newcomer.click("openSettings");
  await newcomer.page.waitFor(`[data-testid="screen-settings"]`);
  expect(asked().slice(before).filter((path) => path !== "/sw.js")).toEqual([]);
  expect((await kept()).filter((path) => /ForStaff|evidence/u.test(path))).toEqual([]);
});
