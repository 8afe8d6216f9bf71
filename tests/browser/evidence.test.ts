import { execFile } from "node:child_process";
import { createServer, type Server } from "node:http";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import type { ElementHandle } from "puppeteer-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildVerifyPage } from "../../client/build/verify-page.ts";
import { unpack } from "../../client/src/evidence/container.ts";
import { barriers } from "../support/browsers/axe.ts";
import { launch } from "../support/browsers/launch.ts";
import type { Browser, Page } from "../support/browsers/page.ts";
import { puppetOf } from "../support/browsers/puppeteer.ts";

const root = resolve(import.meta.dirname, "../..");
/** As the server's own (backend/headers.py). */
const policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'";
const types: Record<string, string> = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css" };

let folder: string;
let site: Server;
let browser: Browser;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "kindred-evidence-"));
  await Promise.all([
    buildVerifyPage(join(root, "client"), folder),
    promisify(execFile)(join(root, ".venv/bin/python"), ["-m", "tests.moderation.golden", folder, "9"], { cwd: root }),
  ]);
  site = createServer((request, response) => {
    const path = request.url ?? "";
    readFile(join(folder, path)).then(
      (content) => response.writeHead(200, { "content-type": types[extname(path)] ?? "text/plain", "content-security-policy": policy }).end(content),
      () => response.writeHead(404).end(),
    );
  }).listen(0, "127.0.0.1");
  await once(site, "listening");
  browser = await launch("chromium");
});
afterAll(async () => {
  await browser?.close();
  site?.closeAllConnections();
  site?.close();
  await rm(folder, { recursive: true, force: true });
});

const open = async (url: string): Promise<Page> => (await browser.newContext()).open(url);

async function choose(page: Page, input: "evidence" | "keys", file: string): Promise<void> {
  await page.waitFor(`#${input}`);
  const handle = await puppetOf(page).$(`#${input}`);
  if (handle === null) throw new Error(`there is no #${input}`);
  await (handle as ElementHandle<HTMLInputElement>).uploadFile(join(folder, file));
}

test("the page checks evidence without a network, and says what it proves and what not", async () => {
  const page = await open(`http://127.0.0.1:${String((site.address() as AddressInfo).port)}/verify.html`);
  await page.waitFor("#evidence");
  site.closeAllConnections();
  site.close();
  await choose(page, "evidence", "bundle.zip");
  await page.waitFor('[data-outcome="fits"]');
  expect(await page.text("section")).toContain("The keys came with the evidence.");
  await choose(page, "keys", "keys.json");
  await page.waitFor('[data-outcome="whole"]');
  const told = await page.text("section");
  for (const words of ["6 messages as the server stamped them, 3 withheld", "4 pictures as sent, 1 not in it", "nobody's consent is recorded in it", "What this proves", "What it does not prove"]) expect(told).toContain(words);
  expect(await barriers(page)).toEqual([]);
  expect(page.problems).toEqual([]);
});

test("a file that the server sealed without messages is called so, and never whole", async () => {
  const page = await open(pathToFileURL(join(folder, "verify.html")).href);
  await choose(page, "keys", "keys.json");
  await choose(page, "evidence", "empty.zip");
  await page.waitFor('[data-outcome="broken"]');
  expect(await page.text(".problems")).toBe("bundle.json: it holds no messages");
  expect(await page.text("section")).not.toContain("It is whole");
  expect(page.problems).toEqual([]);
});

test("saved to a disk it works as well, and names what was changed", async () => {
  const changed = await readFile(join(folder, "bundle.zip"));
  changed[changed.indexOf("send me pictures")] = 0x53;
  await writeFile(join(folder, "changed.zip"), changed);
  await writeFile(join(folder, "none.json"), "[]");
  const page = await open(pathToFileURL(join(folder, "verify.html")).href);
  await choose(page, "keys", "keys.json");
  await choose(page, "evidence", "bundle.zip");
  await page.waitFor('[data-outcome="whole"]');
  await choose(page, "evidence", "changed.zip");
  await page.waitFor('[data-outcome="broken"]');
  expect(await page.text(".problems")).toContain("the file:");
  expect(await page.text("section")).not.toContain("What this proves");
  await choose(page, "keys", "none.json");
  await page.waitFor('[data-outcome="unreadable"]');
  expect(page.problems).toEqual([]);
});

test("unpacked on a disk, the readable page shows each picture to those who ask for it, and nothing can run in it", async () => {
  const unpacked = join(folder, "unpacked");
  await mkdir(join(unpacked, "pictures"), { recursive: true });
  for (const [name, content] of unpack(new Uint8Array(await readFile(join(folder, "bundle.zip"))))) await writeFile(join(unpacked, name), content);
  const page = await open(pathToFileURL(join(unpacked, "index.html")).href);
  await page.waitFor(() => document.readyState === "complete");
  // The two that one ciphertext was made to open to are no more than the heads of pictures.
  const loaded = () => [...document.images].filter(({ naturalWidth }) => naturalWidth > 0).map(({ alt, naturalWidth }) => [alt, naturalWidth]);
  expect(await page.eval(loaded)).toEqual([['A "hill" <b>& it\'s green', 16], ["A picture without a description", 1]]);
  const filters = () => [...document.images].map((one) => getComputedStyle(one).filter);
  const blurred = "blur(24px) grayscale(1)";
  expect(await page.eval(filters)).toEqual([blurred, blurred, blurred, blurred]);
  await page.click('label[for="p5-1"]');
  expect(await page.eval(filters)).toEqual([blurred, blurred, "none", blurred]);
  expect(await page.text("body")).toContain("This picture is not here.");
  expect(await barriers(page)).toEqual([]);
  expect(page.problems).toEqual([]);
  const ran = await page.eval(() => {
    const script = document.createElement("script");
    script.textContent = "document.title = 'ran'";
    document.body.append(script);
    return document.title;
  });
  expect(ran).toMatch(/^Evidence, case /);
});
