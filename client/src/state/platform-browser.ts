/** The browser as a platform. */
import { deleteDB } from "idb";
import { IndexedDbBackend } from "../store/indexed-db.ts";
import type { Network, SocketLike } from "../transport/network.ts";
import type { Platform, ProfileLock } from "./platform.ts";

const STORE = "kindred";
const KEYSTORE = "kindred-keys";
/** core-crypto makes this one beside its own. */
const KEYSTORE_COMPANION = "core-crypto";
const LOCK = "kindred-profile";
/** How long the other tab has to finish what it is doing; one that sleeps loses the lock without being asked. */
const HAND_OVER_MS = 3_000;

export function browserPlatform(): Platform {
  const lock = new WebLock();
  return {
    origin: location.origin,
    network: browserNetwork,
    fetch: (input, init) => fetch(input, init),
    lock,
    // Pages that did not come by HTTPS (or from this machine) have neither keys nor locks.
    capable: () => isSecureContext && "locks" in navigator && "indexedDB" in globalThis && "WebAssembly" in globalThis,
    loadCoreCrypto: async () => (await import("../crypto/load-browser.ts")).loadCoreCrypto(),
    openBackend: () => IndexedDbBackend.open(STORE),
    keystore: (key) => ({ name: KEYSTORE, key }),
    async destroyKeystore() {
      // A tab that still has it open delays this; without the vault nothing in it can be read anyway.
      await Promise.race([
        Promise.all([KEYSTORE, KEYSTORE_COMPANION].map((name) => deleteDB(name))),
        new Promise((resolve) => setTimeout(resolve, 1_000)),
      ]);
    },
    keepStorage() {
      // Firefox asks the person, who may answer whenever they like; some WebKits have no such thing.
      void (navigator.storage as StorageManager | undefined)?.persist().catch(() => false);
    },
    leaving(listener) {
      document.addEventListener("visibilitychange", () => {
        if (document.visibilityState === "hidden") listener();
      });
    },
    unexpected: () => undefined,
  };
}

const browserNetwork: Network = {
  connect: (address) => new WebSocket(address) as SocketLike,
  online: () => navigator.onLine,
  watch(listener) {
    const shown = () => {
      if (document.visibilityState === "visible") listener();
    };
    addEventListener("online", listener);
    addEventListener("offline", listener);
    document.addEventListener("visibilitychange", shown);
    return () => {
      removeEventListener("online", listener);
      removeEventListener("offline", listener);
      document.removeEventListener("visibilitychange", shown);
    };
  },
};

class WebLock implements ProfileLock {
  readonly #channel = new BroadcastChannel(LOCK);
  #release: (() => void) | null = null;
  #lostBefore = false;

  acquire(onLost: () => Promise<void>): Promise<boolean> {
    return this.#request({ ifAvailable: true }, onLost);
  }

  async takeOver(onLost: () => Promise<void>): Promise<void> {
    this.#channel.postMessage("hand over");
    const patience = AbortSignal.timeout(HAND_OVER_MS);
    const handedOver = await this.#request({ signal: patience }, onLost).catch(() => false);
    if (!handedOver) await this.#request({ steal: true }, onLost);
    if (this.#lostBefore) await this.#readAnew();
  }

  /**
   * core-crypto keeps what it once read of its database in memory, and would encrypt again under keys that the other tab
   * has used since. Only a new page reads it again; it finds the lock free.
   */
  #readAnew(): Promise<never> {
    this.release();
    location.reload();
    return new Promise(() => undefined);
  }

  release(): void {
    this.#channel.onmessage = null;
    this.#release?.();
    this.#release = null;
  }

  /** True once this tab has the lock, which it then keeps until `release` or until it is taken. */
  #request(options: LockOptions, onLost: () => Promise<void>): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const held = navigator.locks.request(LOCK, options, (lock) => {
        resolve(lock !== null);
        if (lock === null) return undefined;
        return new Promise<void>((done) => {
          this.#release = done;
          this.#channel.onmessage = () => {
            this.#lostBefore = true;
            void onLost().finally(() => {
              this.release();
            });
          };
        });
      });
      held.catch((error: unknown) => {
        if (this.#release === null) {
          reject(error as Error);
          return;
        }
        // Taken without asking.
        this.#release = null;
        this.#lostBefore = true;
        void onLost();
      });
    });
  }
}
