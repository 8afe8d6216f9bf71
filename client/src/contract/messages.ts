/** What the screens know of rooms and of what is said in them. */
import type { ShownPicture } from "./pictures.ts";
import type { Card } from "./referrals.ts";
import type { AccountId, MessageKey, RoomId } from "./types.ts";

export interface RoomSummary {
  id: RoomId;
  kind: "open" | "group" | "direct";
  /** Room name; for a direct chat the other person's. */
  title: string;
  /** False for an open room one may join. */
  joined: boolean;
  /** False once this device left or was removed; history stays readable. */
  active: boolean;
  /** True while this new device is still to come in. */
  coming: boolean;
  unread: number;
  members: number;
  muted: boolean;
  draft: string;
  last: { text: string; picture?: boolean; from: string | null; mine: boolean; at: number; state: SendState | null } | null;
  /** Set when entries were lost on the server before this device could read them. */
  lost: boolean;
  /** Somebody else took this device out; false when the person left by themselves. */
  removed: boolean;
  /** A chat with somebody whom the person has blocked. */
  hidden: boolean;
}

export type SendState = "waiting" | "sent" | "delivered" | "failed";

export interface Reaction {
  emoji: string;
  accounts: AccountId[];
  /** What moderators are asked about, for each of those accounts. */
  keys: MessageKey[];
  mine: boolean;
}

export type SystemNote =
  | { type: "joined" | "left" | "removed"; account: AccountId; by: AccountId | null }
  | { type: "renamed"; account: AccountId; name: string }
  /** `account` looks after the group from now on, or no longer. */
  | { type: "steward"; account: AccountId; by: AccountId; on: boolean }
  /** `account` decided who may add people. */
  | { type: "adding"; account: AccountId; everyone: boolean }
  /** The room takes nothing from `account` until then; null: it does again. */
  | { type: "quiet"; account: AccountId; by: AccountId; until: number | null }
  | { type: "pinned"; account: AccountId }
  /** A device of this person could not be checked: nothing is sent to the room while it is there. */
  | { type: "uncertified"; account: AccountId }
  /** It is not clear who let this person in: nothing is sent to the room while they are there. */
  | { type: "uninvited"; account: AccountId }
  /** The server showed another identity key for this person than the one remembered here. */
  | { type: "keyChanged"; account: AccountId }
  /** A device of this person was to be added, could not be checked, and was left out. */
  | { type: "notAdded"; account: AccountId }
  /** A device of this person came back by itself, with new keys. */
  | { type: "renewed"; account: AccountId }
  /**
   * linked: this further device of the account came in; what was before comes from another one. odd: something that the
   * server sent did not fit, and was not used. waiting: this device had to come back again and again, and takes its time.
   * forked: the server showed people different versions of this conversation.
   */
  | { type: "rejoined" | "lost" | "linked" | "odd" | "waiting" | "forked" };

export interface ShownMessage {
  key: MessageKey;
  room: RoomId;
  /** Position in the room's log; null while waiting. */
  seq: number | null;
  at: number;
  from: AccountId;
  name: string | null;
  mine: boolean;
  /** `showable`: moderators can be shown what it was. `retold`: who said it and when, by the word of whoever passed it on to those who came later. */
  body: { type: "text"; text: string; picture?: ShownPicture; retold?: { by: AccountId; name: string | null; at: number } } | { type: "deleted"; showable?: true } | { type: "unchecked" }
    /** In no form that this version shows; `showable` when moderators can be shown it. */
    | { type: "unreadable"; showable?: true }
    | { type: "system"; note: SystemNote } | { type: "card"; card: Card };
  edited: boolean;
  /** Of somebody whom the person has blocked. */
  hidden: boolean;
  replyTo: { key: MessageKey | null; name: string | null; excerpt: string; hidden: boolean; picture?: boolean } | null;
  reactions: Reaction[];
  /** Only for own messages. */
  state: SendState | null;
  /** It failed because the server takes no more from this account, or for this network, for now. */
  serverFull?: true;
}

export interface MessagePage {
  /** Oldest first. */
  messages: ShownMessage[];
  /** Pass to `messages` to get the page before; null at the beginning of what this device has. */
  before: string | null;
}
