/** What several subjects of the contract share. All times are milliseconds since 1970 UTC. */

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
