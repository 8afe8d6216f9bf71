/**
 * What the screens know of the engine, and nothing more. Screens call these methods and listen to events;
 * the engine keeps keys, storage and the network to itself. All times are milliseconds since 1970 UTC.
 */
export * from "./contract-appointments.ts";
export * from "./contract-cases.ts";
export * from "./contract-contacts.ts";
export * from "./contract-decisions.ts";
export * from "./contract-devices.ts";
export * from "./contract-engine.ts";
export * from "./contract-evidence.ts";
export * from "./contract-hints.ts";
export * from "./contract-messages.ts";
export * from "./contract-openness.ts";
export * from "./contract-pictures.ts";
export * from "./contract-push.ts";
export * from "./contract-recovery.ts";
export * from "./contract-referrals.ts";
export * from "./contract-roles.ts";
export * from "./contract-staff.ts";
export * from "./contract-trust.ts";
export * from "./contract-types.ts";
