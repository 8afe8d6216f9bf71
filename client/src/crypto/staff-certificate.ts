/** Who looks after a network, signed by its coordinators with their accounts' identity keys (docs/protocol.md, section 2.3). */
import { type Bytes, concat, equal, hmacSha256, utf8 } from "../protocol/bytes.ts";
import { uuidBytes } from "../protocol/ids.ts";
import type { Identity } from "./comparing.ts";
import { ed25519 } from "./ed25519.ts";
import type { IdentityKey } from "./identity.ts";

const CONTEXT = utf8("Kindred staff certificate v1");
const PROOF = utf8("Kindred staff invite v1");
const ROLES = ["member", "moderator", "coordinator"] as const;

/** member: a withdrawal. */
export type SignedRole = (typeof ROLES)[number];

export interface StaffStatement extends Identity {
  role: SignedRole;
  /** In ms since 1970 UTC. */
  issuedAt: number;
}

export interface StaffCertificate extends StaffStatement {
  /** The coordinator's account. */
  issuer: string;
  signature: Bytes;
}

export type Standing = Pick<StaffStatement, "identityKey" | "role">;

function message(network: string, { account, identityKey, role, issuedAt }: StaffStatement): Bytes {
  const at = new Uint8Array(8);
  new DataView(at.buffer).setBigUint64(0, BigInt(issuedAt));
  return concat(CONTEXT, Uint8Array.of(0), uuidBytes(network), uuidBytes(account), identityKey, Uint8Array.of(ROLES.indexOf(role)), at);
}

export async function signStaff(identity: IdentityKey, network: string, statement: StaffStatement): Promise<Bytes> {
  return (await ed25519()).sign(identity.seed, message(network, statement));
}

async function holds(issuerKey: Bytes, network: string, certificate: StaffCertificate): Promise<boolean> {
  if (issuerKey.length !== 32 || certificate.identityKey.length !== 32 || certificate.signature.length !== 64) return false;
  return (await ed25519()).verify(issuerKey, certificate.signature, message(network, certificate)).catch(() => false);
}

/** The first coordinator as the server shows them: the newest who certified themself. */
export async function firstOf(network: string, certificates: readonly StaffCertificate[]): Promise<Identity | null> {
  const own = certificates.filter(({ account, issuer, role }) => account === issuer && role === "coordinator");
  for (const certificate of own.sort((one, other) => other.issuedAt - one.issuedAt)) {
    const { account, identityKey } = certificate;
    if (await holds(identityKey, network, certificate)) return { account, identityKey };
  }
  return null;
}

/**
 * What follows from what was signed, seen from the first coordinator, and from those who came in their place: each one counts who
 * was a coordinator when it was signed. `counting` are the certificates that it follows from. Nobody takes a first one's standing.
 */
export async function staffBy(
  firsts: readonly Identity[], network: string, certificates: readonly StaffCertificate[],
): Promise<{ standing: Map<string, Standing>; counting: StaffCertificate[] }> {
  const standing = new Map<string, Standing>(firsts.map(({ account, identityKey }) => [account, { identityKey, role: "coordinator" }]));
  const anchors = new Set(firsts.map(({ account }) => account));
  const counting: StaffCertificate[] = [];
  /** Whom a withdrawal of which moment is about. */
  const withdrawn = new Set<string>();
  // Of one moment withdrawals come first: who is withdrawn signs nothing more, and nothing else of that moment is about them.
  const inOrder = [...certificates].sort((one, other) => one.issuedAt - other.issuedAt || ROLES.indexOf(one.role) - ROLES.indexOf(other.role));
  for (const certificate of inOrder) {
    const { account, issuer, identityKey, role, issuedAt } = certificate;
    const place = `${account} ${String(issuedAt)}`;
    const by = standing.get(issuer);
    if (account === issuer || anchors.has(account) || by?.role !== "coordinator") continue;
    if (withdrawn.has(place) || !(await holds(by.identityKey, network, certificate))) continue;
    if (role === "member") withdrawn.add(place);
    standing.set(account, { identityKey, role });
    counting.push(certificate);
  }
  return { standing, counting };
}

export function isSame(one: StaffCertificate, other: StaffCertificate): boolean {
  return equal(one.signature, other.signature);
}

/** Shows whoever made a staff invite who came by it: `key` (16 bytes) stands in the link, and no server ever sees it. */
export function staffProof(key: Bytes, { account, identityKey }: Identity): Promise<Bytes> {
  return hmacSha256(key, concat(PROOF, Uint8Array.of(0), uuidBytes(account), identityKey));
}
