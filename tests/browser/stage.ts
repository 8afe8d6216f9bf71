import { createServer, type Server } from "node:http";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join, resolve } from "node:path";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { build } from "vite";
import type { FakeEngine } from "../../client/src/ui/dev/fake-engine.ts";
import type { Screen } from "../../client/src/ui/router.svelte.ts";
import { testid } from "../../client/src/ui/testids.ts";
import { launch } from "../support/browsers/launch.ts";
import type { Browser, Page } from "../support/browsers/page.ts";

declare global {
  interface Window {
    fake: FakeEngine;
    go: (screen: Screen) => void;
  }
}

const client = resolve(import.meta.dirname, "../../client");
/** As the server's own (backend/headers.py): what the screens do must not need more. */
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'";
const types: Record<string, string> = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css" };

/** The screens with an engine that is made up (client/src/ui/dev), served as the real ones are, and a browser to look at them. */
export class Stage {
  private folder = "";
  private site: Server | null = null;
  /** Further answers by path, and what was asked for so far. */
  readonly answers = new Map<string, string>();
  readonly asked: string[] = [];
  /** True while there is no network. */
  down = false;
  browser!: Browser;

  async open(): Promise<void> {
    this.folder = await mkdtemp(join(tmpdir(), "kindred-screens-"));
    await build({
      configFile: false,
      root: client,
      publicDir: false,
      logLevel: "warn",
      // As it is built for people, although Vitest's environment says otherwise.
      define: { "import.meta.env.DEV": "false" },
      plugins: [svelte({ configFile: join(client, "svelte.config.js"), compilerOptions: { dev: false } })],
      build: { target: "es2022", outDir: this.folder, emptyOutDir: true, minify: false, assetsInlineLimit: 0, rolldownOptions: { input: join(client, "dev.html") } },
    });
    this.site = createServer((request, response) => {
      const path = new URL(request.url ?? "/", "http://stage").pathname;
      if (this.down) return void request.socket.destroy();
      this.asked.push(path);
      const answer = this.answers.get(path);
      if (answer !== undefined) return void response.writeHead(200, { "content-type": types[extname(path)] ?? "text/html", "content-security-policy": policy }).end(answer);
      readFile(join(this.folder, path)).then(
        (content) => response.writeHead(200, { "content-type": types[extname(path)] ?? "text/plain", "content-security-policy": policy }).end(content),
        () => response.writeHead(404).end(),
      );
    }).listen(0, "127.0.0.1");
    await once(this.site, "listening");
    this.browser = await launch("chromium");
  }

  /** The built files, as paths from the origin. */
  async files(): Promise<string[]> {
    const entries = await readdir(this.folder, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(this.folder.length));
  }

  get origin(): string {
    const address = this.site?.address() as AddressInfo;
    return `http://127.0.0.1:${address.port}`;
  }

  /** A new person in front of a scene, e.g. `phase=locked` or `#i.abcd1234` (client/src/ui/dev/main.ts). */
  async look(scene = ""): Promise<Page> {
    const [query = "", fragment] = scene.split("#");
    const page = await (await this.browser.newContext()).open(`${this.origin}/dev.html?${query}${fragment ? `#${fragment}` : ""}`);
    await page.waitFor(`[data-testid^="screen-"]`);
    return page;
  }

  /** In front of a conversation or another screen inside. */
  async inside(screen: Screen, scene = ""): Promise<Page> {
    const page = await this.look(scene);
    await page.waitFor(`[data-testid="${testid.screenChats}"]`);
    await page.eval((wanted) => window.go(wanted), screen);
    await page.waitFor(`section.open [data-testid^="screen-"]`);
    return page;
  }

  async close(): Promise<void> {
    await this.browser?.close();
    this.site?.closeAllConnections();
    this.site?.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}
