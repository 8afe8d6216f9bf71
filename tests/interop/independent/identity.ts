import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify, type KeyObject } from "node:crypto";
import { bytes, concat, fromBase64url, fromHex, uuidBytes, type Bytes } from "./encodings.ts";

/** An Ed25519 key pair; `publicKey` is its 32 bytes. */
export interface SigningKeys {
  publicKey: Bytes;
  privateKey: KeyObject;
}

export function newSigningKeys(): SigningKeys {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  return { publicKey: fromBase64url(publicKey.export({ format: "jwk" }).x ?? ""), privateKey };
}

/** The private key as MLS takes it: the 32 bytes of RFC 8032. */
export function seed({ privateKey }: SigningKeys): Bytes {
  return fromBase64url(privateKey.export({ format: "jwk" }).d ?? "");
}

function certified(account: string, device: string, signatureKey: Uint8Array): Bytes {
  const label = Buffer.from("Kindred device certificate v1\0");
  return concat(label, uuidBytes(account), fromHex(device), signatureKey);
}

/** The account's word that this MLS signature key is its device's (section 2). */
export function certify(identity: SigningKeys, account: string, device: string, signatureKey: Uint8Array): Bytes {
  return bytes(sign(null, certified(account, device, signatureKey), identity.privateKey));
}

export function isCertified(identityKey: Uint8Array, account: string, device: string, signatureKey: Uint8Array, certificate: Uint8Array): boolean {
  const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: Buffer.from(identityKey).toString("base64url") }, format: "jwk" });
  return verify(null, certified(account, device, signatureKey), key, certificate);
}

export function sha256(...parts: readonly Uint8Array[]): Bytes {
  return bytes(createHash("sha256").update(Buffer.concat(parts)).digest());
}

/** The key whose private half is this seed (RFC 8032). */
export function keysOf(secret: Uint8Array): SigningKeys {
  const privateKey = createPrivateKey({ key: Buffer.concat([fromHex("302e020100300506032b657004220420"), secret]), format: "der", type: "pkcs8" });
  return { privateKey, publicKey: fromBase64url(createPublicKey(privateKey).export({ format: "jwk" }).x ?? "") };
}

/** The invite's word that this account came into the room by it (section 3.4). */
export function proveInvited(invite: SigningKeys, room: string, account: string, identityKey: Uint8Array): Bytes {
  return bytes(sign(null, concat(Buffer.from("Kindred room invite proof v1\0"), uuidBytes(room), uuidBytes(account), identityKey), invite.privateKey));
}
