/** MLS groups: coming in, adding, removing, committing, renewing keys. */
export { Claims } from "./claims.ts";
export { Commits } from "./commits.ts";
export { Entering } from "./entering.ts";
export { Healing, LOOK_MS } from "./healing.ts";
export { Introductions, turn } from "./introductions.ts";
export { Invitations, preview, readLink } from "./invitations.ts";
export { Membership } from "./membership.ts";
export { Removals } from "./removals.ts";
export { guardedRoles, Stewardship } from "./roles.ts";
