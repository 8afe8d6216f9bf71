/**
 * What the screens know of the engine, and nothing more. Screens call these methods and listen to events;
 * the engine keeps keys, storage and the network to itself. All times are milliseconds since 1970 UTC.
 */

import type { AppointmentsContract } from "./appointments.ts";
import type { Cases } from "./cases.ts";
import type { ContactsContract } from "./contacts.ts";
import type { Staff } from "./staff.ts";
import type { Hints } from "./hints.ts";
import type { EvidenceContract } from "./evidence.ts";
import type { OpennessContract } from "./openness.ts";
import type { Decisions } from "./decisions.ts";
import type { PicturesContract } from "./pictures.ts";
import type { Push } from "./push.ts";
import type { Referrals } from "./referrals.ts";
import type { Recovery } from "./recovery.ts";
import type { Roles } from "./roles.ts";
import type { Trust } from "./trust.ts";
import type { DevicesContract } from "./devices.ts";
import type { MessagePage, RoomSummary } from "./messages.ts";
import type { AccountId, Connection, Invite, InvitePreview, Me, MessageKey, Person, Phase, Role, RoomId } from "./types.ts";

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
