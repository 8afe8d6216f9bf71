/** What is known of rooms and people: records in memory, the outbox, timelines. */
export { everythingSaid, findMessage, Ledger } from "./ledger.ts";
export { named, suggestName } from "./names.ts";
export { Outbox, type OutboxItem } from "./outbox.ts";
export { type NameGiven, People } from "./people.ts";
export { pictureOf, Pictures, shownPicture } from "./pictures.ts";
export { Profile, usable } from "./profile.ts";
export { isProven, isShowable } from "./proven.ts";
export { bearsName, isOfStaff, type Room, type RoomPatch, Rooms } from "./rooms.ts";
export { accountsOf, changesBetween, differs, mayAdd, quietUntil, type Ruled, rulesOf, settleClaim } from "./rules.ts";
export { reactionKey, Timeline } from "./timeline.ts";
export { accountsIn, isChat, Views } from "./views.ts";
