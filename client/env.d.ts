/** The address of core-crypto's WebAssembly, a hashed asset of this build (see vite.config.ts). */
declare module "core-crypto.wasm?url" {
  const address: string;
  export default address;
}

/** Only in the service worker: every file of this build that a start without a network needs, as paths from the origin. */
declare const __PRECACHE__: readonly string[];
/** Only in the service worker: changes whenever any of those files does. */
declare const __BUILD__: string;
