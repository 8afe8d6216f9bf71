/** What `engine.evidence` does: from what was shown in a case to a bundle that anybody can check. Loaded when it is asked for. */
import { attestationDigest } from "../../crypto/attestation.ts";
import { publishedKeys } from "../../crypto/signed.ts";
import { custodyAnswer, type Reason } from "../../evidence/bundle.ts";
import { MAX_BYTES } from "../../evidence/container.ts";
import { type Item, make, TooMuch } from "../../evidence/make.ts";
import { verify } from "../../evidence/verify.ts";
import { base64url, type Bytes } from "../../protocol/bytes.ts";
import { isRefusal } from "../../protocol/errors.ts";
import { count, list, object, text, uuid } from "../../protocol/shape.ts";
import { sleep } from "../../transport/backoff.ts";
import type { Http } from "../../transport/http.ts";
import {
  type EvidenceBundle,
  type EvidenceChoice,
  type EvidenceContent,
  type Exhibit,
  Failure,
} from "../../contract/index.ts";

const AGAIN_MS = 1_000;
/** So often a bundle is made when the audit log grows meanwhile. */
const TRIES = 3;
const custodyBody = object({ network: uuid, by: text, at: count, entries: list(custodyAnswer) });
const sealBody = object({ seal: text });

/** A message as it was shown to moderators, with what proves it. */
export interface Proof {
  exhibit: Exhibit;
  /** The place in the log of the case's room from which on all of its report was there. */
  since: number;
  attestation: string;
  /** The MIMI content that the attestation is about. */
  content: Bytes;
  /** Fetches the picture that was shown with it; null when there is none, or none any more. Throws Refusal. */
  picture: () => Promise<Bytes | null>;
}

export interface EvidenceParts {
  http: Pick<Http, "get" | "post" | "published">;
  domain: string;
  /** All that was shown in a case, as far as this device can read it. */
  proofs(id: string): Promise<Proof[]>;
  /** Where in the same log the yes stands on which a case is handed over. Throws Failure `forbidden` without one. */
  placeOfYes(id: string, referral: string): Promise<number>;
}

/** As EvidenceContract's `export`. Throws Failure and Refusal. */
export async function exportCase(parts: EvidenceParts, id: string, { withhold, referral, pictures = true }: EvidenceChoice): Promise<EvidenceBundle> {
  const { proven, inside, unproven, later } = await chosen(parts, id, referral);
  // Whoever was to be protected must not be shown because of a slip.
  const unknown = withhold.some(({ key }) => ![...proven, ...unproven].some(({ exhibit }) => exhibit.key === key));
  if (inside.length === 0 || unknown) throw new Failure("not_found");
  const reasons = new Map(withhold.flatMap(({ key, reason }) => proven.filter(({ exhibit }) => exhibit.key === key).map((proof) => [placeOf(proof), reason])));
  const { logged, foreign } = await ofTheLog(parts, id, inside);
  const items = await itemsOf(logged, reasons, pictures);
  const { bytes, madeAt, absent } = await sealed(parts, id, items, referral);
  const day = new Date(madeAt).toISOString().slice(0, 10);
  return { name: `evidence-${id.slice(0, 8)}-${day}.zip`, bytes, leftOut: [...unproven, ...later, ...foreign].map(({ exhibit }) => exhibit.key), absent };
}

/** As EvidenceContract's `content`. Throws Failure and Refusal. */
export async function contentOf(parts: Pick<EvidenceParts, "proofs" | "placeOfYes">, id: string, referral?: string): Promise<EvidenceContent> {
  const { inside, unproven, later } = await chosen(parts, id, referral);
  return { messages: inside.map(({ exhibit }) => exhibit), unproven: unproven.length, later: later.length };
}

interface Chosen {
  proven: Proof[];
  unproven: Proof[];
  /** What goes in, each message once. */
  inside: Proof[];
  /** Shown only after the yes: nobody has agreed that these are handed over. */
  later: Proof[];
}

async function chosen(parts: Pick<EvidenceParts, "proofs" | "placeOfYes">, id: string, referral: string | undefined): Promise<Chosen> {
  const yes = referral === undefined ? Infinity : await parts.placeOfYes(id, referral);
  const all = await parts.proofs(id);
  const [proven, unproven] = [all.filter(({ exhibit }) => exhibit.doubt === null), all.filter(({ exhibit }) => exhibit.doubt !== null)];
  const inside = once(proven.filter(({ since }) => since < yes));
  const places = new Set(inside.map(placeOf));
  return { proven, unproven, inside, later: once(proven.filter((proof) => !places.has(placeOf(proof)))) };
}

/** What the server's log has as attested; the rest, whoever signed it, is to keep no case from being exported. Throws Failure. */
async function ofTheLog({ http }: EvidenceParts, id: string, proofs: readonly Proof[]): Promise<{ logged: Proof[]; foreign: Proof[] }> {
  const { entries } = await http.get(`/cases/${id}/custody`, custodyBody);
  const attested = new Set(entries.flatMap((entry) => entry.attested));
  const [logged, foreign]: [Proof[], Proof[]] = [[], []];
  for (const proof of proofs) (attested.has(base64url(await attestationDigest(proof.attestation))) ? logged : foreign).push(proof);
  if (logged.length === 0) throw new Failure("not_found");
  return { logged, foreign };
}

/** Made, sealed, and checked as anybody will: nobody is to learn in court that it does not hold. */
async function sealed({ http, domain }: EvidenceParts, id: string, items: readonly Item[], referral: string | undefined): Promise<{ bytes: Bytes; madeAt: number; absent: number }> {
  for (let tries = TRIES; ; tries -= 1) {
    const { network, by, at: madeAt, entries } = await http.get(`/cases/${id}/custody`, custodyBody);
    const keys = await http.published("kindred-keys.json", (value) => value);
    const bytes = await making({
      domain, network, case: id, madeAt, madeBy: by, keys, handedOver: referral ?? null, custody: entries, items,
      seal: async (manifest) => (await http.post(`/cases/${id}/exports`, { manifest, made_at: madeAt, ...(referral === undefined ? {} : { referral }) }, sealBody)).seal,
    });
    const { problems, absent } = await verify(bytes, await publishedKeys(keys));
    if (problems.length === 0) return { bytes, madeAt, absent };
    // While it was made, the log got another entry about the case.
    if (tries <= 1 || !problems.every((problem) => problem.startsWith("custody: "))) throw new Failure("unexpected");
  }
}

async function making(...given: Parameters<typeof make>): Promise<Bytes> {
  try {
    return await make(...given);
  } catch (error) {
    if (error instanceof TooMuch) throw new Failure("too_large");
    throw error;
  }
}

/** With the pictures, if they are wanted, of all that is not withheld, one fetched after the other. */
async function itemsOf(proofs: readonly Proof[], reasons: ReadonlyMap<string, Reason>, wanted: boolean): Promise<Item[]> {
  const items: Item[] = [];
  let bytes = 0;
  for (const proof of proofs) {
    const { attestation, content, picture } = proof;
    const withheld = reasons.get(placeOf(proof)) ?? null;
    const data = wanted && withheld === null ? await patiently(picture) : null;
    bytes += data?.length ?? 0;
    // Before the device holds more than a bundle may.
    if (bytes > MAX_BYTES) throw new Failure("too_large");
    items.push({ attestation, content, withheld, pictures: [data] });
  }
  return items;
}

/** A case with hundreds of pictures takes longer than the server gives them at once. */
async function patiently<T>(fetch: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await fetch();
    } catch (error) {
      if (!isRefusal(error, "rate_limited")) throw error;
      await sleep(error.detail.retryAfterMs ?? AGAIN_MS);
    }
  }
}

/** Where the message stood. It is withheld wherever it was shown when it is withheld in one place. */
function placeOf({ exhibit: { room, seq } }: Proof): string {
  return `${room} ${String(seq)}`;
}

/** Each message once, though it was shown several times, in the order of time. */
function once(proofs: readonly Proof[]): Proof[] {
  const found = new Map<string, Proof>();
  for (const proof of proofs) if (!found.has(placeOf(proof))) found.set(placeOf(proof), proof);
  return [...found.values()].sort(({ exhibit: one }, { exhibit: other }) => one.at - other.at || one.seq - other.seq);
}
