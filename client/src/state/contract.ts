/**
 * What the screens know of the engine, and nothing more. Screens call these methods and listen to events;
 * the engine keeps keys, storage and the network to itself. All times are milliseconds since 1970 UTC.
 */

import type { AppointmentsContract } from "./contract-appointments.ts";
import type { Cases } from "./contract-cases.ts";
import type { ContactsContract } from "./contract-contacts.ts";
import type { Staff } from "./contract-staff.ts";
import type { Hints } from "./contract-hints.ts";
import type { EvidenceContract } from "./contract-evidence.ts";
import type { OpennessContract } from "./contract-openness.ts";
import type { Decisions } from "./contract-decisions.ts";
import type { PicturesContract, ShownPicture } from "./contract-pictures.ts";
import type { Push } from "./contract-push.ts";
import type { Card, Referrals } from "./contract-referrals.ts";
import type { Recovery } from "./contract-recovery.ts";
import type { Roles } from "./contract-roles.ts";
import type { Trust } from "./contract-trust.ts";
import type { DevicesContract } from "./contract-devices.ts";

export type AccountId = string;
export type RoomId = string;
/** Stable for one shown message, before and after it is sent (the entry id as hex). */
export type MessageKey = string;
export type Role = "member" | "moderator" | "coordinator";

/** fresh: nothing on this device. locked: a profile waits for its PIN. elsewhere: another tab holds it.
 * suspended: nothing is open but talks about decisions (`decisions.mine`), which are read and written as any other.
 * signedout: the server knows this device no more (`devices.signedOut` says why). */
export type Phase = "loading" | "fresh" | "locked" | "open" | "elsewhere" | "suspended" | "signedout";
export type Connection = "online" | "connecting" | "offline";

export interface ConductCard {
  title: string;
  text: string;
  /** What a breach of it is, a `Finding` (contract-decisions.ts) unless the server is newer; null where the card says nothing. */
  finding: string | null;
}

export interface InvitePreview {
  kind: "network" | "room";
  /** Network title, or the private room's name. */
  title: string;
  /** The pseudonym of who invites, if the link carries it. */
  inviter: string | null;
  role: Role;
  conduct: { version: number; cards: ConductCard[] } | null;
  expiresAt: number;
}

export interface Me {
  account: AccountId;
  name: string;
  role: Role;
  network: string;
  conduct: { version: number; agreed: number; cards: ConductCard[] };
}

export interface Person {
  account: AccountId;
  /** Null until the person's pseudonym is known. */
  name: string | null;
  /** True while the name is only hearsay from another member. */
  hearsay: boolean;
  me: boolean;
  role: Role | null;
  sharedRooms: RoomId[];
  /** By the person holding this device; nobody else knows. */
  blocked: boolean;
}

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

export interface Invite {
  id: string;
  role: Role;
  uses: number;
  used: number;
  expiresAt: number;
  revoked: boolean;
  createdAt: number;
}

/** Everything that can go wrong in words a screen can choose from. */
export type FailureCode =
  | "offline" | "invite_unknown" | "invite_used" | "invite_expired" | "invite_revoked" | "rate_limited" | "forbidden" | "decided" | "by_decision" | "suspended"
  | "not_found" | "pin_mismatch" | "storage_full" | "server_full" | "room_full" | "too_large" | "unavailable" | "conflict" | "withdrawn" | "untrusted" | "unsupported_browser"
  | "expired" | "cancelled" | "unexpected";

export class Failure extends Error {
  constructor(readonly code: FailureCode, readonly retryAfterMs: number | null = null) {
    super(code);
    this.name = "Failure";
  }
}

export interface EngineEvents {
  phase: Phase;
  connection: Connection;
  /** Some room summary changed; ask `rooms()`. */
  rooms: null;
  /** Something in this room changed (messages, members, state). */
  room: RoomId;
  /** Progress of joining, for the waiting screen. */
  joining: "keys" | "account" | "done";
  /** The list of own devices, or a name in it, changed. */
  devices: null;
  /** Some case, or what is shown or said in one, changed. */
  cases: null;
  /** Hints were turned on or off, or there are others now. */
  hints: null;
  /** Whom the network says to call may have changed. */
  contacts: null;
}

export interface Engine {
  readonly devices: DevicesContract;

  /** Looks what is on this device and takes the lock of the profile (Web Locks). Safe to call once. */
  start(): Promise<Phase>;
  phase(): Phase;
  connection(): Connection;
  on<E extends keyof EngineEvents>(event: E, listener: (value: EngineEvents[E]) => void): () => void;

  /** Reads a link's fragment (with or without '#') and asks the server. Throws Failure. */
  readInvite(fragment: string): Promise<InvitePreview>;
  suggestName(): string;
  join(fragment: string, choice: { name: string; pin: string; conductVersion: number }): Promise<Me>;
  unlock(pin: string): Promise<void>;
  lock(): Promise<void>;
  /** Takes the profile from another tab, which then shows `elsewhere`. */
  takeOver(): Promise<void>;
  /** Forgets everything on this device. */
  erase(): Promise<void>;

  me(): Me;
  setName(name: string): Promise<void>;
  agreeToConduct(version: number): Promise<void>;

  /** Joined rooms newest first, then open rooms one may join. From memory, at once. */
  rooms(): RoomSummary[];
  room(id: RoomId): RoomSummary | null;
  messages(room: RoomId, options?: { before?: string; limit?: number }): Promise<MessagePage>;
  members(room: RoomId): Person[];
  person(account: AccountId): Person | null;
  people(): Person[];

  /** The text is stored before this resolves; it goes out now or later. */
  sendText(room: RoomId, text: string, options?: { replyTo?: MessageKey }): Promise<MessageKey>;
  edit(room: RoomId, message: MessageKey, text: string): Promise<void>;
  remove(room: RoomId, message: MessageKey): Promise<void>;
  react(room: RoomId, message: MessageKey, emoji: string): Promise<void>;
  /** Sends a failed message again, or gives it up. */
  retry(room: RoomId, message: MessageKey): Promise<void>;
  discard(room: RoomId, message: MessageKey): Promise<void>;
  markRead(room: RoomId): Promise<void>;
  setDraft(room: RoomId, text: string): Promise<void>;
  setMuted(room: RoomId, muted: boolean): Promise<void>;

  joinOpenRoom(room: RoomId): Promise<void>;
  createOpenRoom(title: string): Promise<RoomId>;
  createGroup(name: string, accounts: AccountId[]): Promise<RoomId>;
  startDirect(account: AccountId): Promise<RoomId>;
  addMembers(room: RoomId, accounts: AccountId[]): Promise<void>;
  rename(room: RoomId, name: string): Promise<void>;
  leave(room: RoomId): Promise<void>;
  /** Takes a conversation that was left off this device, with everything said in it. Throws Failure `conflict` for any other. */
  forget(room: RoomId): Promise<void>;
  /** A link to this private group; the secret is made here and only its hash leaves. */
  createRoomInvite(room: RoomId, options: { uses: number; days: number }): Promise<string>;
  acceptRoomInvite(fragment: string): Promise<RoomId>;

  createInvite(options: { role: Role; uses: number; days: number }): Promise<string>;
  invites(): Promise<Invite[]>;
  revokeInvite(id: string): Promise<void>;

  readonly trust: Trust;
  readonly recovery: Recovery;
  readonly roles: Roles;
  readonly push: Push;
  readonly cases: Cases;
  readonly pictures: PicturesContract;
  readonly staff: Staff;
  readonly appointments: AppointmentsContract;
  readonly evidence: EvidenceContract;
  readonly decisions: Decisions;
  readonly referrals: Referrals;
  readonly hints: Hints;
  readonly openness: OpennessContract;
  readonly contacts: ContactsContract;
}
