import { execFile } from "node:child_process";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll } from "vitest";
import { headless, type Headless } from "../../client/test/headless.ts";
import { until } from "../support/processes.ts";
import { KindredServer, type Links } from "../support/server.ts";
import { Device } from "./independent/device.ts";
import type { Room } from "./independent/room.ts";

const minute = 60_000;
const root = resolve(import.meta.dirname, "../..");

/** A real server, with clients of core-crypto and of ts-mls. */
export class Scene {
  server!: KindredServer;
  links!: Links;
  /** What core-crypto's clients could not cope with. */
  readonly faults: Error[] = [];
  private readonly engines: Headless[] = [];
  private readonly devices: Device[] = [];
  private link = "";

  async start(): Promise<void> {
    this.server = await KindredServer.start({ settings: { RATE_SCALE: "100" } });
    this.links = await this.server.links();
    [this.link = ""] = await this.manage("make_invite", "--uses", "100");
  }

  async end(): Promise<void> {
    for (const engine of this.engines) await engine.end();
    for (const device of this.devices) await device.disconnect();
    await this.server?.remove();
  }

  /** An invite for any number of members. */
  memberLink(): string {
    return this.link;
  }

  /** The first coordinator's invite to a network of its own on the same server. */
  async otherNetwork(): Promise<string> {
    const [, link = ""] = await this.manage("make_network", "Elsewhere");
    return link;
  }

  /** What a command of manage.py prints. */
  private async manage(...words: readonly string[]): Promise<string[]> {
    const env = { ...process.env, DATA_DIR: this.server.dataDir, ORIGIN: this.server.address };
    const { stdout } = await promisify(execFile)(join(root, ".venv/bin/python"), ["manage.py", ...words], { cwd: root, env });
    return stdout.trim().split("\n");
  }

  /** Someone with Kindred's own client. */
  async engine(name: string, link = this.memberLink()): Promise<Headless> {
    const person = await headless({ origin: this.server.address, unexpected: (error) => this.faults.push(new Error(`${name}'s engine met a fault`, { cause: error })) });
    this.engines.push(person);
    const { conduct } = await person.engine.readInvite(link);
    await person.engine.join(link, { name, pin: "2580", conductVersion: conduct?.version ?? 1 });
    await soon(`${name} is online`, () => person.engine.connection() === "online");
    return person;
  }

  /** Someone with the independent client. */
  async device(name: string, link = this.memberLink(), hex?: string): Promise<Device> {
    const device = await Device.join(link, name, hex);
    this.devices.push(device);
    return device;
  }
}

export function useScene(): Scene {
  const scene = new Scene();
  beforeAll(() => scene.start());
  afterAll(() => scene.end());
  return scene;
}

export function soon(what: string, condition: () => boolean | Promise<boolean>): Promise<boolean> {
  return until(async () => condition(), minute, () => `Not in time: ${what}`);
}

/** What an engine shows of a room, as "name: text"; what it could not check as "name: (unchecked)". */
export async function shown({ engine }: Headless, room: string): Promise<string[]> {
  if (engine.room(room) === null) return [];
  const { messages } = await engine.messages(room, { limit: 1000 });
  return messages.flatMap(({ body, name }) => {
    if (body.type === "system") return [];
    return [`${name ?? "?"}: ${body.type === "text" ? body.text : `(${body.type})`}`];
  });
}

/** Waits until an engine shows exactly these lines at the end of a room. */
export async function shows(person: Headless, room: string, lines: readonly string[]): Promise<void> {
  let last: string[] = [];
  await until(
    async () => (last = (await shown(person, room)).slice(-lines.length)).join("\n") === lines.join("\n"),
    minute,
    () => `Shown is ${JSON.stringify(last)}, not ${JSON.stringify(lines)}`,
  );
}

/** Waits until the independent client has exactly these texts, all of them checked. */
export async function reads(room: Room, texts: readonly string[]): Promise<void> {
  await until(async () => room.texts.join("\n") === texts.join("\n"), minute, () => `Read is ${JSON.stringify(room.texts)}, not ${JSON.stringify(texts)}; faults: ${room.faults.join()}`);
}
