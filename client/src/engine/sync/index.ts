/** From the server's log to what is known: batches, changes, acknowledgements. */
export { Acknowledgements } from "./acknowledgements.ts";
export { RoomChanges } from "./changes.ts";
export type { Effects } from "./gathering.ts";
export { Inbox } from "./inbox.ts";
export { Receiver, type Self } from "./receiver.ts";
export { Retelling } from "./retelling.ts";
export { Sync } from "./sync.ts";
export { Telling } from "./telling.ts";
