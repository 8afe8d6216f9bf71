import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { patience, type Page } from "../support/browsers/page.ts";
import { until } from "../support/processes.ts";
import { at } from "./app.ts";
import { Stage } from "./stage.ts";
import { stagesOn, workerFor } from "./worker.ts";

const stage = new Stage();
/** The service worker of one version of the app. */
let worker: (version: string) => Promise<string>;
/** The file of the screens that a first start goes without. */
let more = "";

beforeAll(async () => {
  await stage.open();
  const stages = await stagesOn(stage);
  [more = ""] = stages.soon.filter((name) => name.endsWith(".js"));
  worker = (version) => workerFor(stages, version);
});
afterAll(() => stage.close());

beforeEach(async () => {
  stage.down = false;
  const html = await (await fetch(`${stage.origin}/dev.html`)).text();
  stage.answers.set("/", html.replace("<title>", '<meta name="version" content="one" /><title>'));
  stage.answers.set("/sw.js", await worker("one"));
  stage.answers.set("/api/v1/server", "{}");
});

const version = (page: Page): Promise<string | null | undefined> => page.eval(() => document.querySelector('meta[name="version"]')?.getAttribute("content"));

async function kept(asked = ""): Promise<Page> {
  const page = await (await stage.browser.newContext()).open(`${stage.origin}/?keep${asked}`);
  await page.waitFor(() => navigator.serviceWorker.controller !== null);
  return page;
}

/** Waits until the worker keeps a file whose path holds this. */
async function keeps(page: Page, part: string): Promise<void> {
  const paths = (): Promise<string[]> =>
    page.eval(async () => (await Promise.all((await caches.keys()).map(async (name) => (await caches.open(name)).keys()))).flat().map(({ url }) => new URL(url).pathname));
  await until(async () => (await paths()).some((path) => path.includes(part)), patience, async () => `it keeps ${(await paths()).join(" ")}`);
}

test("a later start needs no network and fetches nothing again but the day's list of addresses", async () => {
  const page = await kept();
  // The second start brings what the first went without.
  await page.reload();
  await keeps(page, "/More-");
  stage.answers.set("/hints/links", "kindred-links/1");
  stage.asked.length = 0;
  const asked = (): string[] => stage.asked.filter((path) => path !== "/sw.js");
  const listed = (): Promise<boolean> => page.eval(async () => (await caches.match("/hints/links", { cacheName: "kindred-links" })) !== undefined);
  for (let start = 0; start < 2; start += 1) {
    await page.reload();
    await page.waitFor(at("screenChats"));
    await until(listed, patience, () => "the list was not kept");
    expect(asked()).toEqual(["/hints/links"]);
  }
  stage.answers.delete("/hints/links");
  stage.down = true;
  await page.reload();
  await page.waitFor(at("screenChats"));
});

test("nothing of the server's own answers is ever kept", async () => {
  const page = await kept();
  await page.eval(() => fetch("/api/v1/server").then((response) => response.text()));
  stage.down = true;
  expect(await page.eval(() => fetch("/api/v1/server").then(() => "answered", () => "no network"))).toBe("no network");
  const paths = await page.eval(async () => {
    const names = await caches.keys();
    const all = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
    return all.flat().map((request) => new URL(request.url).pathname);
  });
  expect(paths).toContain("/");
  expect(paths.filter((path) => path.startsWith("/api") || path.startsWith("/ws"))).toEqual([]);
});

test("the page that checks evidence is not taken for the app", async () => {
  stage.answers.set("/verify.html", "<!doctype html><title>Evidence</title>");
  const page = await kept();
  await page.goto(`${stage.origin}/verify.html`);
  expect(await page.eval(() => document.title)).toBe("Evidence");
});

test("a new version says so, interrupts nothing, and comes when it is asked for", async () => {
  const page = await kept();
  await page.type(at("chatSearch"), "tues");
  stage.answers.set("/", (stage.answers.get("/") ?? "").replace('content="one"', 'content="two"'));
  stage.answers.set("/sw.js", await worker("two"));
  await page.eval(async () => void (await (await navigator.serviceWorker.ready).update()));
  await page.waitFor(at("updateLine"));
  expect(await page.texts(at("chatSearch"))).toEqual(["tues"]);
  expect(await version(page)).toBe("one");
  await page.click("text=Use it now");
  await until(async () => (await version(page).catch(() => null)) === "two", patience, () => "the new version did not come");
  expect(await page.eval(() => caches.keys())).toEqual(["kindred-two"]);
});

test("a new version starts by itself once nothing is open any more", async () => {
  const context = await stage.browser.newContext();
  const page = await context.open(`${stage.origin}/?keep`);
  await page.waitFor(() => navigator.serviceWorker.controller !== null);
  stage.answers.set("/", (stage.answers.get("/") ?? "").replace('content="one"', 'content="two"'));
  stage.answers.set("/sw.js", await worker("two"));
  await page.eval(async () => void (await (await navigator.serviceWorker.ready).update()));
  await page.waitFor(at("updateLine"));
  await page.close();
  const later = await context.open(`${stage.origin}/?keep`);
  await until(async () => {
    if ((await version(later)) === "two") return true;
    await later.reload();
    return false;
  }, patience, () => "the old version stayed");
});

test("a screen that was never opened says so without a network, loses nothing, and comes with the network and a new start", async () => {
  const page = await kept("&role=member");
  stage.down = true;
  await page.click(at("openSettings"));
  await page.waitFor(at("screenLater"));
  await page.click(at("back"));
  await page.waitFor(at("screenChats"));
  await page.click(at("openSettings"));
  stage.down = false;
  await page.click(at("laterAnew"));
  await keeps(page, "/More-");
  stage.down = true;
  await page.reload();
  await page.waitFor(at("screenChats"));
  await page.click(at("openSettings"));
  await page.waitFor(at("screenSettings"));
});

test("a screen that was opened in the first session is kept from then on", async () => {
  const page = await kept("&role=member");
  await page.click(at("openSettings"));
  await page.waitFor(at("screenSettings"));
  await keeps(page, "/More-");
  stage.down = true;
  await page.reload();
  await page.waitFor(at("screenChats"));
  await page.click(at("openSettings"));
  await page.waitFor(at("screenSettings"));
});

test("what staff need is there without a network after one start", async () => {
  const page = await kept("&role=moderator");
  await keeps(page, "/ForStaff-");
  stage.down = true;
  await page.reload();
  await page.waitFor(at("screenChats"));
  await page.click(at("openConsole"));
  await page.waitFor(at("screenConsole"));
});

test("an app that misses a file of a build that the server has no more offers to open anew, and the newer build comes with all that was kept", async () => {
  const page = await kept("&role=member");
  stage.answers.set("/", (stage.answers.get("/") ?? "").replace('content="one"', 'content="two"'));
  stage.answers.set("/sw.js", await worker("two"));
  stage.missing.add(more);
  await page.click(at("openSettings"));
  await page.waitFor(at("screenLater"));
  stage.missing.delete(more);
  await page.eval(async () => void (await (await navigator.serviceWorker.ready).update()));
  await page.waitFor(at("laterAnew"));
  await page.eval(async () => {
    const { waiting, installing } = await navigator.serviceWorker.ready;
    const next = waiting ?? installing;
    if (next && next.state !== "installed") await new Promise((done) => next.addEventListener("statechange", done, { once: true }));
  });
  await page.click(at("laterAnew"));
  await until(async () => (await version(page).catch(() => null)) === "two", patience, () => "the new version did not come");
  await page.click(at("openSettings"));
  await page.waitFor(at("screenSettings"));
});
