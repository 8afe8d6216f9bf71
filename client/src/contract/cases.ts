/**
 * What the screens know of asking the network's moderators for help, on both sides (docs/protocol.md, section 11).
 * A case has a room, whose talk goes through `messages` and `sendText` as any other's; it is no chat among the chats.
 */
import type { LoadedPicture, ShownPicture } from "./pictures.ts";
import type { AccountId, MessageKey, Person, RoomId } from "./types.ts";

export type CaseId = string;
export type Concern = "danger" | "self_harm" | "recruitment" | "threats" | "harassment" | "illegal_images" | "other";
export type Urgency = "now" | "today" | "soon";
/**
 * sending: what is shown is on its way; it goes on by itself, also after a restart. refused: the server did not take it
 * (too many open ones, or asking was taken away from this person) and it goes nowhere; `withdraw` forgets it.
 */
export type CaseState = "sending" | "refused" | "unclaimed" | "claimed" | "waiting" | "closed";
export type Outcome = "helped" | "acted" | "referred" | "nothing_found" | "withdrawn";

/** A message that could be shown to moderators. */
export interface Showable {
  key: MessageKey;
  seq: number;
  at: number;
  from: AccountId;
  name: string | null;
  /** Own messages carry the own name inside: they are shown to moderators only when `named` is. */
  mine: boolean;
  text: string;
  /** It has a picture, which is shown with it. */
  picture?: boolean;
  /** In no form that people are shown; moderators see what of it can be read at all. */
  unreadable?: boolean;
  /** Its writer took it back; moderators see what it was, and that. */
  removed?: boolean;
  /** What it is when it is no message: a reaction, or that they gave themselves the name `given`, by itself or with a message. */
  as?: "reaction" | "name";
  given?: string;
  /** The message that was asked about; the others are its surroundings. */
  asked: boolean;
}

/** How many messages before and after one. */
export interface Around {
  before: number;
  after: number;
}

export interface Ask {
  room: RoomId;
  /** May be none. Those that prove nothing are left out, and without `named` the person's own. */
  messages: MessageKey[];
  concern: Concern;
  urgency: Urgency;
  /** What the person hopes for, in their words; may be empty. At most 2,000 characters. */
  wish: string;
  /** Moderators may see this person's name. Otherwise neither what is shown nor what is said in the case's room carries it. */
  named: boolean;
  /** Moderators who are not to know of it. Those whose messages are shown are kept out as well. */
  keptFrom: readonly AccountId[];
  /** But for these: the person lets them in, knowing it. */
  letIn?: readonly AccountId[];
}

/**
 * Why something was not shown that was to be. closed: the case was closed first. unproven: the server did not confirm who
 * wrote a message. reader: whoever wrote it reads the case. picture: one could not be fetched or was not taken; its message
 * was shown.
 */
export type StayedFor = "closed" | "unproven" | "reader" | "picture";
/** How much of what was to be shown stayed behind: for `closed` in so many goes, else messages or pictures. */
export type Stayed = Partial<Record<StayedFor, number>>;

/** A case as the person sees it who asked. */
export interface Question {
  id: CaseId;
  room: RoomId;
  concern: Concern;
  urgency: Urgency;
  state: CaseState;
  openedAt: number;
  closedAt: number | null;
  outcome: Outcome | null;
  named: boolean;
  unread: number;
  /** Since when a moderator is to write: nobody has since it was asked, or the person has since. Null while it is not their turn, or this device cannot tell. */
  answerFrom: number | null;
  /** Who has it, or anybody at all while nobody has, cannot open it yet. This device lets them in by itself while both have a connection. */
  unopened: boolean;
  /** No coordinator has confirmed anybody who may read it. It waits here, and goes by itself when one has. */
  unreadable: boolean;
  /** This device has let a moderator in, and what was shown is on another one of this person's, which passes it on once it has a connection. */
  elsewhere: boolean;
  /** What this device still brings: messages, or only pictures of those that are there. It goes on by itself, also after a restart. */
  underway: "messages" | "pictures" | null;
  stayed: Stayed;
  /** It ended, was not taken, or something of it stayed behind, and the person has not looked at it since on this device. */
  unseen: boolean;
}

/**
 * Why a shown message is not verified. unsigned: no valid attestation, or by a key that this device does not trust.
 * edited: the words are not the ones that were sent. wrong_sender, wrong_room, wrong_case, wrong_place: another one's
 * attestation. twice: the same place in the log a second time.
 */
export type ExhibitDoubt = "unsigned" | "edited" | "wrong_sender" | "wrong_room" | "wrong_case" | "wrong_place" | "twice";

/** A message that was shown to moderators. */
export interface Exhibit {
  key: MessageKey;
  room: RoomId;
  seq: number;
  at: number;
  from: AccountId;
  /** Empty when it takes another one back, is a picture alone, or cannot be read. */
  text: string;
  picture?: ShownPicture;
  /** What `text` is when it is no message: a reaction (empty when one was taken back), the name that they gave themselves or a group. */
  as?: "reaction" | "name" | "title";
  /** The name of theirs that people saw with it. */
  name?: string;
  /** In no form that people are shown: the SHA-256 of what was sent as hex, and what of it can be read at all. */
  unreadable?: { sum: string; raw: string };
  /** The message that it changes or takes back, when it is no message of its own. */
  changes: MessageKey | null;
  doubt: ExhibitDoubt | null;
  /** How many entries of the room stand between the verified one before it here and this one; 0 when this one is in doubt, as is its place. */
  skipped: number;
}

/** What somebody showed, at one time. */
export interface Report {
  /** No other of the case has it. */
  id: string;
  at: number;
  by: AccountId;
  /** The moderator who passed it on to those who came later, when this device has it from them. Its exhibits are verified all the same. */
  passedOnBy: AccountId | null;
  concern: Concern;
  urgency: Urgency;
  wish: string;
  /** The pseudonym of who asks, when they agreed to show it. */
  name: string | null;
  /** Of the room in which the messages were written; null when none are shown. */
  roomKind: "open" | "group" | "direct" | null;
  /** False while parts of it are on their way. */
  complete: boolean;
  /** In the order of the room's log. */
  exhibits: Exhibit[];
}

/** A case as moderators see it. */
export interface CaseFile {
  id: CaseId;
  /** Null when everybody has left it. */
  room: RoomId | null;
  concern: Concern;
  urgency: Urgency;
  state: CaseState;
  openedAt: number;
  /** When somebody should have taken it. */
  dueAt: number | null;
  /** Since when a moderator is to write: nobody has since it was taken, or whoever asked has since. Null while it waits for others than moderators. */
  answerFrom: number | null;
  closedAt: number | null;
  outcome: Outcome | null;
  /** Null when that account is gone. */
  openedBy: AccountId | null;
  /** Whoever asked, as far as this device knows it; their account may be gone. */
  asker: AccountId | null;
  claimedBy: AccountId | null;
  /** This person has it. */
  mine: boolean;
  /** Moderators who can see it. */
  staff: AccountId[];
  /** Whose messages were shown. */
  subjects: AccountId[];
  /** Other cases in which messages of the same people were shown. */
  related: CaseId[];
  unread: number;
  /** Notes of other moderators that this person has not seen. */
  unreadNotes: number;
  /** Where moderators keep their notes on it, if this device is in there. */
  notesRoom: RoomId | null;
  /** This device can read what is shown and said. False until somebody who is in lets it in, which their devices and those of whoever asked do by themselves. */
  inside: boolean;
}

/** What moderators may know of whoever asked in a case. Questions with a name and those without stand apart: nothing joins the two. */
export interface Asker {
  account: AccountId;
  /** They gave moderators their name in this case. */
  named: boolean;
  /** Their questions of the last 30 days, this one among them: those with their name if they gave it here, else those without. */
  times: number;
  /** How those among them ended that did. */
  outcomes: Partial<Record<Outcome, number>>;
}

/** Somebody's cases, the newest first. */
export interface About {
  /** In which messages of theirs were shown. */
  shown: CaseFile[];
  /** In which they asked and gave moderators their name. */
  asked: CaseFile[];
}

export interface Cases {
  /** The message and up to so many before and after it, of what this device has; oldest first. Without those that prove nothing. */
  suggest(room: RoomId, message: MessageKey, around?: Around): Promise<Showable[]>;
  /** What to suggest about the names that somebody gave themselves, for each room in which they did; none where this device can prove none. */
  namesOf(account: AccountId): Promise<{ room: RoomId; message: MessageKey }[]>;
  /** Who would see a new question, or who reads this one; without a connection, as this device remembers it. */
  readers(question: CaseId | null): Promise<Person[]>;
  /** Resolves when it is safe on this device, also without a connection. Throws Failure. */
  ask(ask: Ask): Promise<CaseId>;
  /** Shows more, in the same case. */
  showMore(question: CaseId, room: RoomId, messages: MessageKey[]): Promise<void>;
  withdraw(question: CaseId): Promise<void>;
  /** This person's own, the newest first; what this device remembers of them when there is no connection. */
  questions(): Promise<Question[]>;
  /** The person has looked at how it stands. */
  noticed(question: CaseId): Promise<void>;

  /** Staff: by the time it is due; closed ones newest first. */
  queue(closed: boolean): Promise<CaseFile[]>;
  file(id: CaseId): Promise<CaseFile>;
  reports(id: CaseId): Promise<Report[]>;
  /** Null when whoever asked is gone, or this device cannot read whether they gave their name. */
  asker(id: CaseId): Promise<Asker | null>;
  /** As far as this person may see it, and never about themselves. Throws Failure. */
  about(account: AccountId): Promise<About>;
  /** Fetches what was shown with a message; it is checked against what the message says, and not kept. Throws Failure. */
  picture(id: CaseId, exhibit: MessageKey): Promise<LoadedPicture>;
  /** Throws Failure `conflict` when another moderator has it. */
  claim(id: CaseId): Promise<void>;
  /** Null gives it back to everybody. */
  handOver(id: CaseId, to: AccountId | null): Promise<void>;
  setWaiting(id: CaseId, waiting: boolean): Promise<void>;
  close(id: CaseId, outcome: Exclude<Outcome, "withdrawn">): Promise<void>;
}
