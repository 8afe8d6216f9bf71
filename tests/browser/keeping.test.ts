import { join, resolve } from "node:path";
import { build } from "vite";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { patience, type Page } from "../support/browsers/page.ts";
import { until } from "../support/processes.ts";
import { at } from "./app.ts";
import { Stage } from "./stage.ts";

const stage = new Stage();
const client = resolve(import.meta.dirname, "../../client");
/** The service worker as client/build/service-worker.ts builds it, for one version of the app. */
let worker: (version: string) => Promise<string>;

beforeAll(async () => {
  await stage.open();
  const files = (await stage.files()).map((name) => (name === "/dev.html" ? "/" : name));
  worker = async (version) => {
    const output = await build({
      configFile: false,
      root: client,
      publicDir: false,
      logLevel: "warn",
      define: { __PRECACHE__: JSON.stringify(files), __BUILD__: JSON.stringify(version) },
      build: { write: false, lib: { entry: join(client, "src/sw/worker.ts"), formats: ["iife"], name: "worker", fileName: () => "sw.js" } },
    });
    const [made] = [output].flat();
    const chunk = made !== undefined && "output" in made ? made.output[0] : undefined;
    if (chunk === undefined) throw new Error("no service worker was built");
    return chunk.code;
  };
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

async function kept(): Promise<Page> {
  const page = await (await stage.browser.newContext()).open(`${stage.origin}/?keep`);
  await page.waitFor(() => navigator.serviceWorker.controller !== null);
  return page;
}

test("a later start needs no network and fetches nothing again but the day's list of addresses", async () => {
  stage.answers.set("/hints/links", "kindred-links/1");
  const page = await kept();
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
