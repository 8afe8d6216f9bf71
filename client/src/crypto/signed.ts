/**
 * What the server signs for others to verify (docs/protocol.md, sections 11 to 13): JWS (RFC 7515, EdDSA of RFC 8037)
 * against its published key set (JWK Set, RFC 7517), and raw Ed25519 signatures by the same keys.
 */
import { base64url, type Bytes, fromBase64url, sha256, utf8, utf8Text } from "../protocol/bytes.ts";
import { ed25519 } from "./ed25519.ts";

/** A signature, or what was signed, is not what it claims to be. The message says which, in the server's words. */
export class NotVerified extends Error {
  constructor(what: string) {
    super(what);
    this.name = "NotVerified";
  }
}

/** Ed25519 public keys by their id (RFC 7638 thumbprint). */
export type Keys = ReadonlyMap<string, Bytes>;

/**
 * A key as it is published. The server signs with it from `since` to `until`, in seconds since 1970 UTC; `until` is null while
 * it still does. `seals` then is empty; of a retired key it has the `fingerprint` of each evidence seal that the audit logs
 * hold of it, among others that stand for nothing.
 */
export interface PublishedKey {
  key: Bytes;
  since: number;
  until: number | null;
  seals: ReadonlySet<string>;
}

/** By their ids. */
export type KeySet = ReadonlyMap<string, PublishedKey>;

/** By so much, in seconds, the clock of a server may be wrong about when a key was taken into use or replaced. */
export const CLOCKS_SECONDS = 24 * 60 * 60;
export type Claims = Record<string, unknown>;

/** Whether the server can have signed with it then (seconds since 1970 UTC). */
export function inUse({ since, until }: Pick<PublishedKey, "since" | "until">, at: number): boolean {
  return since - CLOCKS_SECONDS <= at && (until === null || at <= until + CLOCKS_SECONDS);
}

/** Base64url of the SHA-256 of a compact JWS. */
export async function fingerprint(token: string): Promise<string> {
  return base64url(await sha256(utf8(token)));
}

/** As `publishedKeys`, without when each was in use. */
export async function publicKeys(published: unknown): Promise<Keys> {
  return keysOf(await publishedKeys(published));
}

export function keysOf(published: KeySet): Keys {
  return new Map([...published].map(([id, { key }]) => [id, key]));
}

/** The Ed25519 keys of a JWK Set. Throws NotVerified when it is none, or when a key's id is not its thumbprint. */
export async function publishedKeys(published: unknown): Promise<KeySet> {
  const listed = isObject(published) ? (published["keys"] ?? []) : null;
  if (!Array.isArray(listed)) throw new NotVerified("it is no key set");
  const found = new Map<string, PublishedKey>();
  for (const jwk of listed as unknown[]) {
    if (!isObject(jwk)) throw new NotVerified("it is no key set");
    const { kty, crv, kid, x, nbf, exp, seals = [] } = jwk;
    if (kty !== "OKP" || crv !== "Ed25519") continue;
    const thumbprint = base64url(await sha256(utf8(JSON.stringify({ crv, kty, x }))));
    if (typeof x !== "string" || kid !== thumbprint) throw new NotVerified("a key's id is not its thumbprint");
    if (!isSeconds(nbf) || (exp !== undefined && !isSeconds(exp)) || !isTexts(seals)) throw new NotVerified("it is no key set");
    found.set(thumbprint, { key: bytesOf(x, "it is no key set"), since: nbf, until: exp ?? null, seals: new Set(seals) });
  }
  return found;
}

/** What a JWS of this `typ` says, when one of `keys` signed it. Throws NotVerified. */
export async function verifiedClaims(token: string, kind: string, keys: Keys): Promise<Claims> {
  const unfit = "the signature does not fit";
  const parts = token.split(".");
  const [head = "", body = "", signature = ""] = parts;
  if (parts.length !== 3) throw new NotVerified(unfit);
  const signed = bytesOf(signature, unfit);
  const claims = jsonOf(body, unfit);
  const { kid, typ, alg } = jsonOf(head, unfit);
  const key = keys.get(String(kid));
  if (!key) throw new NotVerified("signed by a key that is not published");
  if (typ !== kind) throw new NotVerified("signed as something else");
  if (alg !== "EdDSA" || !(await fits(key, signed, utf8(`${head}.${body}`)))) throw new NotVerified(unfit);
  return claims;
}

/** The id of the key that a JWS says has signed it, whether that is true or not; null when it has not the form. */
export function keyIdOf(token: string): string | null {
  try {
    return String(jsonOf(token.split(".")[0] ?? "", "it has not the form")["kid"]);
  } catch (error) {
    if (!(error instanceof NotVerified)) throw error;
    return null;
  }
}

/** Throws NotVerified unless `signature` is the key's Ed25519 signature over `message`. */
export async function verifyRaw(message: Bytes, signature: Bytes, kid: string, keys: Keys): Promise<void> {
  const key = keys.get(kid);
  if (!key) throw new NotVerified("signed by a key that is not published");
  if (!(await fits(key, signature, message))) throw new NotVerified("the signature does not fit");
}

/** The bytes of base64url text in its one spelling: else the last letter of a signature could change unnoticed. Throws NotVerified with `otherwise`. */
export function bytesOf(text: string, otherwise: string): Bytes {
  let bytes: Bytes;
  try {
    bytes = fromBase64url(text);
  } catch {
    throw new NotVerified(otherwise);
  }
  if (base64url(bytes) !== text) throw new NotVerified(otherwise);
  return bytes;
}

async function fits(key: Bytes, signature: Bytes, message: Bytes): Promise<boolean> {
  if (key.length !== 32 || signature.length !== 64) return false;
  return (await ed25519()).verify(key, signature, message);
}

function jsonOf(part: string, otherwise: string): Claims {
  const bytes = bytesOf(part, otherwise);
  let value: unknown;
  try {
    value = JSON.parse(utf8Text(bytes));
  } catch {
    throw new NotVerified(otherwise);
  }
  if (!isObject(value)) throw new NotVerified(otherwise);
  return value;
}

function isSeconds(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
