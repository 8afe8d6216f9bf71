/** What the screens know of who looks after the network by coordinators' word, and of what the operator did by commands. */
import type { AccountId, Role } from "./types.ts";

/** The server calls them staff, and no coordinator has signed it. Nothing of a case is given to them. */
export interface Unconfirmed {
  account: AccountId;
  name: string | null;
  role: Exclude<Role, "member">;
  /** Six groups of five digits that their own app shows them too. */
  number: string[];
}

/** An entry of the audit log; `action` and `detail` in its words. */
export interface OperatorAct {
  seq: number;
  at: number;
  action: string;
  detail: string;
}

/** Somebody says that they are the first coordinator here now, whom nobody has certified from whom this device knew it so far. */
export interface NewFirst {
  account: AccountId;
  name: string | null;
  number: string[];
}

/** Staff whom no coordinator has confirmed yet. */
export interface WaitsForWord {
  /** A coordinator sees it beside them. */
  number: string[];
  /** A coordinator, and no other one is left who could confirm them. */
  alone: boolean;
}

export interface AppointmentsContract {
  /** For coordinators who may confirm them; nobody for everybody else. From memory, at once. */
  unconfirmed(): Promise<Unconfirmed[]>;
  /** Signs with this account's identity key that they have this role. Needs a connection. Throws Failure. */
  confirm(account: AccountId, role: Unconfirmed["role"]): Promise<void>;
  /** Signs that they are not staff, by which the server makes them a member again. Needs a connection. Throws Failure. */
  refuse(account: AccountId): Promise<void>;
  /** Null for those who are confirmed, and for members. */
  waiting(): Promise<WaitsForWord | null>;
  /** For one who is `alone`: all others are asked whether to believe it. Throws Failure. */
  beginAnew(): Promise<void>;
  /** Somebody else looks after the network by the server's word alone, and the person has not decided whether to believe it. */
  newFirst(): Promise<NewFirst | null>;
  /** From now on they, and whom they certify, are believed too; or they are not asked about again. Throws Failure. */
  decideFirst(account: AccountId, believe: boolean): Promise<void>;
  /** For coordinators: what the operator did since they looked last, newest first. From memory, at once. */
  operatorActs(): Promise<OperatorAct[]>;
  /** They have seen it; it stays in the log. */
  actsRead(): Promise<void>;
}
