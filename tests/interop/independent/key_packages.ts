import { generateKeyPackageWithKey, type Capabilities, type KeyPackage } from "ts-mls";
import { decodeKeyPackage, encodeKeyPackage, makeKeyPackageRef } from "ts-mls/keyPackage.js";
import { bytes, toHex, type Bytes, type Client } from "./encodings.ts";
import { seed, type SigningKeys } from "./identity.ts";
import { suite } from "./extensions.ts";
import { credential, open, type Keys } from "./mls.ts";

const capabilities: Capabilities = { versions: ["mls10"], ciphersuites: [suite.name], extensions: [], proposals: [], credentials: ["basic", "x509"] };
const day = 86_400;

/** A new key package, good for 30 days, not uploaded yet. */
export async function newKeyPackage(client: Client, signing: SigningKeys): Promise<Keys> {
  const now = Math.floor(Date.now() / 1000);
  const lifetime = { notBefore: BigInt(now - 60), notAfter: BigInt(now + 30 * day) };
  const keys = { signKey: seed(signing), publicKey: signing.publicKey };
  return generateKeyPackageWithKey(credential(client), capabilities, lifetime, [], keys, suite);
}

/** A bare KeyPackage, without the header of an MLSMessage. */
export function writeKeyPackage(keyPackage: KeyPackage): Bytes {
  return bytes(encodeKeyPackage(keyPackage));
}

export function readKeyPackage(raw: Uint8Array): KeyPackage {
  const [keyPackage, length] = decodeKeyPackage(raw, 0) ?? [];
  if (keyPackage === undefined || length !== raw.length) throw new Error("Not a key package");
  return keyPackage;
}

/** The key packages that others may still use to add this device; each opens one Welcome, the last resort too. */
export class KeyPackageBook {
  private readonly pages = new Map<string, Keys>();

  async add(keys: Keys): Promise<Bytes> {
    this.pages.set(toHex(await makeKeyPackageRef(keys.publicPackage, suite.hash)), keys);
    return writeKeyPackage(keys.publicPackage);
  }

  /** The keys that open this Welcome; undefined when they are gone. */
  take(welcome: Bytes): Keys | undefined {
    for (const { newMember } of open(welcome, "mls_welcome").welcome.secrets) {
      const ref = toHex(newMember);
      const keys = this.pages.get(ref);
      if (this.pages.delete(ref)) return keys;
    }
    return undefined;
  }
}
