/** Questions to moderators: asking, showing, reading, and what follows. */
export { type CaseParts, Casework, guardedCases } from "./cases.ts";
export type { EvidenceParts } from "./evidence.ts";
export { type LetInto, LettingIn } from "./letting-in.ts";
export { guardedReferrals } from "./referrals.ts";
export { loadServices, saveServices, Services } from "./services.ts";
