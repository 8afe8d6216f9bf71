import { createServer, type Server } from "node:http";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { engines, launch } from "../support/browsers/launch.ts";
import { barriers } from "../support/browsers/axe.ts";
import type { Browser, Page } from "../support/browsers/page.ts";
import { Wire } from "../support/wire.ts";

// The same policy as Kindred's own pages: driving a page must not need a weaker one.
const policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self'; img-src 'self'";
const html = `<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>Page</title>
<main><h1>Hello</h1><label>Your name <input></label><button aria-label="Go and greet somebody">Go</button><output></output>
<p hidden>Not to be seen</p></main><script src="/page.js"></script>`;
const script = `
const out = document.querySelector("output"), field = document.querySelector("input"), button = document.querySelector("button");
field.value = localStorage.name ?? "";
let down = 0;
button.addEventListener("pointerdown", () => { down = Date.now(); });
button.addEventListener("click", () => { localStorage.name = field.value; out.textContent = "Hello " + field.value; });
button.addEventListener("pointerup", () => { if (Date.now() - down > 500) document.querySelector("h1").textContent = "Held"; });
field.addEventListener("keydown", (event) => { if (event.key === "Enter") out.textContent = "Entered " + field.value; });
`;

let site: Server;
let origin: string;

beforeAll(async () => {
  site = createServer((request, response) => {
    const code = request.url === "/page.js";
    response.writeHead(200, { "content-type": code ? "text/javascript" : "text/html", "content-security-policy": policy });
    response.end(code ? script : html);
  }).listen(0, "127.0.0.1");
  await once(site, "listening");
  origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
});

afterAll(() => {
  site.closeAllConnections();
  site.close();
});

describe.each(engines)("%s", (name) => {
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    browser = await launch(name);
    page = await (await browser.newContext()).open(origin);
  });
  afterAll(() => browser?.close());

  test("a page is used as a person uses it", async () => {
    await page.type("label=Your name", "Ada é 👋");
    await page.press("Enter");
    expect(await page.text("output")).toBe("Entered Ada é 👋");
    await page.fill("input", "Grace");
    await page.click("role=button|greet");
    await page.waitFor("text=Hello Grace");
    await page.longPress("role=button|greet");
    await page.waitFor("text=Held");
    expect(await page.has("text=Not to be seen")).toBe(false);
    expect(page.problems).toEqual([]);
  });

  test("what comes under a finger in the last moment is not touched, and what was meant is touched then", async () => {
    await page.eval(() => {
      const button = document.querySelector("button");
      const { left = 0, top = 0, width = 0, height = 0 } = button?.getBoundingClientRect() ?? {};
      const other = Object.assign(document.createElement("button"), { textContent: "Other", onclick: () => (document.title = "Wrong") });
      const [x, y, wide, high] = [left, top, width, height].map((px) => `${String(px)}px`);
      Object.assign(other.style, { position: "fixed", left: x, top: y, width: wide, height: high });
      const look = document.elementFromPoint.bind(document);
      let looks = 0;
      document.elementFromPoint = (...place) => {
        looks += 1;
        // It is touched after the second look.
        if (looks === 2) setTimeout(() => document.body.append(other));
        if (looks === 5) other.remove();
        return look(...place);
      };
      document.querySelector("output")?.replaceChildren();
    });
    await page.click("role=button|greet");
    expect(await page.text("output")).toBe("Hello Grace");
    expect(await page.eval(() => document.title)).toBe("Page");
    await page.reload();
  });

  test("a page has the size of a phone", async () => {
    expect(await page.eval(() => [innerWidth, innerHeight])).toEqual([360, 740]);
  });

  test("what the client needs of a browser is there", async () => {
    const has = await page.eval(async () => {
      const key = (await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"])) as CryptoKeyPair;
      const words = new Uint8Array(8);
      const signature = await crypto.subtle.sign("Ed25519", key.privateKey, words);
      return {
        secure: isSecureContext,
        ed25519: await crypto.subtle.verify("Ed25519", key.publicKey, signature, words),
        locks: "locks" in navigator,
        serviceWorker: "serviceWorker" in navigator,
        indexedDB: "indexedDB" in window,
      };
    });
    expect(has).toEqual({ secure: true, ed25519: true, locks: true, serviceWorker: true, indexedDB: true });
  });

  test("storage outlives a reload, is shared by tabs, and not by people", async () => {
    await page.reload();
    expect(await page.text("input")).toBe("Grace");
    const somebody = await browser.newContext();
    const theirs = await somebody.open(origin);
    expect(await theirs.text("input")).toBe("");
    await theirs.type("input", "Edsger");
    await theirs.click("role=button|greet");
    const second = await somebody.open(origin);
    expect(await second.text("input")).toBe("Edsger");
    expect(await theirs.text("output")).toBe("Hello Edsger");
    await somebody.close();
  });

  test("axe finds what keeps people out", async () => {
    expect(await barriers(page)).toEqual([]);
    await page.eval(() => document.querySelector("button")?.removeAttribute("aria-label"));
    await page.eval(() => document.querySelector("button")?.replaceChildren());
    expect(await barriers(page)).toEqual([expect.stringMatching(/^button-name: /)]);
    await page.reload();
  });

  test("a screenshot shows the page", async () => {
    const folder = await mkdtemp(join(tmpdir(), "kindred-shot-"));
    await page.screenshot(join(folder, "page.png"));
    const png = await readFile(join(folder, "page.png"));
    expect(png.subarray(1, 4).toString()).toBe("PNG");
    await rm(folder, { recursive: true });
  });

  test("a pulled cable fails requests until it is back, and the wire knows what went through", async () => {
    const wire = await Wire.to((site.address() as AddressInfo).port);
    const wired = await (await browser.newContext()).open(`http://127.0.0.1:${wire.port}`);
    const ask = () => wired.eval(() => fetch("/page.js?canary").then((response) => response.status, () => 0));
    expect(await ask()).toBe(200);
    expect(wire.bytes().includes("canary")).toBe(true);
    wire.cut();
    expect(await ask()).toBe(0);
    wire.mend();
    expect(await ask()).toBe(200);
    await wired.close();
    await wire.close();
  });
});

describe.each(["chromium", "firefox"] as const)("%s with a profile", (name) => {
  test("storage outlives the browser", async () => {
    const profile = await mkdtemp(join(tmpdir(), "kindred-profile-"));
    const first = await launch(name, { profile });
    const before = await (await first.newContext()).open(origin);
    await before.type("input", "Barbara");
    await before.click("role=button|greet");
    await before.waitFor("text=Hello Barbara");
    await first.close();
    const again = await launch(name, { profile });
    const after = await (await again.newContext()).open(origin);
    expect(await after.text("input")).toBe("Barbara");
    await again.close();
    await rm(profile, { recursive: true, force: true });
  });
});
