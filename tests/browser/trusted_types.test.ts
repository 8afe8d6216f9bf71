import { expect, test } from "vitest";
import { App, at } from "./app.ts";
import { puppetOf } from "../support/browsers/puppeteer.ts";
import { useWorld } from "./world.ts";

declare global {
  interface Window {
    violations: string[];
  }
}

const world = useWorld();
let noor: App;

async function visitor(url: string): Promise<App> {
  const context = await world.browser.newContext();
  const page = await context.open("about:blank");
  await puppetOf(page).evaluateOnNewDocument(() => {
    window.violations = [];
    addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI, sample }) => window.violations.push(`${violatedDirective} ${blockedURI} ${sample}`));
  });
  await page.goto(url);
  return new App(page, "Noor", context);
}

const violations = (app: App): Promise<string[]> => app.page.eval(() => window.violations);

test("joining, writing, every way into the settings and a start by the service worker break no rule of the policy", async () => {
  noor = await visitor(world.memberLink());
  await noor.join();
  const room = await noor.joinOpenRoom("Welcome");
  await room.send("Hello <b>there</b> https://example.org/");
  await room.waitForState("Hello <b>there</b> https://example.org/", "sent");
  await noor.toChats();
  await noor.click("openSettings");
  await noor.click("settingsHints");
  await noor.page.waitFor(at("hintsSwitch"));
  await noor.toChats();
  await noor.page.waitFor(() => navigator.serviceWorker.controller !== null, 60_000);
  expect(await violations(noor)).toEqual([]);
  await noor.reload();
  await noor.open("Welcome");
  expect(await violations(noor)).toEqual([]);
  expect(noor.page.problems).toEqual([]);
});

test("a text that reaches a page's markup or a script's address is refused, whatever the code does", async () => {
  const refused = await noor.page.eval(() => {
    const tries: [string, () => unknown][] = [
      ["markup", () => (document.createElement("div").innerHTML = "<img src=x>")],
      ["a document", () => new DOMParser().parseFromString("<p>", "text/html")],
      ["a script's address", () => (document.createElement("script").src = "/other.js")],
      ["a worker", () => new Worker("/other.js")],
      ["a policy of its own", () => (globalThis as unknown as { trustedTypes: { createPolicy(name: string, rules: object): unknown } }).trustedTypes.createPolicy("mine", {})],
      ["the worker's policy once more", () => (globalThis as unknown as { trustedTypes: { createPolicy(name: string, rules: object): unknown } }).trustedTypes.createPolicy("kindred-worker", {})],
    ];
    return tries.filter(([, attempt]) => {
      try {
        attempt();
        return false;
      } catch {
        return true;
      }
    }).map(([what]) => what);
  });
  expect(refused).toEqual(["markup", "a document", "a script's address", "a worker", "a policy of its own", "the worker's policy once more"]);
});

test("the page that checks evidence breaks no rule of the policy", async () => {
  const checker = await visitor(`${world.server.address}/verify.html`);
  await checker.page.waitFor(() => document.readyState === "complete");
  expect(await checker.page.eval(() => document.querySelector("input[type=file]") !== null)).toBe(true);
  expect(await violations(checker)).toEqual([]);
});
