/** The audit log as a chain (docs/protocol.md, section 12): the same checks as moderation/audit.py. */
import { encode, rfc8949EncodeOptions } from "cborg";
import { base64url, type Bytes, equal, ownBytes, sha256 } from "../protocol/bytes.ts";
import { uuidBytes } from "../protocol/ids.ts";
import { type Keys, NotVerified, verifiedClaims, verifyRaw } from "./signed.ts";

const VERSION = "Kindred audit v1";
const CHECKPOINT = "kindred-audit-checkpoint+jwt";

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

export type SignedEntry = EntryFields & WithheldEntry;

/** That the log of `network` had this digest (base64url) at this seq. */
export interface Checkpoint {
  network: string;
  seq: number;
  digest: string;
}

/**
 * missing: an entry before it is not there. changed: it or one before it says something else than it did. unsigned: no key
 * that this device knows has signed it. contradicted: a checkpoint that this device kept says otherwise. cut: such a
 * checkpoint names it, and the log does not have it.
 */
export type EntryDoubt = "missing" | "changed" | "unsigned" | "contradicted" | "cut";
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

/** Throws NotVerified. */
export async function readCheckpoint(token: string, keys: Keys): Promise<Checkpoint> {
  const { network, seq, digest } = await verifiedClaims(token, CHECKPOINT, keys);
  if (typeof network !== "string" || typeof digest !== "string" || !Number.isSafeInteger(seq)) throw new NotVerified("it is no checkpoint");
  return { network, seq: seq as number, digest };
}

/** Follows one network's log from its first entry on, page by page. */
export class Chain {
  readonly doubts: LogDoubt[] = [];
  #previous: Bytes = new Uint8Array(32);
  #seq = 0;
  readonly #expected: Map<number, string>;

  constructor(private readonly network: string, kept: readonly Checkpoint[]) {
    this.#expected = new Map(kept.map(({ seq, digest }) => [seq, digest]));
  }

  async add(entries: readonly (SignedEntry | WithheldEntry)[], keys: Keys): Promise<void> {
    for (const entry of entries) await this.#add(entry, keys);
  }

  /** Nothing comes after what was added. */
  end(): readonly LogDoubt[] {
    for (const seq of [...this.#expected.keys()].sort((one, other) => one - other)) this.#doubt(seq, "cut");
    this.#expected.clear();
    return this.doubts;
  }

  async #add(entry: SignedEntry | WithheldEntry, keys: Keys): Promise<void> {
    this.#seq += 1;
    if (entry.seq !== this.#seq) this.#doubt(entry.seq, "missing");
    this.#seq = entry.seq;
    if ("action" in entry && !equal(await entryDigest(this.network, entry, this.#previous), entry.digest)) this.#doubt(entry.seq, "changed");
    try {
      await verifyRaw(entry.digest, entry.signature, entry.keyId, keys);
    } catch (error) {
      if (!(error instanceof NotVerified)) throw error;
      this.#doubt(entry.seq, "unsigned");
    }
    const expected = this.#expected.get(entry.seq);
    this.#expected.delete(entry.seq);
    if (expected !== undefined && expected !== base64url(entry.digest)) this.#doubt(entry.seq, "contradicted");
    this.#previous = entry.digest;
  }

  #doubt(seq: number, why: EntryDoubt): void {
    this.doubts.push({ seq, why });
  }
}
