/**
 * Invites to a private group (docs/protocol.md, section 3.4): the secret in the link gives what the server is shown, and a key
 * that it never sees. The inviter's identity key signs that key; with it the newcomer signs who came.
 */
import { type Bytes, concat, utf8 } from "../protocol/bytes.ts";
import { uuidBytes } from "../protocol/ids.ts";
import type { Identity } from "./comparing.ts";
import { ed25519 } from "./ed25519.ts";
import type { IdentityKey } from "./identity.ts";

/** What an inviter signs, beside the invite's key. `expires` in milliseconds since 1970 UTC. */
export interface InviteTerms {
  room: string;
  /** The inviter's account. */
  by: string;
  uses: number;
  expires: number;
}

/** What a newcomer shows the group. */
export interface ShownInvite extends Omit<InviteTerms, "room"> {
  /** The invite's public key. */
  key: Bytes;
  /** The inviter's signature. */
  terms: Bytes;
  /** The newcomer's, by the invite's key. */
  proof: Bytes;
}

const TERMS = "Kindred room invite v1";
const PROOF = "Kindred room invite proof v1";

/** What stands in the link (16 bytes), taken apart: what to show the server (16 bytes), and the invite's key. */
export async function openInvite(secret: Bytes): Promise<{ presented: Bytes; key: IdentityKey }> {
  const base = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveBits"]);
  const derive = async (info: string, length: number) => new Uint8Array(await crypto.subtle.deriveBits(
    { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: utf8(info) }, base, 8 * length,
  ));
  const seed = await derive("Kindred room invite key v1", 32);
  return { presented: await derive("Kindred room invite secret v1", 16), key: { seed, publicKey: await (await ed25519()).publicKey(seed) } };
}

export async function signTerms(inviter: IdentityKey, key: Bytes, terms: InviteTerms): Promise<Bytes> {
  return (await ed25519()).sign(inviter.seed, termsBytes(key, terms));
}

/** Whether the inviter with this identity key signed just these terms. */
export async function isSigned(terms: Bytes, inviterKey: Bytes, key: Bytes, about: InviteTerms): Promise<boolean> {
  // Some engines throw for a key that is no point on the curve.
  return (await ed25519()).verify(inviterKey, terms, termsBytes(key, about)).catch(() => false);
}

/** Signs that this account came into the room by the invite. */
export async function proveInvited(invite: IdentityKey, room: string, newcomer: Identity): Promise<Bytes> {
  return (await ed25519()).sign(invite.seed, proofBytes(room, newcomer));
}

/** Whether the inviter with this identity key let in just this newcomer. */
export async function isInvited(shown: ShownInvite, room: string, inviterKey: Bytes, newcomer: Identity): Promise<boolean> {
  if (!(await isSigned(shown.terms, inviterKey, shown.key, { ...shown, room }))) return false;
  return (await ed25519()).verify(shown.key, shown.proof, proofBytes(room, newcomer)).catch(() => false);
}

function termsBytes(key: Bytes, { room, by, uses, expires }: InviteTerms): Bytes {
  const bounds = new Uint8Array(12);
  const view = new DataView(bounds.buffer);
  view.setUint32(0, uses);
  view.setBigUint64(4, BigInt(expires));
  return concat(utf8(TERMS), Uint8Array.of(0), uuidBytes(room), uuidBytes(by), key, bounds);
}

function proofBytes(room: string, { account, identityKey }: Identity): Bytes {
  return concat(utf8(PROOF), Uint8Array.of(0), uuidBytes(room), uuidBytes(account), identityKey);
}
