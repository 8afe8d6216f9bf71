/**
 * What the screens know of help from outside of the network: services that a moderator offers in a case, and handing a
 * case over to an agency (docs/protocol.md, sections 11 and 11.3). To whom, what and why travels end-to-end encrypted.
 */
import type { CaseId } from "./cases.ts";
import type { AccountId } from "./types.ts";

export type ReferralId = string;

/** Somebody who helps outside of the network, in a moderator's words. All but the name may be empty. */
export interface Service {
  name: string;
  does: string;
  phone: string;
  /** A web address, or how else to write to them. */
  web: string;
  place: string;
  hours: string;
}

/** What a hand-over is about, in the words of who proposed it: to whom, what they would get, and what for. */
export interface HandOver {
  to: string;
  what: string;
  why: string;
}

/** Something in the talk of a case that is more than words. */
export type Card =
  | { kind: "service"; service: Service }
  | { kind: "handOver"; referral: ReferralId; about: HandOver }
  /** To the hand-over with that id. */
  | { kind: "answer"; referral: ReferralId; consent: boolean };

export interface Referral {
  id: ReferralId;
  /** Null when that account is gone; so is `agreedBy`. */
  proposedBy: AccountId | null;
  proposedAt: number;
  /** Null while the words have not come to this device: nobody can say yes to what they have not read. */
  about: HandOver | null;
  /** The answer of who asked. A yes counts when both they, end-to-end encrypted, and the server say so; either's no is a no. */
  consented: boolean | null;
  needsSecond: boolean;
  agreedBy: AccountId | null;
  agreedAt: number | null;
  /** Who of the staff did not agree to it or took it back, which ended it. The account is null when it is gone. */
  refusedBy: AccountId | null;
  refusedAt: number | null;
  /** It may be done now. */
  ready: boolean;
  /** When evidence was first sealed for it. */
  handedOverAt: number | null;
  /** When a second moderator should have answered; null while it waits for none. */
  dueAt: number | null;
}

/** Throws Failure; `conflict` when the case is closed or another moderator has it. */
export interface Referrals {
  /** Of a case, in their order: for who asked, and for staff who see it. */
  list(id: CaseId): Promise<Referral[]>;
  /** Staff who have the case. Each text has 300 letters at most; `forbidden` without the right `hand_over`. */
  propose(id: CaseId, about: HandOver): Promise<void>;
  /** Who asked: yes, no, or taking a yes back. `not_found` before the words are here. */
  answer(id: CaseId, referral: ReferralId, consent: boolean): Promise<void>;
  /** Staff who did not propose it. */
  agree(id: CaseId, referral: ReferralId): Promise<void>;
  /** Staff, until it was done: a second one does not agree; who proposed it, who has the case and coordinators take it back, also when its words never came. */
  refuse(id: CaseId, referral: ReferralId): Promise<void>;

  /** Staff: those offered before, on any device of this person, the latest first. */
  services(): Promise<Service[]>;
  /** Says it in the case's talk, and remembers it. Durable when it resolves. */
  offer(id: CaseId, service: Service): Promise<void>;
  forget(service: Service): Promise<void>;
}
