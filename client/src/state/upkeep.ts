/** Keeps key packages on the server, so that others can add this device while it is away. */
import { keyPackagesLeft } from "../protocol/api.ts";
import type { Mls } from "../crypto/mls.ts";
import type { Http } from "../transport/http.ts";
import type { ProfileRecord } from "./records.ts";

export const FULL = 100;
const LOW = 40;
const LAST_RESORT_MS = 7 * 24 * 60 * 60 * 1000;

/**
 * Uploads more when few are left, and replaces the last resort every week. core-crypto has no last-resort key package of its
 * own: it forgets the private key with the first Welcome, and later Welcomes for it are answered by an external commit.
 */
export async function keepKeyPackages(
  http: Http, mls: Mls, left: number, profile: Readonly<ProfileRecord>, rotated: (at: number) => Promise<void>,
): Promise<void> {
  const missing = left < LOW ? FULL - left : 0;
  const rotate = Date.now() - profile.lastResortAt > LAST_RESORT_MS;
  if (missing === 0 && !rotate) return;
  const packages = await mls.transaction((tx) => tx.keyPackages(missing + (rotate ? 1 : 0)));
  const lastResort = rotate ? packages.pop() : undefined;
  const body = { key_packages: packages, ...(lastResort ? { last_resort: lastResort } : {}) };
  await http.post("/me/key-packages", body, keyPackagesLeft);
  if (rotate) await rotated(Date.now());
}
