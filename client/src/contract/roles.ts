/** What the screens know of who looks after rooms, of blocking, and of who invited whom. Times are milliseconds since 1970 UTC. */
import type { CaseId } from "./cases.ts";
import type { BranchSize, Cut, CutOff, Cutting } from "./decisions.ts";
import type { AccountId, MessageKey, Person, Role, RoomId } from "./types.ts";

export interface RoomRules {
  /** Accounts that look after the room: a group's stewards, in an open room the network's staff who are in it. */
  stewards: AccountId[];
  /** This person may remove and quieten people here, and pin. */
  mine: boolean;
  /** Everyone in the group may add people, not only those who look after it. */
  everyoneMayAdd: boolean;
  /** This person may add and invite people. */
  mayAdd: boolean;
  /** Those whose messages are not taken for a while. */
  quiet: { account: AccountId; until: number }[];
  /** When this person can write here again; null when they can now. */
  quietUntil: number | null;
  /** The server would have it otherwise than those who look after the group. What they said is what is shown. */
  differs: boolean;
}

export interface Pinned {
  key: MessageKey;
  name: string | null;
  excerpt: string;
}

/** Somebody of the network, as coordinators see how they came. */
export interface Joined {
  account: AccountId;
  /** As this device knows them; null for those it has never met. */
  name: string | null;
  me: boolean;
  role: Role;
  /** Who made the invite they came with; null when a command or somebody who is gone did. */
  invitedBy: AccountId | null;
  /** The day, as 2026-11-24. */
  joinedOn: string;
  suspended: boolean;
}

export interface Roles {
  ofRoom(room: RoomId): RoomRules;
  setSteward(room: RoomId, account: AccountId, steward: boolean): Promise<void>;
  setEveryoneMayAdd(room: RoomId, everyone: boolean): Promise<void>;
  /** In groups; in an open room `by_decision`, as for taking out (`decisions.decide`). Until then the room takes nothing from this person; null ends that. */
  quieten(room: RoomId, account: AccountId, until: number | null): Promise<void>;
  /** Takes the person out of the room: at once, for as long as nobody who looks after it adds them again. */
  removeMember(room: RoomId, account: AccountId): Promise<void>;

  /** The newest first, at most three. */
  pinned(room: RoomId): Promise<Pinned[]>;
  pin(room: RoomId, message: MessageKey, pinned: boolean): Promise<void>;

  /** Hides this person on this device, everywhere. Nobody is told: not they, not the server. */
  block(account: AccountId): Promise<void>;
  unblock(account: AccountId): Promise<void>;
  blocked(): Person[];

  /** For coordinators: everyone in the network, in the order of coming. */
  inviteTree(): Promise<Joined[]>;
  /** For coordinators: how many people cutting off this person's branch shuts out. */
  branchSize(account: AccountId, itself: boolean): Promise<BranchSize>;
  /** For coordinators: cuts off whoever this person let in, and whom those let in; the person too when `itself`. `question`: what it came of. `people`: how many this person was told; `conflict` when there are more by now. */
  revokeBranch(account: AccountId, itself: boolean, cutting: Cutting, question: CaseId | null, people: number): Promise<CutOff>;
  /** For staff: what waits for a second person. */
  cuts(): Promise<Cut[]>;
  /** To shut out `people`, as this person was told; `conflict` when there are more by now, or it has ended. */
  agreeToCut(cut: string, people: number): Promise<CutOff>;
  refuseCut(cut: string): Promise<void>;
}
