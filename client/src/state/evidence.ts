/** What `engine.evidence` does: from what was shown in a case to a bundle that anybody can check. Loaded when it is asked for. */
import { publicKeys } from "../crypto/signed.ts";
import { custodyAnswer } from "../evidence/bundle.ts";
import { make } from "../evidence/make.ts";
import { verify } from "../evidence/verify.ts";
import type { Bytes } from "../protocol/bytes.ts";
import { list, object, text, uuid } from "../protocol/shape.ts";
import type { Http } from "../transport/http.ts";
import { Failure } from "./contract.ts";
import type { EvidenceBundle, Withheld } from "./contract-evidence.ts";

const custodyBody = object({ network: uuid, by: text, entries: list(custodyAnswer) });
const sealBody = object({ seal: text });

/** A message as it was shown to moderators, with what proves it. */
export interface Proof {
  key: string;
  room: string;
  seq: number;
  /** In milliseconds. */
  at: number;
  attestation: string;
  /** The MIMI content that the attestation is about. */
  content: Bytes;
  /** Nothing about it is doubted (contract-cases.ts). */
  proven: boolean;
}

export interface EvidenceParts {
  http: Pick<Http, "get" | "post" | "published">;
  domain: string;
  /** All that was shown in a case, as far as this device can read it. */
  proofs(id: string): Promise<Proof[]>;
  now(): number;
}

/** As EvidenceContract's `export`. Throws Failure and Refusal. */
export async function exportCase(parts: EvidenceParts, id: string, withhold: readonly Withheld[], referral: string | null = null): Promise<EvidenceBundle> {
  const { http, domain } = parts;
  const all = await parts.proofs(id);
  const proofs = once(all.filter(({ proven }) => proven));
  const reasons = new Map(withhold.map(({ key, reason }) => [key, reason]));
  // Whoever was to be protected must not be shown because of a slip.
  const unknown = withhold.some(({ key }) => !all.some((proof) => proof.key === key));
  if (proofs.length === 0 || unknown) throw new Failure("not_found");
  const { network, by, entries } = await http.get(`/cases/${id}/custody`, custodyBody);
  const keys = await http.published("kindred-keys.json", (value) => value);
  const madeAt = parts.now();
  const bytes = await make({
    domain, network, case: id, madeAt, madeBy: by, keys, custody: entries,
    items: proofs.map(({ attestation, content, places }) => ({ attestation, content, withheld: reasonOf(places, reasons) })),
    seal: async (manifest) => (await http.post(`/cases/${id}/exports`, { manifest, ...(referral === null ? {} : { referral }) }, sealBody)).seal,
  });
  // Nobody is to learn in court that it does not hold.
  const { problems } = await verify(bytes, await publicKeys(keys));
  if (problems.length > 0) throw new Failure("unexpected");
  const day = new Date(madeAt).toISOString().slice(0, 10);
  return { name: `evidence-${id.slice(0, 8)}-${day}.zip`, bytes, leftOut: all.filter(({ proven }) => !proven).map(({ key }) => key) };
}

/** Each message once, though it was shown several times, in the order of time. `places` are all keys under which it was shown. */
function once(proofs: readonly Proof[]): (Proof & { places: string[] })[] {
  const found = new Map<string, Proof & { places: string[] }>();
  for (const proof of proofs) {
    const place = `${proof.room} ${String(proof.seq)}`;
    const known = found.get(place);
    if (known) known.places.push(proof.key);
    else found.set(place, { ...proof, places: [proof.key] });
  }
  return [...found.values()].sort((one, other) => one.at - other.at || one.seq - other.seq);
}

/** Withheld wherever it was shown when it is withheld in one place. */
function reasonOf(places: readonly string[], reasons: ReadonlyMap<string, string>): string | null {
  for (const key of places) {
    const reason = reasons.get(key);
    if (reason !== undefined) return reason;
  }
  return null;
}
