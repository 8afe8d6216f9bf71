/** Ed25519 from WebCrypto, or from a library where the browser is too old to have it. */
import { type Bytes, concat, fromBase64url, fromHex, ownBytes, randomBytes } from "../protocol/bytes.ts";

export interface Ed25519 {
  generate(): Promise<{ publicKey: Bytes; seed: Bytes }>;
  /** Of the key with this seed. */
  publicKey(seed: Bytes): Promise<Bytes>;
  sign(seed: Bytes, data: Bytes): Promise<Bytes>;
  verify(publicKey: Bytes, signature: Bytes, data: Bytes): Promise<boolean>;
}

/** PKCS #8 around a raw Ed25519 seed (RFC 8410 section 7). */
const PKCS8_HEAD = fromHex("302e020100300506032b657004220420");

export const webCryptoEd25519: Ed25519 = {
  async generate() {
    const pair = (await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"])) as CryptoKeyPair;
    const { d } = await crypto.subtle.exportKey("jwk", pair.privateKey);
    return {
      publicKey: new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey)),
      seed: fromBase64url(d ?? ""),
    };
  },
  async publicKey(seed) {
    const key = await crypto.subtle.importKey("pkcs8", concat(PKCS8_HEAD, seed), "Ed25519", true, ["sign"]);
    return fromBase64url((await crypto.subtle.exportKey("jwk", key)).x ?? "");
  },
  async sign(seed, data) {
    const key = await crypto.subtle.importKey("pkcs8", concat(PKCS8_HEAD, seed), "Ed25519", false, ["sign"]);
    return new Uint8Array(await crypto.subtle.sign("Ed25519", key, data));
  },
  async verify(publicKey, signature, data) {
    const key = await crypto.subtle.importKey("raw", publicKey, "Ed25519", false, ["verify"]);
    return crypto.subtle.verify("Ed25519", key, signature, data);
  },
};

/** @noble/ed25519: loaded only where it is needed. */
export async function libraryEd25519(): Promise<Ed25519> {
  const noble = await import("@noble/ed25519");
  return {
    async generate() {
      const seed = randomBytes(32);
      return { seed, publicKey: ownBytes(await noble.getPublicKeyAsync(seed)) };
    },
    async publicKey(seed) {
      return ownBytes(await noble.getPublicKeyAsync(seed));
    },
    async sign(seed, data) {
      return ownBytes(await noble.signAsync(data, seed));
    },
    async verify(publicKey, signature, data) {
      return noble.verifyAsync(signature, data, publicKey);
    },
  };
}

let chosen: Promise<Ed25519> | null = null;

/** Chromium has it since 137, Firefox since 129, WebKit since 17. */
export function ed25519(): Promise<Ed25519> {
  chosen ??= webCryptoEd25519.generate().then(() => webCryptoEd25519, () => libraryEd25519());
  return chosen;
}
