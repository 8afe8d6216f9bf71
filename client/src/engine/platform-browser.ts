/** The browser as a platform. */
import { deleteDB, openDB } from "idb";
import { IndexedDbBackend } from "../store/indexed-db.ts";
import { sleep } from "../transport/backoff.ts";
import type { Network, SocketLike } from "../transport/network.ts";
import type { Platform, ProfileLock } from "./common/index.ts";
import { browserWaking } from "./notifications/index.ts";

const STORE = "kindred";
const KEYSTORE = "kindred-keys-";
/** Where core-crypto keeps the contents of all its keystores; databases of their names are empty. */
const CORE_CRYPTO = "core-crypto";
const LOCK = "kindred-profile";
/** How long the other tab has to finish what it is doing; one that sleeps loses the lock without being asked. */
const HAND_OVER_MS = 3_000;
const RELOAD_MS = 1_000;
const RELOAD_TRIES = 20;
/** What the service worker says to pages when a push has come (client/src/sw/push.ts). */
const WOKEN = "woken";
/** Where the service worker keeps the addresses that hints warn about (client/src/sw/links.ts). */
const LINKS = "/hints/links";
const LINKS_CACHE = "kindred-links";

export function browserPlatform(): Platform {
  const lock = new WebLock();
  return {
    origin: location.origin,
    network: browserNetwork,
    fetch: (input, init) => fetch(input, init),
    lock,
    waking: browserWaking,
    languages: () => navigator.languages,
    hostList: keptHostList,
    // Pages that did not come by HTTPS (or from this machine) have neither keys nor locks.
    capable: () => isSecureContext && "locks" in navigator && "indexedDB" in globalThis && "WebAssembly" in globalThis,
    loadCoreCrypto: async () => (await import("../crypto/load-browser.ts")).loadCoreCrypto(),
    openBackend: () => IndexedDbBackend.open(STORE),
    keystore: (name, key) => ({ name: KEYSTORE + name, key }),
    destroyKeystores: emptyCoreCrypto,
    startOver() {
      location.reload();
      return new Promise(() => undefined);
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

/** Empties its database: deleting it would wait for every tab that ever opened it, and everything after that as well. */
async function emptyCoreCrypto(): Promise<void> {
  let isNew = false;
  const opened = await openDB(CORE_CRYPTO, undefined, {
    upgrade(_database, _old, _new, transaction) {
      isNew = true;
      // That it comes to nothing is the point.
      transaction.done.catch(() => undefined);
      transaction.abort();
    },
  }).catch(() => null);
  // There was none, and an empty one would be in core-crypto's way.
  if (isNew || !opened) return;
  const stores = [...opened.objectStoreNames];
  if (stores.length > 0) {
    const transaction = opened.transaction(stores, "readwrite");
    await Promise.all([...stores.map((store) => transaction.objectStore(store).clear()), transaction.done]);
  }
  opened.close();
  const named = await indexedDB.databases();
  await Promise.all(named.flatMap(({ name }) => (name?.startsWith(KEYSTORE) ? [deleteDB(name)] : [])));
}

/** As the service worker keeps it, for everybody alike. Without one there is none: asking the server would tell it something. */
async function keptHostList(): Promise<Uint8Array | null> {
  const kept = await caches.match(LINKS, { cacheName: LINKS_CACHE });
  return kept ? new Uint8Array(await kept.arrayBuffer()) : null;
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
    const woken = ({ data }: MessageEvent) => {
      if (data === WOKEN) listener();
    };
    // Some private windows have no service workers.
    const workers = navigator.serviceWorker as ServiceWorkerContainer | undefined;
    workers?.addEventListener("message", woken);
    return () => {
      workers?.removeEventListener("message", woken);
      removeEventListener("online", listener);
      removeEventListener("offline", listener);
      document.removeEventListener("visibilitychange", shown);
    };
  },
};

class WebLock implements ProfileLock {
  readonly #channel = new BroadcastChannel(LOCK);
  #release: (() => void) | null = null;

  async acquire(onLost: () => Promise<void>): Promise<boolean> {
    // A page that was just reloaded may not have let go of it yet. The browser answers each time whether it is free: on a
    // phone that has much to do, a time that has run out would not tell.
    for (let left = RELOAD_TRIES; left > 0; left--) {
      if (await this.#request({ ifAvailable: true }, onLost)) return true;
      await sleep(RELOAD_MS / RELOAD_TRIES);
    }
    return false;
  }

  async takeOver(onLost: () => Promise<void>): Promise<void> {
    this.#channel.postMessage("hand over");
    const patience = AbortSignal.timeout(HAND_OVER_MS);
    const handedOver = await this.#request({ signal: patience }, onLost).catch(() => false);
    if (!handedOver) await this.#request({ steal: true }, onLost);
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
        void onLost();
      });
    });
  }
}
