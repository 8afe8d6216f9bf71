/** What every subject uses and what knows no subject: clock, events, retries, the platform. */
export { type Clock, systemClock } from "./clock.ts";
export { Emitter } from "./emitter.ts";
export { Errands, oneByOne, willPass } from "./errands.ts";
export { asFailure } from "./failure.ts";
export { joined } from "./joined.ts";
export { allCases, allDecisions, someDecisions } from "./pages.ts";
export type { BackupPace, Platform, ProfileLock, Subscription, WakingPlatform } from "./platform.ts";
export { WrongGroup } from "./wrong-group.ts";
