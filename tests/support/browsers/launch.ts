import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import type { Browser, EngineName } from "./page.ts";
import { launchPuppeteer, type FirefoxPreferences } from "./puppeteer.ts";
import { launchWebKit } from "./webkit.ts";

const programs = { chromium: "chromium", firefox: "firefox-esr" };

/** Every engine that people have on their phones. */
export const engines: readonly EngineName[] = ["chromium", "firefox", "webkit"];

/**
 * Starts a real browser without a window.
 *
 * `profile` is a folder that keeps the person's storage from one start to the next (Chromium and Firefox; WebKit's driver
 * always forgets). `preferences` are Firefox's own (about:config), `flags` are Chromium's. A `slow` one counts itself among the
 * slowest phones when it measures what a PIN may cost, and so spares a second of work for each; WebKit cannot.
 */
export async function launch(name: EngineName, { profile, preferences, flags, slow }: { profile?: string; preferences?: FirefoxPreferences; flags?: readonly string[]; slow?: boolean } = {}): Promise<Browser> {
  if (name !== "webkit") return launchPuppeteer(name, program(programs[name]), profile, preferences, flags, slow);
  if (profile !== undefined) throw new Error("WebKit's driver keeps no profile");
  return launchWebKit();
}

function program(name: string): string {
  for (const folder of (process.env["PATH"] ?? "/usr/bin").split(":")) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }
  throw new Error(`${name} is missing: \`make test\` installs it, or says how.`);
}
