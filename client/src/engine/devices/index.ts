/** Further devices of an account: linking them, and the snapshot that they begin with. */
export { Devices } from "./devices.ts";
export { register } from "./registering.ts";
export { BadSnapshot, isInside, readSnapshot, restoreSnapshot, type Snapshot, takeSnapshot } from "./snapshot.ts";
export { FULL, keepKeyPackages, UPKEEP_MS } from "./upkeep.ts";
