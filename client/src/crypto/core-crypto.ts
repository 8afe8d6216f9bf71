/** The part of @wireapp/core-crypto that Kindred uses, the same in the browser (WebAssembly) and in Node (native). */
import type * as browser from "@wireapp/core-crypto/browser";

export type CoreCryptoLibrary = Pick<
  typeof browser,
  | "CipherSuite" | "ClientId" | "ConversationId" | "CoreCrypto" | "CoreCryptoError" | "Credential" | "Database"
  | "DatabaseKey" | "DeviceId" | "ExternalSender" | "GroupInfo" | "KeyPackage" | "MlsTransportError" | "SignatureScheme"
  | "Uuid" | "Welcome"
>;
export type CoreCrypto = browser.CoreCrypto;
export type CredentialRef = browser.CredentialRef;
export type ClientIdHandle = browser.ClientId;
export type ConversationId = browser.ConversationId;
export type Decrypted = browser.DecryptedMessage;
export type CommitBundle = browser.CommitBundle;
export type Context = Parameters<Parameters<CoreCrypto["transactionFfi"]>[0]["execute"]>[0];

/** Where core-crypto keeps its keys: a database of this name under a 32-byte key, or nowhere. */
export type Keystore = { name: string; key: Uint8Array } | "memory";

/** MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519. */
export const SUITE = 3;
