/** A platform for Node: native core-crypto, records in memory or wherever the caller says. */
import { loadCoreCrypto } from "../src/crypto/load-node.ts";
import type { Keystore } from "../src/crypto/core-crypto.ts";
import type { Backend } from "../src/store/backend.ts";
import { MemoryBackend } from "../src/store/memory.ts";
import type { Fetch } from "../src/transport/http.ts";
import type { Network, SocketLike } from "../src/transport/network.ts";
import type { Clock } from "../src/engine/common/clock.ts";
import type { Platform, ProfileLock } from "../src/engine/common/platform.ts";
import type { WakingPlatform } from "../src/engine/common/platform.ts";

export interface HeadlessOptions {
  origin: string;
  fetch: Fetch;
  connect: (address: string) => SocketLike;
  backend?: Backend;
  /** A file for core-crypto's keys; without one they live as long as the engine is unlocked. */
  keystoreFile?: string;
  unexpected?: (error: unknown) => void;
  clock?: Clock;
  waking?: WakingPlatform;
}

/** Stands still until a test lets time pass. */
export class ManualClock implements Clock {
  #now = Date.now();
  readonly #work = new Set<() => Promise<void>>();

  now(): number {
    return this.#now;
  }

  every(_ms: number, work: () => Promise<void>): () => void {
    this.#work.add(work);
    return () => {
      this.#work.delete(work);
    };
  }

  /** Lets so much time pass, and does once what was due in it. Resolves when that is done. */
  async pass(ms: number): Promise<void> {
    this.#now += ms;
    await Promise.all([...this.#work].map((work) => work()));
  }
}

/** Stands for the device's network: can be switched off. */
export class SwitchableNetwork implements Network {
  readonly #listeners = new Set<() => void>();
  #on = true;
  #sockets = new Set<SocketLike>();

  constructor(private readonly open: (address: string) => SocketLike) {}

  connect(address: string): SocketLike {
    if (!this.#on) return deadSocket();
    const socket = this.open(address);
    this.#sockets.add(socket);
    return socket;
  }

  online(): boolean {
    return this.#on;
  }

  watch(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  switch(on: boolean): void {
    this.#on = on;
    if (!on) {
      for (const socket of this.#sockets) {
        socket.onclose?.();
        socket.close();
      }
      this.#sockets.clear();
    }
    for (const listener of [...this.#listeners]) listener();
  }
}

export class HeadlessPlatform implements Platform {
  readonly origin: string;
  readonly network: SwitchableNetwork;
  readonly fetch: Fetch;
  readonly lock: ProfileLock = new NoLock();
  /** As cheap as possible: nobody attacks a test's PIN. */
  readonly pinCost = { memory: 8, passes: 1, lanes: 1 };
  readonly backupPace = { settleMs: 100, stepMs: 400 };
  readonly languages = () => ["en-GB"];
  readonly unexpected: (error: unknown) => void;
  readonly clock?: Clock;
  readonly waking?: WakingPlatform;
  readonly #backend: Backend;
  readonly #keystoreFile: string | undefined;
  readonly #leaving: (() => void)[] = [];

  constructor({ origin, fetch, connect, backend = new MemoryBackend(), keystoreFile, unexpected, clock, waking }: HeadlessOptions) {
    if (clock) this.clock = clock;
    if (waking) this.waking = waking;
    this.origin = origin;
    this.network = new SwitchableNetwork(connect);
    this.fetch = (input, init) => (this.network.online() ? fetch(input, init) : Promise.reject(new TypeError("offline")));
    this.#backend = backend;
    this.#keystoreFile = keystoreFile;
    this.unexpected = unexpected ?? ((error) => {
      throw error;
    });
  }

  capable(): boolean {
    return true;
  }

  loadCoreCrypto = loadCoreCrypto;

  openBackend(): Promise<Backend> {
    return Promise.resolve(this.#backend);
  }

  keystore(_name: string, key: Uint8Array): Keystore {
    return this.#keystoreFile === undefined ? "memory" : { name: this.#keystoreFile, key };
  }

  async destroyKeystores(): Promise<void> {
    if (this.#keystoreFile === undefined) return;
    const { rm } = await import("node:fs/promises");
    await Promise.all(["", "-wal", "-shm"].map((suffix) => rm(`${this.#keystoreFile ?? ""}${suffix}`, { force: true })));
  }

  startOver(): Promise<never> {
    return Promise.reject(new Error("no other tab can have taken a headless profile"));
  }

  leaving(listener: () => void): void {
    this.#leaving.push(listener);
  }

  /** As when the person looks at something else: the app may never be seen again. */
  putAway(): void {
    for (const listener of this.#leaving) listener();
  }

  keepStorage(): void {
    // Nobody throws it away.
  }
}

class NoLock implements ProfileLock {
  acquire(): Promise<boolean> {
    return Promise.resolve(true);
  }

  takeOver(): Promise<void> {
    return Promise.resolve();
  }

  release(): void {
    // Nobody waits for it.
  }
}

function deadSocket(): SocketLike {
  const socket: SocketLike = {
    binaryType: "", onopen: null, onmessage: null, onclose: null, onerror: null, send: () => undefined, close: () => undefined,
  };
  setTimeout(() => socket.onclose?.(), 0);
  return socket;
}
