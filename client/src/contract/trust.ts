/**
 * What the screens know of who can be trusted: keys that do not fit, what the person decides about them, and how two people
 * or a whole room make sure by comparing numbers.
 */
import type { AccountId, RoomId } from "./types.ts";

/**
 * Why nothing is sent. changed: the server shows another identity key for this person than the one remembered here.
 * device: a device in the room says it is this person's, and their key does not stand behind it.
 * stranger: somebody who has no place in a conversation between two. uninvited: somebody came into a group, and nobody who
 * may let people in did so.
 * unconfirmed: the server calls them staff, and no coordinator has confirmed it: nobody can decide to send anyway.
 */
export interface Doubt {
  account: AccountId;
  name: string | null;
  why: "changed" | "device" | "stranger" | "uninvited" | "unconfirmed";
  /** Which key or devices it is about, so that what is decided is what was shown. */
  about: string;
}

export interface RoomTrust {
  /** Nothing is sent to the room while there is one; what is written waits. */
  doubts: Doubt[];
  /** Devices that could not be checked, to which the person decided to send anyway. */
  accepted: Doubt[];
  /** How many of the others were checked by the person, of how many. */
  verified: number;
  others: number;
}

export interface PersonTrust {
  /** The person holding this device has compared numbers with them. Falls away when the key changes. */
  verified: boolean;
  doubt: Doubt | null;
  /** False until this device knows a key of theirs. */
  known: boolean;
}

export interface SafetyNumber {
  /** Twelve groups of five digits. Both people see the same. */
  groups: string[];
  /** A link for the other's camera: it opens Kindred there, which compares. Nothing in it is secret. */
  link: string;
  /** The other's key that it is about. */
  key: string;
  /** It is about a changed key that the person has not decided about. */
  fresh: boolean;
}

/** What a scanned link says of the person who showed it. `same` only when both remember the same two keys. */
export interface Scanned {
  account: AccountId;
  name: string | null;
  same: boolean;
  /** The other's key that it is about. */
  key: string;
}

export interface RoomCheck {
  /** Six groups of five digits, the same for everyone who sees the same conversation. */
  groups: string[];
  /** How often the conversation has changed: two people compare while this is the same. */
  changes: number;
}

export interface Trust {
  ofRoom(room: RoomId): RoomTrust;
  ofPerson(account: AccountId): PersonTrust;

  /** Sends to the room in spite of these devices that could not be checked, and of no others. */
  sendAnyway(room: RoomId, doubts: readonly Doubt[]): Promise<void>;
  /** After a changed key: believes the new one (and forgets that the person was checked), or stays with the old. */
  decideKey(doubt: Doubt, choice: "new" | "old"): Promise<void>;

  /** Throws Failure `not_found` when no key of theirs is known. */
  safetyNumber(account: AccountId): Promise<SafetyNumber>;
  /** The numbers were the same for this key of theirs. A changed key is believed by it. Throws Failure `conflict` when it changed again. */
  confirm(account: AccountId, key: string): Promise<void>;
  /** Takes that back. */
  unconfirm(account: AccountId): Promise<void>;
  /** Reads a link that was scanned from another's screen. Null when it is none. */
  readScanned(fragment: string): Scanned | null;

  /** Throws Failure `not_found` when this device is not in the room. */
  roomCheck(room: RoomId): Promise<RoomCheck>;
}
