/** What the store keeps, in plain form. */
export type { CaseRecord, KeptMessage, ShowingRecord } from "./case-records.ts";
export { compareAfter, remember } from "./epoch-checks.ts";
export { awaitLeave, bar, cameIn, gone, letIn, type Newcomer, noJoins, setOut, settle, show, vouch } from "./joins.ts";
export type {
  Comparing,
  Doubted,
  OutboxRecord,
  PersonRecord,
  ProfileRecord,
  RoomPrefs,
  RoomRecord,
  RoomRoles,
} from "./records.ts";
