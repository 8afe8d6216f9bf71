/** What the store keeps, in plain form. Every one of these is sealed on disk. Ids of messages are lower-case hex. */
import type { Bytes } from "../../protocol/bytes.ts";
import type { EntryId } from "../../protocol/frames.ts";
import type { IdentityKey } from "../../crypto/identity.ts";
import type { ShownInvite } from "../../crypto/room-invite.ts";
import type { ConductCard, Contact, Role } from "../../contract/index.ts";
import type { EpochCheck } from "../../content/checks-content.ts";
import type { RoomJoins } from "./joins.ts";
import type { RoleRules } from "../../content/role-rules.ts";

/** Everything about this device's own account. */
export interface ProfileRecord {
  account: string;
  device: string;
  domain: string;
  /** The name of core-crypto's keystore. */
  keystore: string;
  /** What proves this device to the server. */
  token: Bytes;
  identity: IdentityKey;
  /** The server's key, the only one that may propose removals from outside a group. */
  externalSender: Bytes;
  name: string;
  role: Role;
  network: string;
  /** What the network writes in (ISO 639); older profiles know of none. */
  languages?: string[];
  /** Whom it says to call; older profiles know of nobody. */
  contacts?: Contact[];
  conduct: { version: number; agreed: number; cards: ConductCard[] };
  /** While joining: the invite's secret. The server may or may not have answered yet. */
  joining: Bytes | null;
  /** While joining by an invite to look after the network: what shows its maker who came by it. */
  staffProof?: Bytes | null;
  /** True until the server has answered that it knows this further device of the account. */
  registering: boolean;
  /** How many devices the account has. */
  devices: number;
  /** When the last-resort key package was made. */
  lastResortAt: number;
  /** When the newest of the other key packages were made, if not with the last resort. */
  packagesAt?: number;
}

/** When this device tells the room next, by its clock, and how often it does so without being in conversation there. */
export interface Comparing {
  at: number;
  times: number;
  /** The newest text there when it told last. */
  seq: number;
}

export interface RoomRecord {
  id: string;
  kind: "open" | "group" | "direct" | "self" | "case" | "staff" | "notes";
  /** The server's title of an open room, or the name that the members of a group gave it. */
  title: string | null;
  /** Where in the log the name was given. */
  titleSeq: number;
  /** creating: the first commit is not known to be accepted. */
  state: "creating" | "joined" | "left";
  /** Whom the first commit is to add; kept until they are told what they need to know. */
  founding: string[];
  /** The log position and epoch at which this device came in, for the latest time. */
  joinedSeq: number;
  joinedEpoch: number;
  /** True when this device was in the room, or should have been, before it came in for the latest time. */
  rejoined: boolean;
  /** True while this device knows the room from another one of its account and is still to come in. */
  restored?: boolean;
  /** `account:device`, in the order of the leaves. */
  members: string[];
  /** The group's state is behind for good; the device has to join again once everything is fetched. */
  broken: boolean;
  /** How often this device came back lately because the state was behind, and when last. */
  mending?: { times: number; at: number; told: boolean };
  /** A proposal waits for a commit. */
  pendingRemoval: boolean;
  /** Members that no account certifies, or that have no place here. */
  doubted: Doubted[];
  roles: RoomRoles;
  /** In a private group: who came in by whose leave. */
  joins: RoomJoins;
  /** By which invite this device came in, until it has shown the group. */
  invited?: ShownInvite;
  /** Somebody else took this device out, for the latest time. */
  removed?: boolean;
  /** In a case's room: the own pseudonym may travel there. Nowhere else is it asked. */
  named?: boolean;
  /** In a room of a case or a talk that this device made: whom it is for. Of all others staff alone may be in it. */
  person?: string;
  /** In the room of somebody else's case: who asked, though their account may be gone by now. */
  asker?: string;
  /** In the room of a case's notes: `account:device` of those who were in it before this device came in, for the latest time. */
  before?: string[];
  /** This device is letting somebody into a case's room, and is still to pass on what was shown. */
  passing?: boolean;
  /** It has let somebody in, and had nothing of what was shown. */
  empty?: boolean;
  /** Another device of this account has let somebody in, and has passed nothing on since. */
  owed?: boolean;
  /** In a direct chat, the other person. */
  peer: string | null;
  /** The log position of the newest commit that was applied, and the epoch after it. */
  appliedSeq: number;
  appliedEpoch: number;
  /** The epochs that this device was in, oldest first: what it remembers of the room apart from others (forks.ts). */
  checks: EpochCheck[];
  comparing?: Comparing;
  /** `joinedSeq` when it was told that others were shown another version of the room. */
  forked?: number;
  /** Entries were gone since this device came in: what follows them may not fit, and nobody is to blame. */
  gap: boolean;
  /** When this device is to renew its keys here. 0 while that is not known. */
  renewAt: number;
  /** How many messages of others were ever counted, up to which seq. */
  counted: number;
  countedTo: number;
  /** The newest text or picture. */
  last: { key: EntryId; seq: number; at: number; from: string; text: string; picture?: boolean } | null;
  /** Entries were gone before this device could read them. */
  lost: boolean;
  /** Every device of the room has acknowledged the log up to here. */
  deliveredTo: number;
  /** When something last happened here, for ordering. */
  at: number;
  /** Changes whose message is not here, oldest first. */
  orphans: { target: string; seq: number }[];
}

export interface RoomRoles {
  /** As somebody who looks after the group said last, at `seq`. */
  said: (RoleRules & { seq: number }) | null;
  /** As somebody said of whom this device does not know yet that they look after it. */
  claim: (RoleRules & { seq: number; by: string }) | null;
  /** As the server said last. */
  server: RoleRules | null;
  /** Who is to be taken out, by whom, while that has not happened. */
  leaving: [account: string, by: string][];
  /** Where the log tells that somebody is gone, oldest first, for as long as it may still be said by whom. */
  gone: [account: string, seq: number][];
  /** Message ids, the newest last. */
  pins: string[];
}

export interface Doubted {
  /** `account:device`, or the client id of a leaf that is none of ours. */
  device: string;
  /** Of the key that it really signs with. */
  thumbprint: string;
  /** The person decided to send to it anyway. */
  accepted: boolean;
  /** Its account stands behind it, and nobody let the account in. */
  uninvited?: boolean;
}

/** What only the person changes. */
export interface RoomPrefs {
  muted: boolean;
  draft: string;
  /** `counted` at the time of reading: the rest is unread. */
  read: number;
}

export interface PersonRecord {
  account: string;
  name: string | null;
  /** When the person said so themselves. */
  nameAt: number;
  /** Where in which room's log they did, the newest last and former names among them, so that moderators can be shown it. */
  namesIn?: { room: string; seq: number }[];
  hearsay: boolean;
  role: Role | null;
  /** Pinned at first contact. */
  identityKey: Bytes | null;
  /** Another key that the server or a link showed, while the person has not decided which one to believe. */
  offeredKey: Bytes | null;
  /** Another key that the person has decided not to believe. */
  refusedKey: Bytes | null;
  /** Hidden on this device, by the person's own wish. */
  blocked: boolean;
  /** The person compared safety numbers with them, for the pinned key. */
  verified: boolean;
  /** Device ids with the thumbprints of the signature keys that the identity key certifies. */
  devices: { device: string; thumbprint: string }[];
}

export interface OutboxRecord {
  id: EntryId;
  /** Its place in the queue of the room. */
  order: number;
  room: string;
  at: number;
  content: Bytes;
  tag: Bytes;
  /** The content's MIMI message id. */
  messageId: string;
  state: "waiting" | "failed";
  /** It failed as the server had no space for it. */
  serverFull?: boolean;
  /** True once the server may have seen it. */
  attempted: boolean;
  /** True once its picture is on the server. */
  uploaded?: boolean;
  /** The same bytes go out on every try, until the server says that their epoch is too old. */
  cipher: { payload: Bytes; epoch: number } | null;
}
