import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import type { ElementHandle } from "puppeteer-core";
import { build } from "vite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildVerifyPage } from "../../client/build/verify-page.ts";
import { publishedKeys } from "../../client/src/crypto/signed.ts";
import type { Custody, Reason } from "../../client/src/evidence/bundle.ts";
import { make } from "../../client/src/evidence/make.ts";
import { verify } from "../../client/src/evidence/verify.ts";
import { type Bytes, fromBase64url } from "../../client/src/protocol/bytes.ts";
import { launch } from "../support/browsers/launch.ts";
import { puppetOf } from "../support/browsers/puppeteer.ts";

const root = resolve(import.meta.dirname, "../..");
const client = join(root, "client");
const rounds = 5;

interface Given {
  domain: string;
  network: string;
  case: string;
  made_at: number;
  made_by: string;
  items: { attestation: string; content: string; withheld: Reason | null; pictures: (string | null)[] }[];
  custody: Custody[];
  keys: unknown;
  seal: string;
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "kindred-evidence-"));
  await promisify(execFile)(join(root, ".venv/bin/python"), ["-m", "tests.moderation.golden", folder, "1000"], { cwd: root });
});
afterAll(() => rm(folder, { recursive: true }));

/** Of five rounds, in milliseconds. `ready` gives what is to be measured. */
async function median(ready: () => Promise<() => Promise<void>>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const work = await ready();
    const start = performance.now();
    await work();
    times.push(performance.now() - start);
  }
  return Math.round(times.sort((one, other) => one - other)[Math.floor(rounds / 2)] ?? 0);
}

test("a bundle of a thousand messages, a third of them withheld, in Node and in Chromium", async () => {
  const { made_at: madeAt, made_by: madeBy, items, seal, ...rest } = JSON.parse(await readFile(join(folder, "given.json"), "utf8")) as Given;
  const making = { ...rest, madeAt, madeBy, handedOver: null, items: items.map(({ content, pictures, ...item }) => ({ ...item, content: fromBase64url(content), pictures: pictures.map((one) => one === null ? null : fromBase64url(one)) })), seal: () => Promise.resolve(seal) };
  let made: Bytes = new Uint8Array();
  const making_ms = await median(async () => async () => {
    made = await make(making);
  });
  const keys = await publishedKeys(rest.keys);
  const verifying_ms = await median(async () => async () => expect((await verify(made, keys)).problems).toEqual([]));
  console.log({ bytes: made.length, node: { making_ms, verifying_ms }, chromium: { making_ms: await makingInChromium(), verifying_ms: await verifyingInChromium() } });
});

/** The very code that the app loads when a moderator makes a file, in a page that has been given what was shown. */
async function makingInChromium(): Promise<number> {
  const lib = { entry: join(client, "src/evidence/make.ts"), formats: ["iife" as const], name: "evidence", fileName: () => "make.js" };
  await build({ configFile: false, root: client, publicDir: false, logLevel: "warn", build: { target: "es2022", outDir: folder, emptyOutDir: false, lib } });
  await writeFile(join(folder, "make.html"), '<!doctype html><title>Making</title><script src="make.js"></script>');
  const given = await readFile(join(folder, "given.json"), "utf8");
  const browser = await launch("chromium");
  try {
    return await median(async () => {
      const page = await (await browser.newContext()).open(pathToFileURL(join(folder, "make.html")).href);
      await page.eval(prepare, given);
      return async () => expect(await page.eval(makeInPage)).toBeGreaterThan(1_000_000);
    });
  } finally {
    await browser.close();
  }
}

interface Making {
  evidence: { make: typeof make };
  making: Parameters<typeof make>[0];
}

/** Runs inside the page. */
function prepare(text: string): void {
  const bytes = (one: string): Bytes => Uint8Array.from(atob(one.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
  const { made_at: madeAt, made_by: madeBy, items, seal, ...rest } = JSON.parse(text) as Given;
  const shown = items.map(({ content, pictures, ...item }) => ({ ...item, content: bytes(content), pictures: pictures.map((one) => (one === null ? null : bytes(one))) }));
  (window as unknown as Making).making = { ...rest, madeAt, madeBy, handedOver: null, items: shown, seal: () => Promise.resolve(seal) };
}

/** Runs inside the page. */
async function makeInPage(): Promise<number> {
  const { evidence, making } = window as unknown as Making;
  return (await evidence.make(making)).length;
}

/** From choosing the file to the words on the page. */
async function verifyingInChromium(): Promise<number> {
  await buildVerifyPage(client, folder);
  const browser = await launch("chromium");
  try {
    return await median(async () => {
      const page = await (await browser.newContext()).open(pathToFileURL(join(folder, "verify.html")).href);
      const choose = async (input: string, file: string): Promise<void> =>
        ((await puppetOf(page).$(`#${input}`)) as ElementHandle<HTMLInputElement>).uploadFile(join(folder, file));
      await choose("keys", "keys.json");
      return async () => {
        await choose("evidence", "bundle.zip");
        await page.waitFor('[data-outcome="whole"]');
      };
    });
  } finally {
    await browser.close();
  }
}
