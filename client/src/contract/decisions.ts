/**
 * What the screens know of decisions about accounts (docs/protocol.md, section 11.1): what staff decide, and what whoever
 * it concerns reads of it. Nothing here holds words of anybody's own.
 */
import type { CaseId } from "./cases.ts";
import type { AccountId, Role, RoomId } from "./types.ts";

export type DecisionId = string;
export type DecisionKind = "warn" | "remove_from_room" | "mute" | "limit_reports" | "suspend" | "ban";
/** What may need a second moderator: to decide so, or to hand a case over to somebody outside. */
export type Seconded = DecisionKind | "hand_over";
/** What can be taken from a moderator; also to export evidence. */
export type Right = Seconded | "export";
export type DecisionState = "proposed" | "in_force" | "expired" | "refused" | "lifted" | "overturned";
export type Ground = "law" | "conduct";
export const LONGEST_LAW = 120;
/** Why what happened falls under the card or the law. */
export const FINDINGS = ["hurtful", "went_on", "threatened", "lured", "asked_private", "told_on", "pictures", "pretended", "advertised", "false_reports", "other"] as const;
export type Finding = (typeof FINDINGS)[number];
/** What a branch was cut off for: what one or several in it did, or an invite that went astray. */
export const BRANCH_FACTS = ["one", "several", "astray"] as const;
export type BranchFact = (typeof BRANCH_FACTS)[number];

/** Why a branch is cut off. `reason`: the number of a card, or the name of the law. */
export interface Cutting {
  reason: number | string;
  finding: Finding;
  fact: BranchFact;
}

/** How many people cutting off a branch shuts out, whether a second person has to agree, and whether nobody is there who could. */
export interface BranchSize {
  people: number;
  second: boolean;
  nobodyElse: boolean;
}

/** What came of cutting off a branch. `waits`: nothing yet, a second person has to agree. */
export interface CutOff {
  suspended: number;
  invitesRevoked: number;
  waits: boolean;
}

/** A proposal to cut off the branch of `root`, and them too when `itself`. `peopleThen`: how many it shut out when it was made. */
export interface Cut extends Omit<BranchSize, "second"> {
  id: string;
  root: AccountId;
  /** `root` is whoever asked: their name is nobody's to read from it. */
  asker: boolean;
  itself: boolean;
  ground: Ground;
  card: number | null;
  law: string | null;
  finding: Finding | null;
  fact: BranchFact | null;
  peopleThen: number;
  mayAgree: boolean;
  proposedBy: AccountId | null;
}

/** What whoever runs the server wrote of their own decision: what happened, and why that falls under the card or the law. */
export interface Said {
  facts: string;
  why: string;
}
/** Why it ended early: it was wrong, its subject was heard, something is known that was not, it lasted long enough. */
export type LiftReason = "mistake" | "heard" | "new_facts" | "enough";
/** How an objection was answered, and what was found. */
export type AppealAnswer = { outcome: "upheld"; reason: "fits" | "in_proportion" } | { outcome: "overturned"; reason: "does_not_fit" | "too_much" | "new_facts" | "had_part" };

/** What its subject is told of what a decision rests on; each may be left out. */
export interface Facts {
  /** How many of their messages. */
  messages: number | null;
  /** Whether it is certain that they sent them; null with `messages` alone. */
  proven: boolean | null;
  /** YYYY-MM-DD, as the moderator's calendar has them; `rooms` for the server alone: where it was, when that is not told. */
  days: { first: string; last: string; rooms?: RoomId[] } | null;
  rooms: RoomId[];
}

export interface Deciding {
  subject: AccountId;
  kind: DecisionKind;
  ground: Ground;
  /** The number, from 1, of a card of the present code of conduct; with the ground `conduct` alone. */
  card: number | null;
  /** The law's name and section, one line of `LONGEST_LAW` letters at most; with the ground `law` alone. The server keeps it. */
  law: string | null;
  /** `false_reports` with `limit_reports` alone. */
  finding: Finding;
  /** For `remove_from_room` and `mute` alone. */
  room: RoomId | null;
  /** For `mute`, `suspend` and `limit_reports` alone; within a year. */
  until: number | null;
  case: CaseId | null;
  /** The server leaves out rooms and days where too few people can have seen it. */
  facts: Facts | null;
}

export interface Appeal {
  madeAt: number;
  outcome: AppealAnswer["outcome"] | null;
  /** Null with the outcome, and for what was answered before reasons were given. */
  reason: AppealAnswer["reason"] | null;
  closedAt: number | null;
}

/** As staff see it. */
export interface Decision {
  id: DecisionId;
  case: CaseId | null;
  /** Null when that account is gone; so are those below. */
  subject: AccountId | null;
  /** Its subject is whoever asked in its case, also once that is forgotten, or may be: their name is nobody's to read from it. */
  asker: boolean;
  /** The same, who gave moderators their name in that case; false once it is forgotten. */
  named: boolean;
  /** This person asked in its case, and so has a part in it; who else asked, nobody is told. */
  mineAsked: boolean;
  /** Whether this person may end it early, while it is in force. */
  mayLift: boolean;
  /** It is proposed, and this person may agree to it or not. */
  mayAgree: boolean;
  /** An objection waits that this person may answer: they had no part in it, and may decide so or nobody is left who may. */
  mayAnswer: boolean;
  kind: DecisionKind;
  ground: Ground;
  card: number | null;
  /** Null with a card, and in what was decided before it was asked for. */
  law: string | null;
  /** Null in what was decided before it was asked for, and by whoever runs the server. */
  finding: Finding | null;
  /** Its subject came in through somebody whose branch was cut off, and did nothing of their own that was looked at. */
  branch: boolean;
  /** What that branch was cut off for, also of the one on top of it; null with any other. */
  branchFact: BranchFact | null;
  /** Whoever runs the server decided it; then `decidedBy` is null. */
  byOperator: boolean;
  /** With `byOperator` alone; null in what was decided before it was asked for, and once the account is gone. */
  said: Said | null;
  facts: Facts | null;
  room: RoomId | null;
  until: number | null;
  state: DecisionState;
  /** With the state `lifted` alone. */
  liftedFor: LiftReason | null;
  decidedBy: AccountId | null;
  agreedBy: AccountId | null;
  decidedAt: number;
  /** Null while it is only proposed, and when that never changed. */
  inForceAt: number | null;
  endedAt: number | null;
  /** When a second moderator should have answered it, or its objection; null while it waits for nobody. */
  dueAt: number | null;
  appeal: Appeal | null;
  /** Where it is talked about with its subject. */
  talk: RoomId | null;
}

/** As whoever it concerns reads it: a statement of reasons. */
export interface Statement {
  decision: DecisionId;
  kind: DecisionKind;
  room: RoomId | null;
  state: DecisionState;
  liftedFor: LiftReason | null;
  since: number;
  until: number | null;
  /** Somebody asked about it, or staff saw it themselves. */
  basedOn: "report" | "own_initiative";
  ground: Ground;
  /** Of the code of conduct as it was then. */
  card: { title: string; text: string } | null;
  /** Null with a card, and in what was decided before it was asked for. */
  law: string | null;
  /** As in a decision; so are the next three. */
  finding: Finding | null;
  /** It is about somebody through whom this person came in. */
  branch: boolean;
  branchFact: BranchFact | null;
  /** Whoever runs the server decided it. */
  byOperator: boolean;
  said: Said | null;
  facts: Facts | null;
  appealUntil: number;
  /** Somebody of the staff is there who neither decided nor agreed. They may have a part in it all the same: who asked is not told. */
  somebodyElse: boolean;
  appeal: Appeal | null;
  /** Where moderators talk about it with this person, if they began to. */
  talk: RoomId | null;
}

export interface Moderators {
  moderators: { account: AccountId; role: Role; denied: Right[] }[];
  /** What a second moderator has to agree to. */
  secondFor: Seconded[];
  /** A pause of access that is longer takes what a ban takes. */
  aloneDays: number;
}

/** Everything asks the server. Throws Failure; `conflict` when it was decided meanwhile or it is too late. */
export interface Decisions {
  /** About this person; also while their access is paused. */
  mine(): Promise<Statement[]>;
  /** How many of them are new to this person here, or were ended or looked at again since. At once, from memory; `cases` tells of changes. */
  unseen(): number;
  /** They have looked at all that `mine` gave. */
  notice(): Promise<void>;
  /** Conversations that a ban took this person out of, once it has ended, while they are still out of them and have not put that away. At once, from memory; `cases` and `rooms` tell of changes. */
  leftBehind(): RoomId[];
  putAway(): Promise<void>;
  appeal(decision: DecisionId): Promise<void>;

  /** Staff: all that there are, newest first; about somebody, or those that wait: proposals and open appeals. */
  list(which: { subject: AccountId } | { waiting: true }): Promise<Decision[]>;
  /** Staff: a part of all decisions, newest first, from behind `after` on. */
  page(after: DecisionId | null): Promise<{ decisions: Decision[]; more: boolean }>;
  /** Staff. */
  one(decision: DecisionId): Promise<Decision>;
  /** In force, or proposed when its kind needs a second moderator. Repeating what got no answer decides once. */
  decide(deciding: Deciding): Promise<Decision>;
  agree(decision: DecisionId): Promise<void>;
  /** Does not agree to a proposal, or takes back one's own. */
  refuse(decision: DecisionId): Promise<void>;
  lift(decision: DecisionId, reason: LiftReason): Promise<void>;
  /**
   * Staff: begins to talk about it with its subject, or lets those in who came later; whoever has the room may write there.
   * `forbidden` before it came into force, `conflict` when somebody else has just begun.
   */
  openTalk(decision: DecisionId): Promise<RoomId>;
  /** New messages in such talks, as far as this device knows. At once, from memory. */
  talksUnread(): number;
  closeAppeal(decision: DecisionId, answer: AppealAnswer): Promise<void>;

  moderators(): Promise<Moderators>;
  /** Coordinators. */
  setRights(account: AccountId, denied: Right[]): Promise<Moderators>;
  setSecondFor(kinds: Seconded[]): Promise<Moderators>;
}
