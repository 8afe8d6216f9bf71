/** Whether keys, people and histories are what they seem. */
export { Admission } from "./admission.ts";
export { Certification } from "./certification.ts";
export { Certifying } from "./certifying.ts";
export { Forks } from "./forks.ts";
export { Patience } from "./mending.ts";
export { PublishedKeys } from "./published-keys.ts";
export { keepRoll, type KeptRoll, loadRoll, type RollHooks, StaffRoll } from "./staff-roll.ts";
export { guarded, Trusting } from "./trust.ts";
