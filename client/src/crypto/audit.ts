/** The audit log as a chain (docs/protocol.md, section 12): the same checks as moderation/audit.py. */
import { encode, rfc8949EncodeOptions } from "cborg";
import { base64url, type Bytes, concat, equal, ownBytes, sha256, utf8 } from "../protocol/bytes.ts";
import { uuidBytes } from "../protocol/ids.ts";
import { type Keys, NotVerified, verifiedClaims, verifyRaw } from "./signed.ts";

const VERSION = "Kindred audit v1";
const CHECKPOINT = "kindred-audit-checkpoint+jwt";

/** Where the server's signing key changes stands an entry of this kind, signed by the new one: `before.after`, their ids. */
const KEY_ROTATED = "attestation_key_rotated";
/** An entry that tells of attestations: `count.digest`, as `attestedDetail` makes it. */
export const ATTESTED = "messages_attested";

/** What an entry says; `at` in ms since 1970 UTC, actor and subject are pseudonyms. */
export interface EntryFields {
  seq: number;
  at: number;
  actor: string;
  action: string;
  case: string | null;
  subject: string;
  detail: string;
}

/** What is given of an entry that is kept from this reader: it holds its place in the chain, and says nothing. */
export interface WithheldEntry {
  seq: number;
  digest: Bytes;
  keyId: string;
  signature: Bytes;
}

/**
 * What an entry about a decision binds in its `detail` instead of saying it: of which case it came, and who did what to whom.
 * What was forgotten of it is null; `case.case` is null where the case was forgotten before the step. `salt` is random.
 */
export interface Opening {
  case: { case: string | null; salt: Bytes } | null;
  step: { actor: string; subject: string; detail: string; salt: Bytes } | null;
}

export type SignedEntry = EntryFields & WithheldEntry & { opening?: Opening | null };

/**
 * That the log of `network` had this digest (base64url) in an entry: at `seq`, for who may know how many there are, or as the
 * last one of the day `until` (2026-09-30).
 */
export type Checkpoint = { network: string; digest: string } & ({ seq: number; until?: never } | { until: string; seq?: never });

/**
 * missing: an entry before it is not there. changed: it or one before it says something else than it did, or it opens to
 * something else than it binds. unsigned: no key
 * that this device knows has signed it, or one that was not in use. contradicted: a checkpoint that this device kept says otherwise. cut: such a
 * checkpoint names it, and the log does not have it. lost: the same of one that does not say which entry it is (seq 0).
 */
export type EntryDoubt = "missing" | "changed" | "unsigned" | "contradicted" | "cut" | "lost";
export interface LogDoubt {
  seq: number;
  why: EntryDoubt;
}

/** Throws RangeError when network or case is no UUID. */
export function entryDigest(network: string, entry: EntryFields, previous: Bytes): Promise<Bytes> {
  const { seq, at, actor, action, subject, detail } = entry;
  const about = entry.case === null ? null : uuidBytes(entry.case);
  const fields = [VERSION, uuidBytes(network), seq, at, actor, action, about, subject, detail, previous];
  return sha256(ownBytes(encode(fields, rfc8949EncodeOptions)));
}

/** Whether an entry with that `detail` binds what the opening says. Throws RangeError when its case is no UUID. */
export async function opensTo(detail: string, { case: about, step }: Opening): Promise<boolean> {
  const [ofCase, ofStep] = detail.split(".");
  if (about && (await bound("Kindred audit case v1", about.case === null ? null : uuidBytes(about.case), about.salt)) !== ofCase) return false;
  return !step || (await bound("Kindred audit step v1", step.actor, step.subject, step.detail, step.salt)) === ofStep;
}

/** What an entry ATTESTED says of the attestations with these digests (32 bytes each). */
export async function attestedDetail(digests: readonly Bytes[]): Promise<string> {
  return `${String(digests.length)}.${base64url(await sha256(concat(utf8("Kindred audit attested v1"), ...digests)))}`;
}

async function bound(...said: (string | Bytes | null)[]): Promise<string> {
  return base64url(await sha256(ownBytes(encode(said, rfc8949EncodeOptions))));
}

/** Throws NotVerified. */
export async function readCheckpoint(token: string, keys: Keys): Promise<Checkpoint> {
  const { network, seq, until, digest } = await verifiedClaims(token, CHECKPOINT, keys);
  if (typeof network === "string" && typeof digest === "string") {
    if (Number.isSafeInteger(seq)) return { network, seq: seq as number, digest };
    if (typeof until === "string") return { network, until, digest };
  }
  throw new NotVerified("it is no checkpoint");
}

/** Follows one network's log from its first entry on, page by page. */
export class Chain {
  readonly doubts: LogDoubt[] = [];
  #previous: Bytes = new Uint8Array(32);
  #seq = 0;
  /** Of the entry before; the first one takes any that is published. */
  #key: string | null = null;
  readonly #expected = new Map<number, string>();
  readonly #somewhere = new Set<string>();

  constructor(readonly network: string, kept: readonly Checkpoint[]) {
    for (const { seq, digest } of kept) {
      if (seq === undefined) this.#somewhere.add(digest);
      else this.#expected.set(seq, digest);
    }
  }

  async add(entries: readonly (SignedEntry | WithheldEntry)[], keys: Keys): Promise<void> {
    for (const entry of entries) await this.#add(entry, keys);
  }

  /** Nothing comes after what was added. */
  end(): readonly LogDoubt[] {
    for (const seq of [...this.#expected.keys()].sort((one, other) => one - other)) this.#doubt(seq, "cut");
    if (this.#somewhere.size > 0) this.#doubt(0, "lost");
    this.#expected.clear();
    this.#somewhere.clear();
    return this.doubts;
  }

  /** What a key signs after another took its place counts no more, wherever a copy of it may be. */
  #signsNow(entry: SignedEntry | WithheldEntry): boolean {
    const before = this.#key;
    const rotates = "action" in entry && entry.action === KEY_ROTATED && entry.detail === `${before ?? ""}.${entry.keyId}`;
    if (before !== null && before !== entry.keyId && !rotates) return false;
    this.#key = entry.keyId;
    return true;
  }

  async #add(entry: SignedEntry | WithheldEntry, keys: Keys): Promise<void> {
    this.#seq += 1;
    if (entry.seq !== this.#seq) this.#doubt(entry.seq, "missing");
    this.#seq = entry.seq;
    if ("action" in entry && !(await this.#says(entry))) this.#doubt(entry.seq, "changed");
    try {
      await verifyRaw(entry.digest, entry.signature, entry.keyId, keys);
      if (!this.#signsNow(entry)) throw new NotVerified("signed by a key that was not in use");
    } catch (error) {
      if (!(error instanceof NotVerified)) throw error;
      this.#doubt(entry.seq, "unsigned");
    }
    const expected = this.#expected.get(entry.seq);
    this.#expected.delete(entry.seq);
    const digest = base64url(entry.digest);
    if (expected !== undefined && expected !== digest) this.#doubt(entry.seq, "contradicted");
    this.#somewhere.delete(digest);
    this.#previous = entry.digest;
  }

  async #says(entry: SignedEntry): Promise<boolean> {
    if (!equal(await entryDigest(this.network, entry, this.#previous), entry.digest)) return false;
    return !entry.opening || opensTo(entry.detail, entry.opening);
  }

  #doubt(seq: number, why: EntryDoubt): void {
    this.doubts.push({ seq, why });
  }
}
