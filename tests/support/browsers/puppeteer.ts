import puppeteer, { type Browser as Puppet, type BrowserContext, type Page as PuppetPage } from "puppeteer-core";
import { end } from "../processes.ts";
import { Page, phone, type Browser, type Context, type Key, type Primitives } from "./page.ts";

export type FirefoxPreferences = Readonly<Record<string, string | number | boolean>>;

/** Chromium or Firefox, driven by Puppeteer. `profile` is a folder that survives the browser. */
export async function launchPuppeteer(
  name: "chromium" | "firefox", executable: string, profile: string | undefined, preferences: FirefoxPreferences = {}, flags: readonly string[] = [], slow = false,
): Promise<Browser> {
  const puppet = await puppeteer.launch({
    browser: name === "chromium" ? "chrome" : "firefox",
    executablePath: executable,
    headless: true,
    // Many start at the same time, on two cores.
    timeout: 120_000,
    protocolTimeout: 120_000,
    args: name === "chromium" ? [...chromiumFlags, ...flags] : [],
    ...(name === "firefox" ? { extraPrefsFirefox: { ...firefoxPreferences, ...preferences } } : {}),
    ...(profile === undefined ? {} : { userDataDir: profile }),
  });
  return {
    name,
    async newContext() {
      return contextOf(name, slow, profile === undefined ? await puppet.createBrowserContext() : puppet.defaultBrowserContext());
    },
    close: () => puppet.close(),
    kill: () => kill(puppet),
  };
}

const chromiumFlags = [
  // As root, which CI is, Chromium has no sandbox.
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--disable-dev-shm-usage",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
  "--lang=en",
  // The address bar's pages, made anew for each person, and a process kept in store: nobody sees or uses them here, and they
  // cost as much as half of Kindred's own page.
  "--disable-features=PreloadTopChromeWebUI,SpareRendererForSitePerProcess,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup,WebUIOmniboxPopup",
  // A tab in the background counts as a phone in a pocket only where a test says so.
  "--disable-background-timer-throttling",
  "--disable-backgrounding-occluded-windows",
  "--disable-renderer-backgrounding",
];

const firefoxPreferences = {
  "intl.accept_languages": "en",
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "dom.ipc.processPrelaunch.enabled": false,
};

async function kill(puppet: Puppet): Promise<void> {
  const child = puppet.process();
  if (child !== null) await end(child);
}

/** Runs in a page before its own scripts: to what measures a PIN's cost (client/src/store/argon2.ts), time goes twenty times faster. */
function slowPhone(): void {
  const now = performance.now.bind(performance);
  performance.now = () => now() * (new Error().stack?.includes("/argon2-") ? 20 : 1);
}

function contextOf(name: "chromium" | "firefox", slow: boolean, context: BrowserContext): Context {
  return {
    async open(url) {
      const tab = await context.newPage();
      const page = pageOf(name, tab);
      tab.setDefaultTimeout(120_000);
      if (slow) await tab.evaluateOnNewDocument(slowPhone);
      // Firefox has no touch over BiDi.
      await tab.setViewport(name === "chromium" ? { ...phone, deviceScaleFactor: 2, isMobile: true, hasTouch: true } : phone);
      await page.goto(url);
      return page;
    },
    close: () => (context.id === undefined ? closeTabs(context) : context.close()),
  };
}

/** The default context of a profile cannot be closed, only its tabs. */
async function closeTabs(context: BrowserContext): Promise<void> {
  await Promise.all((await context.pages()).map((tab) => tab.close()));
}

/** The same tab with everything that Puppeteer can do, for what only one engine offers. */
export function puppetOf(page: Page): PuppetPage {
  const tab = tabs.get(page);
  if (tab === undefined) throw new Error(`${page.engine} is not driven by Puppeteer, or the page is not its`);
  return tab;
}

/** Tells a Chromium page, not its service worker, that there is no network. To cut everything, cut the wire (`wire.ts`). */
export async function setOffline(page: Page, offline: boolean): Promise<void> {
  await puppetOf(page).setOfflineMode(offline);
}

const tabs = new WeakMap<Page, PuppetPage>();

function pageOf(name: "chromium" | "firefox", tab: PuppetPage): Page {
  const problems: string[] = [];
  tab.on("pageerror", (error) => problems.push(String(error)));
  tab.on("console", (message) => {
    if (message.type() === "error") problems.push(message.text());
  });
  const page = new Page(name, primitives(tab, name === "chromium"), problems);
  tabs.set(page, tab);
  return page;
}

function primitives(tab: PuppetPage, touch: boolean): Primitives {
  return {
    async goto(url) {
      await tab.goto(url, { waitUntil: "domcontentloaded" });
    },
    async reload() {
      await tab.reload({ waitUntil: "domcontentloaded" });
    },
    evaluate: (expression) => tab.evaluate(expression),
    async touch(x, y, hold) {
      if (touch) {
        const finger = await tab.touchscreen.touchStart(x, y);
        // The page's own time: the finger is not lifted before what the page itself waits for.
        if (hold > 0) await tab.evaluate((ms) => new Promise((resolve) => setTimeout(resolve, ms)), hold);
        await finger.end();
      } else {
        await tab.mouse.click(x, y, { delay: hold });
      }
    },
    keys: (text) => tab.keyboard.type(text),
    press: (key: Key) => tab.keyboard.press(key),
    png: () => tab.screenshot({ type: "png" }),
    close: () => tab.close(),
  };
}
