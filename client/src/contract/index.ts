/**
 * What the screens know of the engine, and nothing more. Screens call these methods and listen to events;
 * the engine keeps keys, storage and the network to itself. All times are milliseconds since 1970 UTC.
 */
export * from "./appointments.ts";
export * from "./cases.ts";
export * from "./contacts.ts";
export * from "./decisions.ts";
export * from "./devices.ts";
export * from "./engine.ts";
export * from "./evidence.ts";
export * from "./hints.ts";
export * from "./messages.ts";
export * from "./openness.ts";
export * from "./pictures.ts";
export * from "./push.ts";
export * from "./recovery.ts";
export * from "./referrals.ts";
export * from "./roles.ts";
export * from "./staff.ts";
export * from "./trust.ts";
export * from "./types.ts";
