/** What the server says of a bundle: its seal, and whether the key that made it counts. As moderation/evidence/seal.py. */
import { fingerprint, inUse, keyIdOf, type KeySet, keysOf, NotVerified, verifiedClaims } from "../crypto/signed.ts";
import { base64url, sha256 } from "../protocol/bytes.ts";
import { count, Malformed, object, text } from "../protocol/shape.ts";
import { type Bundle, MANIFEST, SEAL, SEALED } from "./bundle.ts";
import type { Files } from "./container.ts";
import type { Known } from "./order.ts";

const known = object<Known>({ entries: count, last: count, digest: text });

/** What the server said when it sealed; `at` in seconds since 1970 UTC. */
export interface Sealed {
  at: number;
  known: Known;
}

/** Throws NotVerified, saying why. */
export async function readSeal(files: Files, bundle: Bundle, published: KeySet): Promise<Sealed> {
  const [sealed, manifest] = [files.get(SEALED), files.get(MANIFEST)];
  if (!sealed || !manifest || sealed.some((byte) => byte > 0x7f)) throw new NotVerified("it cannot be read");
  const token = String.fromCharCode(...sealed);
  const { iat, ...claims } = await verifiedClaims(token, SEAL, keysOf(published));
  if (claims["manifest"] !== base64url(await sha256(manifest))) throw new NotVerified(`${MANIFEST} is not what was sealed`);
  const belongs = { network: bundle.network, case: bundle.case, by: bundle.made_by, iss: `mimi://${bundle.domain}` };
  if (Object.entries(belongs).some(([name, value]) => claims[name] !== value)) throw new NotVerified("it belongs to another network, case, server or maker");
  if (claims["handed_over"] !== bundle.handed_over) throw new NotVerified("it says otherwise for which hand-over it was made, or whether for any");
  if (typeof iat !== "number" || !Number.isInteger(iat) || claims["made_at"] !== bundle.made_at) throw new NotVerified("it says otherwise when it was made");
  const problem = await keyProblem(token, iat, published);
  if (problem !== null) throw new NotVerified(problem);
  return { at: iat, known: knownBy(claims["custody"]) };
}

/** Why what this key signed counts for nothing; `at` in seconds since 1970 UTC. */
async function keyProblem(token: string, at: number, published: KeySet): Promise<string | null> {
  const key = published.get(keyIdOf(token) ?? "");
  if (!key || !inUse(key, at)) return "signed at a time when its key was not in use";
  if (key.until === null || key.seals.has(await fingerprint(token))) return null;
  return "its key was replaced, and the server's log of that time does not have it";
}

function knownBy(claim: unknown): Known {
  try {
    return known(claim, "custody");
  } catch (error) {
    if (error instanceof Malformed) throw new NotVerified("it does not say what the server's log had");
    throw error;
  }
}
