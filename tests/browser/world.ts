import { mkdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, beforeEach } from "vitest";
import { FakeCamera } from "../support/browsers/camera.ts";
import { launch } from "../support/browsers/launch.ts";
import type { Browser, Context, EngineName } from "../support/browsers/page.ts";
import type { FirefoxPreferences } from "../support/browsers/puppeteer.ts";
import { KindredServer, type Links } from "../support/server.ts";
import { App } from "./app.ts";

const pictures = resolve(import.meta.dirname, "../../test-results/browser");

interface Options {
  engine?: EngineName;
  /** Browsers measure what a PIN may cost as on a person's own phone, and not as on a slow one. */
  ownPace?: boolean;
  /** Puts a cable in front of the server that a test can pull. */
  wire?: boolean;
  /** Further environment variables of the server. */
  settings?: Record<string, string>;
  preferences?: FirefoxPreferences;
  /** Chromium has a camera (`camera` of the world). Nobody has allowed it yet. */
  filming?: boolean;
}

/** One server and the browsers of the people who use it. */
export class World {
  server!: KindredServer;
  links!: Links;
  browser!: Browser;
  camera!: FakeCamera;
  private readonly apps: App[] = [];
  private readonly endings: (() => Promise<void>)[] = [];
  private readonly told = new Map<string, number>();
  private linksGiven = 0;
  private coordinator: App | null = null;
  private unconfirmed = false;

  constructor(private readonly options: Options) {}

  async start(): Promise<void> {
    const { engine = "chromium", ownPace = false, wire = false, settings = {}, preferences = {}, filming = false } = this.options;
    if (filming) {
      this.camera = new FakeCamera(join(await this.folder(), "camera.y4m"));
      await this.camera.pointAt(null);
    }
    [this.server, this.browser] = await Promise.all([KindredServer.start({ wire, settings }), launch(engine, { preferences, flags: filming ? this.camera.flags : [], slow: !ownPace })]);
    this.links = await this.server.links();
  }

  /** One of the network's member links that nobody was given yet. */
  memberLink(): string {
    const link = this.links.members[this.linksGiven++];
    if (link === undefined) throw new Error("The demo network has no more member links");
    return link;
  }

  /** Opens a tab for a new person, in a browser of theirs alone. */
  async visitor(name: string, url: string): Promise<App> {
    return this.tab(name, await this.browser.newContext(), url);
  }

  /**
   * A new person who has joined by one of the member links (or `link`) and sees their chats. Whom the start of the server alone
   * makes a moderator, the network's coordinator confirms, if there is one.
   */
  async member(name: string, link: string = this.memberLink()): Promise<App> {
    const app = await this.visitor(name, link);
    await app.join();
    if (link === this.links.coordinator) this.coordinator = app;
    if (link === this.links.moderator) this.unconfirmed = true;
    if (this.coordinator && this.unconfirmed) await this.coordinator.confirmStaff();
    if (this.coordinator) this.unconfirmed = false;
    return app;
  }

  /** Another tab of the same browser. */
  async tab(name: string, context: Context, url: string): Promise<App> {
    const app = new App(await context.open(url), name, context);
    this.apps.push(app);
    return app;
  }

  /** A folder that goes away with the world. */
  async folder(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), "kindred-profile-"));
    this.endings.push(() => rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }));
    return folder;
  }

  /** Calls `work` when the world ends, before what was there earlier ends. */
  atEnd(work: () => Promise<void>): void {
    this.endings.push(work);
  }

  /** Keeps what everyone sees, for whoever looks into a failure. */
  async picture(title: string): Promise<void> {
    mkdirSync(pictures, { recursive: true });
    const file = title.toLowerCase().replace(/[^a-z0-9]+/g, "-").slice(0, 60);
    for (const [index, app] of this.apps.entries()) {
      const shot = Promise.race([app.page.screenshot(join(pictures, `${file}-${index}-${app.name}.png`)), app.page.idle(5000)]);
      // A tab that was closed has nothing to show.
      await shot.catch((error: unknown) => this.tell(`The picture of ${app.name}'s page (${index})`, [String(error).split("\n")[0] ?? ""]));
      this.tell(`${app.name}'s page (${index})`, app.page.problems);
    }
    // The links and their codes come first and say nothing about a fault.
    this.tell("The server", (await this.server.log()).split("\n").filter((line) => !/[█▀▄]|#i\.|^$/.test(line)));
  }

  /** Prints what was not yet told. */
  private tell(who: string, lines: readonly string[]): void {
    const fresh = lines.slice(this.told.get(who) ?? 0);
    this.told.set(who, lines.length);
    if (fresh.length > 0) console.log(`${who} said:\n${fresh.join("\n")}`);
  }

  async end(): Promise<void> {
    for (const work of this.endings.reverse().splice(0)) await work();
    await this.browser?.close();
    await this.server?.remove();
  }
}

/** A world for the tests of one file. A failing test leaves pictures in test-results/browser. */
export function useWorld(options: Options = {}): World {
  const world = new World(options);
  beforeAll(() => world.start());
  beforeEach(({ task, onTestFailed }) => onTestFailed(() => world.picture(task.name)));
  afterAll(() => world.end());
  return world;
}
