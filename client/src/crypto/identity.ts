/** The account's identity key and what it certifies (docs/protocol.md, section 2). */
import { base64url, type Bytes, concat, fromHex, sha256, utf8 } from "../protocol/bytes.ts";
import { type DeviceName, uuidBytes } from "../protocol/ids.ts";
import { ed25519 } from "./ed25519.ts";

export interface IdentityKey {
  publicKey: Bytes;
  /** The 32-byte seed. Kept only in the encrypted store. */
  seed: Bytes;
}

const CONTEXT = utf8("Kindred device certificate v1");
const REGISTRATION = utf8("Kindred device registration v1");

function certified(name: DeviceName, signatureKey: Bytes): Bytes {
  return concat(CONTEXT, Uint8Array.of(0), uuidBytes(name.account), fromHex(name.device), signatureKey);
}

export async function makeIdentityKey(): Promise<IdentityKey> {
  return (await ed25519()).generate();
}

/** Signs that the device with this MLS signature key belongs to the account. */
export async function certify(identity: IdentityKey, name: DeviceName, signatureKey: Bytes): Promise<Bytes> {
  return (await ed25519()).sign(identity.seed, certified(name, signatureKey));
}

/** Signs that the account wants this device, which will show a token of this hash. `time` is the server's, in ms. */
export async function proveRegistration(identity: IdentityKey, name: DeviceName, tokenHash: Bytes, time: number): Promise<Bytes> {
  const at = new Uint8Array(8);
  new DataView(at.buffer).setBigUint64(0, BigInt(time));
  const message = concat(REGISTRATION, Uint8Array.of(0), uuidBytes(name.account), fromHex(name.device), tokenHash, at);
  return (await ed25519()).sign(identity.seed, message);
}

export async function isCertified(
  identityKey: Bytes, name: DeviceName, signatureKey: Bytes, certificate: Bytes,
): Promise<boolean> {
  if (identityKey.length !== 32 || signatureKey.length !== 32 || certificate.length !== 64) return false;
  const message = certified(name, signatureKey);
  // Some engines throw for a key that is no point on the curve; it certifies nothing.
  return (await ed25519()).verify(identityKey, certificate, message).catch(() => false);
}

/** The RFC 7638 thumbprint of an Ed25519 public key, by which core-crypto names a device's MLS signature key. */
export async function thumbprint(publicKey: Bytes): Promise<string> {
  return base64url(await sha256(utf8(`{"crv":"Ed25519","kty":"OKP","x":"${base64url(publicKey)}"}`)));
}

