/** Decisions about members as this device sees them, and the talks about them. */
export { Comeback } from "./comeback.ts";
export { DecisionTalks } from "./decision-talks.ts";
export { Deciders } from "./decisions.ts";
export { Statements } from "./statements.ts";
