/**
 * The PIN opens a random master key, and the master key gives every other key. The PIN's own record holds nothing but
 * what is needed to try a PIN: its cost, a salt, and slots of equal size of which one opens.
 */
import { type Bytes, concat, randomBytes, utf8 } from "../protocol/bytes.ts";
import type { Argon2Cost } from "./argon2.ts";

export interface VaultRecord {
  v: 1;
  kdf: "argon2id";
  cost: Argon2Cost;
  salt: Bytes;
  /** Each is a nonce (12 bytes) and the encrypted master key (48 bytes). */
  slots: Bytes[];
}

export interface VaultKeys {
  /** For core-crypto's keystore. */
  keystore: Bytes;
  /** AES-GCM, for every record of the store. */
  records: CryptoKey;
  /** HMAC-SHA256, for the names under which records are found. */
  index: CryptoKey;
}

const SLOT_CONTEXT = utf8("Kindred vault slot v1");

/** A new vault. Without `cost`, the highest that this device bears in under a second. */
export async function makeVault(pin: string, cost?: Argon2Cost): Promise<{ record: VaultRecord; keys: VaultKeys }> {
  const { calibrate } = await import("./argon2.ts");
  const master = randomBytes(32);
  const record = await wrap(pin, master, cost ?? (await calibrate()));
  return { record, keys: await derive(master) };
}

/** Null when the PIN does not fit; nothing is changed by trying. */
export async function openVault(record: VaultRecord, pin: string): Promise<VaultKeys | null> {
  const master = await unwrap(record, pin);
  return master && derive(master);
}

/** The same vault under another PIN, or null when the old one does not fit. */
export async function changePin(record: VaultRecord, oldPin: string, newPin: string): Promise<VaultRecord | null> {
  const master = await unwrap(record, oldPin);
  return master && wrap(newPin, master, record.cost);
}

async function wrap(pin: string, master: Bytes, cost: Argon2Cost): Promise<VaultRecord> {
  const salt = randomBytes(16);
  const nonce = randomBytes(12);
  const key = await pinKey(pin, salt, cost, "encrypt");
  const box = await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce, additionalData: SLOT_CONTEXT }, key, master);
  return { v: 1, kdf: "argon2id", cost, salt, slots: [concat(nonce, new Uint8Array(box))] };
}

async function unwrap(record: VaultRecord, pin: string): Promise<Bytes | null> {
  // Argon2 takes no empty password, and no vault has one.
  if (pin === "") return null;
  const key = await pinKey(pin, record.salt, record.cost, "decrypt");
  for (const slot of record.slots) {
    const parameters = { name: "AES-GCM", iv: slot.subarray(0, 12), additionalData: SLOT_CONTEXT };
    try {
      return new Uint8Array(await crypto.subtle.decrypt(parameters, key, slot.subarray(12)));
    } catch {
      // Not this slot's PIN.
    }
  }
  return null;
}

async function pinKey(pin: string, salt: Bytes, cost: Argon2Cost, use: "encrypt" | "decrypt"): Promise<CryptoKey> {
  const { stretch } = await import("./argon2.ts");
  const stretched = await stretch(utf8(pin.normalize("NFKC")), salt, cost);
  return crypto.subtle.importKey("raw", stretched, "AES-GCM", false, [use]);
}

async function derive(master: Bytes): Promise<VaultKeys> {
  const base = await crypto.subtle.importKey("raw", master, "HKDF", false, ["deriveBits", "deriveKey"]);
  const from = (purpose: string) => ({ name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: utf8(purpose) });
  const hmac = { name: "HMAC", hash: "SHA-256", length: 256 };
  return {
    keystore: new Uint8Array(await crypto.subtle.deriveBits(from("Kindred keystore v1"), base, 256)),
    records: await crypto.subtle.deriveKey(
      from("Kindred records v1"), base, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"],
    ),
    index: await crypto.subtle.deriveKey(from("Kindred index v1"), base, hmac, false, ["sign"]),
  };
}

