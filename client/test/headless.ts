/**
 * A Kindred client without a browser: the same engine with native core-crypto, for tests and load against a real server.
 *
 *     const ann = await headless({ origin: "http://127.0.0.1:8000" });
 *     await ann.engine.join(link, { name: "Ann", pin: "2580", conductVersion: 1 });
 */
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import WebSocket from "ws";
import { newUuid } from "../src/protocol/ids.ts";
import { MemoryBackend } from "../src/store/memory.ts";
import type { SocketLike } from "../src/transport/network.ts";
import type { Engine } from "../src/contract/index.ts";
import { createEngine } from "../src/engine/engine.ts";
import type { WakingPlatform } from "../src/engine/common/platform.ts";
import { HeadlessPlatform } from "./headless-platform.ts";
import { type Tamper, tamperedFetch, tamperedSocket } from "./tamper.ts";

/** A WebSocket of Node's. */
export function openSocket(address: string): SocketLike {
  return new WebSocket(address, { perMessageDeflate: false }) as unknown as SocketLike;
}

export interface HeadlessOptions {
  origin: string;
  /** Faults of the engine itself. By default they are thrown where nobody catches them. */
  unexpected?: (error: unknown) => void;
  /** What lies between the device and the server. */
  tamper?: Tamper;
  waking?: WakingPlatform;
}

export class Headless {
  engine: Engine;
  #platform: HeadlessPlatform;
  /** What lies on the device's disk. */
  readonly backend = new MemoryBackend();
  readonly keystoreFile = join(tmpdir(), `kindred-keys-${newUuid()}`);

  constructor(private readonly options: HeadlessOptions) {
    [this.#platform, this.engine] = this.#device();
  }

  /** Closes the app and opens it again, with everything it had kept. */
  async restart(pin: string): Promise<void> {
    await this.engine.lock();
    [this.#platform, this.engine] = this.#device();
    await this.engine.start();
    await this.engine.unlock(pin);
  }

  /** The device's own network. */
  network(on: boolean): void {
    this.#platform.network.switch(on);
  }

  async end(): Promise<void> {
    await this.engine.lock();
    await Promise.all(["", "-wal", "-shm"].map((suffix) => rm(this.keystoreFile + suffix, { force: true })));
  }

  #device(): [HeadlessPlatform, Engine] {
    const { origin, unexpected, tamper, waking } = this.options;
    const platform = new HeadlessPlatform({
      origin, backend: this.backend, keystoreFile: this.keystoreFile,
      fetch: tamper ? tamperedFetch((input, init) => fetch(input, init), tamper) : (input, init) => fetch(input, init),
      connect: (address) => (tamper ? tamperedSocket(openSocket(address), tamper) : openSocket(address)),
      ...(unexpected ? { unexpected } : {}),
      ...(waking ? { waking } : {}),
    });
    return [platform, createEngine(platform)];
  }
}

/** A device that has nothing yet. */
export async function headless(options: HeadlessOptions): Promise<Headless> {
  const device = new Headless(options);
  await device.engine.start();
  return device;
}
