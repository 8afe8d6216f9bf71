/** core-crypto as WebAssembly. A module of its own, so that Node never sees it and the first screen does not wait for it. */
import wasmAddress from "core-crypto.wasm?url";
import * as library from "@wireapp/core-crypto/browser";
import type { CoreCryptoLibrary } from "./core-crypto.ts";

export async function loadCoreCrypto(): Promise<CoreCryptoLibrary> {
  await library.initWasmModule(wasmAddress);
  return library;
}
