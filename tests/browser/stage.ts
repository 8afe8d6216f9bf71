import { createServer, type Server } from "node:http";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { extname, join, resolve } from "node:path";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { build } from "vite";
import type { FakeEngine } from "../../client/src/ui/dev/fake-engine.ts";
import type { Screen } from "../../client/src/ui/router.svelte.ts";
import { testid } from "../../client/src/ui/testids.ts";
import { launch } from "../support/browsers/launch.ts";
import type { Browser, Page } from "../support/browsers/page.ts";
import { madeOnce } from "../support/made_once.ts";

declare global {
  interface Window {
    fake: FakeEngine;
    go: (screen: Screen) => void;
  }
}

const client = resolve(import.meta.dirname, "../../client");
/** As the server's own (backend/headers.py): what the screens do must not need more. */
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types svelte-trusted-html kindred-worker";
/** Of this run's screens; empty until the first stage is opened. */
let folder = "";
const types: Record<string, string> = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css" };

/** Builds the screens as they are built for people, although Vitest's environment says otherwise. */
async function buildTo(outDir: string): Promise<void> {
  await build({
    configFile: false,
    root: client,
    publicDir: false,
    logLevel: "warn",
    define: { "import.meta.env.DEV": "false" },
    plugins: [svelte({ configFile: join(client, "svelte.config.js"), compilerOptions: { dev: false } })],
    build: { target: "es2022", outDir, emptyOutDir: true, minify: false, assetsInlineLimit: 0, rolldownOptions: { input: join(client, "dev.html") } },
  });
}

/** The screens with an engine that is made up (client/src/ui/dev), served as the real ones are, and a browser to look at them. */
export class Stage {
  private site: Server | null = null;
  private looks = 0;
  /** Further answers by path, and what was asked for so far. */
  readonly answers = new Map<string, string>();
  readonly asked: string[] = [];
  /** Paths of built files that are not given any more. */
  readonly missing = new Set<string>();
  /** True while there is no network. */
  down = false;
  browser!: Browser;

  async open(): Promise<void> {
    folder = await madeOnce("screens", buildTo, 4 * 60_000);
    this.site = createServer((request, response) => {
      const path = new URL(request.url ?? "/", "http://stage").pathname;
      if (this.down) return void request.socket.destroy();
      this.asked.push(path);
      if (this.missing.has(path)) return void response.writeHead(404).end();
      const answer = this.answers.get(path);
      if (answer !== undefined) return void response.writeHead(200, { "content-type": types[extname(path)] ?? "text/html", "content-security-policy": policy }).end(answer);
      readFile(join(folder, path)).then(
        (content) => response.writeHead(200, { "content-type": types[extname(path)] ?? "text/plain", "content-security-policy": policy }).end(content),
        () => response.writeHead(404).end(),
      );
    }).listen(0, "127.0.0.1");
    await once(this.site, "listening");
    this.browser = await launch("chromium");
  }

  /** The built files, as paths from the origin. */
  async files(): Promise<string[]> {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(folder.length));
  }

  get origin(): string {
    const address = this.site?.address() as AddressInfo;
    return `http://127.0.0.1:${address.port}`;
  }

  /**
   * A new person in front of a scene, e.g. `phase=locked` or `#i.abcd1234` (client/src/ui/dev/main.ts), in a tab of their own
   * or in `tab`, which forgets what was there.
   */
  async look(scene = "", tab: Page | null = null): Promise<Page> {
    const [query = "", fragment] = scene.split("#");
    // A number makes it another address: the same one with another fragment would not be loaded.
    const address = `${this.origin}/dev.html?${query}&look=${String((this.looks += 1))}${fragment ? `#${fragment}` : ""}`;
    await tab?.eval(() => sessionStorage.clear());
    await tab?.goto(address);
    const page = tab ?? (await (await this.browser.newContext()).open(address));
    await page.waitFor(`[data-testid^="screen-"]`);
    return page;
  }

  /** In front of a conversation or another screen inside. */
  async inside(screen: Screen, scene = "", tab: Page | null = null): Promise<Page> {
    const page = await this.look(scene, tab);
    await page.waitFor(`[data-testid="${testid.screenChats}"]`);
    await page.eval((wanted) => window.go(wanted), screen);
    await page.waitFor(`section.open [data-testid^="screen-"]`);
    return page;
  }

  async close(): Promise<void> {
    await this.browser?.close();
    this.site?.closeAllConnections();
    this.site?.close();
  }
}
