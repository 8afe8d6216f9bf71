/** Keeps key packages on the server, so that others can add this device while it is away. */
import { keyPackagesLeft } from "../../protocol/api.ts";
import type { Mls } from "../../crypto/mls.ts";
import type { Http } from "../../transport/http.ts";
import type { Clock } from "../common/index.ts";
import type { Profile } from "../rooms/index.ts";

export const FULL = 100;
const LOW = 40;
const DAY_MS = 24 * 60 * 60 * 1000;
export const UPKEEP_MS = DAY_MS;
const LAST_RESORT_MS = 7 * DAY_MS;
/** Half of what core-crypto gives them: those that are never used run out on the server while fresh ones lie beside them. */
const BATCH_MS = 42 * DAY_MS;

/**
 * Uploads more when few are left or those there grow old, and replaces the last resort every week. core-crypto has no
 * last-resort key package of its own: it forgets the private key with the first Welcome, and later Welcomes for it are
 * answered by an external commit. Throws Refusal.
 */
export async function keepKeyPackages(http: Http, mls: Mls, left: number, profile: Profile, clock: Clock): Promise<void> {
  const now = clock.now();
  const { lastResortAt, packagesAt = lastResortAt } = profile.value;
  const old = now - packagesAt > BATCH_MS;
  const missing = old ? FULL : left < LOW ? FULL - left : 0;
  const rotate = now - lastResortAt > LAST_RESORT_MS;
  if (missing === 0 && !rotate) return;
  const packages = await mls.transaction((tx) => tx.keyPackages(missing + (rotate ? 1 : 0)));
  const lastResort = rotate ? packages.pop() : undefined;
  const body = { key_packages: packages, ...(lastResort ? { last_resort: lastResort } : {}) };
  await http.post("/me/key-packages", body, keyPackagesLeft);
  await profile.change({ lastResortAt: rotate ? now : lastResortAt, packagesAt: missing > 0 ? now : packagesAt });
}
