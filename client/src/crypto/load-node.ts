/** core-crypto as a native library, for headless clients in Node. */
import * as library from "@wireapp/core-crypto/native";
import type { CoreCryptoLibrary } from "./core-crypto.ts";

export function loadCoreCrypto(): Promise<CoreCryptoLibrary> {
  // The same API, generated twice: only the nominal types of its classes differ.
  return Promise.resolve(library as unknown as CoreCryptoLibrary);
}
