/** People of a test: each has an engine of their own. */
import { mkdtempSync, rmSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newUuid } from "../src/protocol/ids.ts";
import { type Row, StorageFull, type Table } from "../src/store/backend.ts";
import { MemoryBackend } from "../src/store/memory.ts";
import type { Engine, ShownMessage } from "../src/contract/index.ts";
import { createEngine } from "../src/engine/engine.ts";
import type { WakingPlatform } from "../src/engine/common/platform.ts";
import { type Fields, ORIGIN, type ServerDevice } from "./fake-model.ts";
import { FakeServer } from "./fake-server.ts";
import { HeadlessPlatform, ManualClock } from "./headless-platform.ts";

const PIN = "2580";
const SQLITE_FILES = ["", "-wal", "-shm"];

export interface Disk {
  keys: (Uint8Array | null)[];
  cursors: Row[];
}

export class Actor {
  engine: Engine;
  platform: HeadlessPlatform;
  readonly clock = new ManualClock();
  /** From the next restart on. */
  waking: WakingPlatform | null = null;

  constructor(
    readonly name: string,
    private readonly world: World,
    private readonly backend = new MemoryBackend(),
    private keystoreFile = join(world.folder, newUuid()),
  ) {
    [this.platform, this.engine] = this.#device();
  }

  #device(): [HeadlessPlatform, Engine] {
    const { server, faults } = this.world;
    const platform = new HeadlessPlatform({
      origin: ORIGIN, fetch: server.fetch, connect: () => server.connect(), backend: this.backend, keystoreFile: this.keystoreFile, clock: this.clock,
      unexpected: (error) => faults.push(error), ...(this.waking ? { waking: this.waking } : {}),
    });
    return [platform, createEngine(platform)];
  }

  get account(): string {
    return this.engine.me().account;
  }

  async join(role = "member"): Promise<this> {
    await this.engine.start();
    await this.engine.join(await this.world.server.invite(role), { name: this.name, pin: PIN, conductVersion: 1 });
    await until(() => this.engine.connection() === "online");
    return this;
  }

  /** The app is closed and opened again. */
  async restart(between: () => Promise<void> = () => Promise.resolve()): Promise<void> {
    await this.engine.lock();
    await between();
    [this.platform, this.engine] = this.#device();
    await this.engine.start();
    await this.engine.unlock(PIN);
  }

  /** As a disk that is full for a moment. */
  failNextWrites(times: number): void {
    let left = times;
    const write = MemoryBackend.prototype.write.bind(this.backend);
    this.backend.write = (operations) => {
      left -= 1;
      return left >= 0 ? Promise.reject(new StorageFull()) : write(operations);
    };
  }

  /** As a disk that is slow for a moment; gives what lets it go on. */
  holdWrites(): () => void {
    let goOn: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    this.backend.write = async (operations) => {
      await held;
      return MemoryBackend.prototype.write.call(this.backend, operations);
    };
    return goOn;
  }

  /** How many records of each kind are on the disk. */
  async records(...tables: Table[]): Promise<number[]> {
    return Promise.all(tables.map(async (table) => (await this.backend.all(table)).length));
  }

  /** Everything that is on the device's disk at this moment; the app has to be closed. */
  async disk(): Promise<Disk> {
    const files = SQLITE_FILES.map((suffix) => readFile(this.keystoreFile + suffix).catch(() => null));
    return { keys: await Promise.all(files), cursors: await this.backend.all("meta") };
  }

  /** Puts back an older state of core-crypto's keys, of what was processed, or of both, as a crash between writes leaves them. */
  async rewind({ keys = [], cursors = [] }: Partial<Disk>): Promise<void> {
    // Another file, since the process still has the old one open.
    if (keys.length > 0) this.keystoreFile = join(this.world.folder, newUuid());
    await Promise.all(keys.map((data, index) => data && writeFile(this.keystoreFile + (SQLITE_FILES[index] ?? ""), data)));
    await this.backend.write(cursors.map(({ key, data }) => ({ put: "meta", key, data })));
  }

  offline(): void {
    this.platform.network.switch(false);
  }

  online(): void {
    this.platform.network.switch(true);
  }

  async shown(room: string): Promise<ShownMessage[]> {
    return (await this.engine.messages(room, { limit: 1000 })).messages;
  }

  /** What a person reads: texts, and system notes in brackets. */
  async reads(room: string, notes = false): Promise<string[]> {
    return (await this.shown(room)).flatMap(({ body, name, mine }) => {
      if (body.type === "system") return notes ? [`[${body.note.type}]`] : [];
      return [`${mine ? "me" : (name ?? "?")}: ${body.type === "text" ? body.text : `(${body.type})`}`];
    });
  }

  async readsSoon(room: string, expected: string[]): Promise<void> {
    await until(async () => JSON.stringify(await this.reads(room)) === JSON.stringify(expected), async () =>
      `${this.name} reads ${JSON.stringify(await this.reads(room))}, not ${JSON.stringify(expected)}`);
  }

  async find(room: string, text: string): Promise<ShownMessage> {
    const found = (await this.shown(room)).find(({ body }) => body.type === "text" && body.text === text);
    if (!found) throw new Error(`${this.name} does not have "${text}"`);
    return found;
  }
}

/** A server, a folder for keys, and everything that went wrong without being asked for. */
export class World {
  readonly folder = mkdtempSync(join(tmpdir(), "kindred-engine-"));
  readonly faults: unknown[] = [];
  readonly actors: Actor[] = [];

  private constructor(readonly server: FakeServer) {}

  static async start(): Promise<World> {
    return new World(await FakeServer.start());
  }

  async person(name: string, role = "member"): Promise<Actor> {
    const actor = new Actor(name, this);
    this.actors.push(actor);
    return actor.join(role);
  }

  async end(): Promise<void> {
    for (const { engine } of this.actors) await engine.lock();
    rmSync(this.folder, { recursive: true });
    if (this.faults.length > 0) throw this.faults[0];
  }
}

export async function until(
  condition: () => boolean | Promise<boolean>, say: () => string | Promise<string> = () => condition.toString(), withinMs = 60_000,
): Promise<void> {
  const end = Date.now() + withinMs;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`not in time: ${await say()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Ann and the others in one open room. */
export async function together<const N extends readonly string[]>(world: World, ...names: N): Promise<{ room: string; people: { [K in keyof N]: Actor } }> {
  const people = await Promise.all(names.map((name, index) => world.person(name, index === 0 ? "moderator" : "member")));
  const [first, ...others] = people;
  if (!first) throw new Error("nobody");
  const room = await first.engine.createOpenRoom("Welcome");
  for (const other of others) {
    await other.engine.joinOpenRoom(room);
  }
  for (const person of people) {
    await until(() => person.engine.members(room).length === names.length, () =>
      `${person.name} sees ${JSON.stringify(person.engine.members(room).map(({ name }) => name))}`);
  }
  return { room, people: people as { [K in keyof N]: Actor } };
}

/** Once: what `fault` says for the first frame of this kind from this person. */
export function once(world: World, kind: string, who: Actor, fault: string): () => number {
  let times = 0;
  world.server.fault = (frame: Fields, device: ServerDevice) => {
    if (frame["t"] !== kind || device.account !== who.account || times > 0) return null;
    times += 1;
    return fault;
  };
  return () => times;
}

/** "0", "1", … */
export const numbers = (count: number, from = 0) => Array.from({ length: count }, (_, i) => String(i + from));
