/** The address of core-crypto's WebAssembly, a hashed asset of this build (see vite.config.ts). */
declare module "core-crypto.wasm?url" {
  const address: string;
  export default address;
}

/** Only in the service worker: the files of this build by when they are fetched (build/stages.ts), as paths from the origin. */
declare const __FILES__: Record<"first" | "soon" | "needed", readonly string[]>;
/** Only in the service worker: changes whenever any of those files does. */
declare const __BUILD__: string;
