/**
 * Who came into a private group, and by whose leave (docs/protocol.md, section 5.6). An account that nobody let in by the
 * group's rules waits: nothing is sent to the group meanwhile. Pure.
 */
import type { ShownInvite } from "../../crypto/room-invite.ts";
import { base64url } from "../../protocol/bytes.ts";

export interface RoomJoins {
  /** Accounts that nothing stands against: there when this device came in, or let in by the rules. */
  known: string[];
  /** Of these, those that were let in before this device's eyes: what a steward's device passes on. */
  vouched: string[];
  /** Accounts that nobody has let in yet, as far as this device knows. */
  waiting: Newcomer[];
  /** Whom a steward took out: they come back through a steward alone. */
  barred: string[];
  /** Who came by which invite, and when: so that none lets in people more often than its maker said. */
  used: { key: string; by: string[] }[];
  /** Whom this person has set out to add: the server may have taken it though the app ended before it knew. */
  adding: string[];
}

export interface Newcomer {
  account: string;
  /** The epoch that they came with. */
  epoch: number;
  /** When this device first looked, by its clock; 0 before that. */
  since: number;
  /** Who added them, where the rules let that account do so; it counts once they have been let in themselves. */
  through: string | null;
  /** What the newcomer showed, by an account that might let people in at that time. */
  shown: ShownInvite | null;
  /** Something about it is new since this device looked. */
  fresh: boolean;
}

/** What is older is forgotten. */
const MOST_INVITES = 100;
const MOST_BARRED = 200;

export function noJoins(): RoomJoins {
  return { known: [], vouched: [], waiting: [], barred: [], used: [], adding: [] };
}

/**
 * This device came in. For the first time it takes those who are there as they are. If it was inside before and the server
 * alone said that it was not, whoever is new has to be let in like anybody else.
 */
export function cameIn(joins: RoomJoins, accounts: Iterable<string>, epoch: number, before: boolean): void {
  const here = new Set(accounts);
  gone(joins, [...joins.known, ...joins.waiting.map(({ account }) => account)].filter((account) => !here.has(account)));
  for (const account of here) {
    if (joins.adding.includes(account)) letIn(joins, account, true);
    else if (before) awaitLeave(joins, account, epoch);
    else letIn(joins, account, false);
  }
  joins.adding = [];
}

/** Nothing stands against the account. `vouched`: because it was let in, and not only found here. */
export function letIn(joins: RoomJoins, account: string, vouched: boolean): void {
  joins.waiting = joins.waiting.filter((one) => one.account !== account);
  joins.barred = joins.barred.filter((one) => one !== account);
  // Those whom they let in may be let in with them.
  for (const newcomer of joins.waiting) newcomer.fresh = true;
  if (!joins.known.includes(account)) joins.known.push(account);
  if (vouched && !joins.vouched.includes(account)) joins.vouched.push(account);
}

/** This person is about to add them. */
export function setOut(joins: RoomJoins, accounts: readonly string[]): void {
  joins.adding = [...new Set([...joins.adding, ...accounts])].slice(-MOST_BARRED);
}

/** `through`: who added them, as the rules allow. */
export function awaitLeave(joins: RoomJoins, account: string, epoch: number, through: string | null = null): void {
  if (joins.known.includes(account) || joins.waiting.some((one) => one.account === account)) return;
  joins.waiting.push({ account, epoch, through, since: 0, shown: null, fresh: true });
}

/** Lets in those of the waiting whom a known account let in; `holds` says whether what a newcomer shows is signed as it should be. */
export function settle(joins: RoomJoins, holds: (newcomer: Newcomer) => boolean): void {
  for (let before = -1; before !== joins.known.length;) {
    before = joins.known.length;
    for (const newcomer of [...joins.waiting]) {
      const { account, through, shown } = newcomer;
      if (through !== null && joins.known.includes(through)) letIn(joins, account, true);
      else if (shown && joins.known.includes(shown.by) && holds(newcomer)) redeem(joins, newcomer);
    }
  }
}

/** A steward says that these were let in, as the group was in that epoch: not about who came after it. */
export function vouch(joins: RoomJoins, accounts: readonly string[], epoch: number): void {
  for (const account of accounts) {
    const newcomer = joins.waiting.find((one) => one.account === account);
    if (newcomer ? newcomer.epoch <= epoch : joins.known.includes(account)) letIn(joins, account, true);
  }
}

/** They have to be let in anew when they come again. */
export function gone(joins: RoomJoins, accounts: readonly string[]): void {
  joins.known = joins.known.filter((account) => !accounts.includes(account));
  joins.vouched = joins.vouched.filter((account) => !accounts.includes(account));
  joins.waiting = joins.waiting.filter(({ account }) => !accounts.includes(account));
}

/** A steward took these out, as the group was in that epoch: an invite by which one of them came back since lets nobody in. */
export function bar(joins: RoomJoins, accounts: readonly string[], epoch: number): void {
  const came = joins.used.flatMap(({ by }) => by.map((join) => join.split(" "))).map(([account = "", at]) => ({ account, epoch: Number(at) }));
  for (const newcomer of came.filter((one) => accounts.includes(one.account) && one.epoch > epoch)) {
    gone(joins, [newcomer.account]);
    awaitLeave(joins, newcomer.account, newcomer.epoch);
  }
  for (const newcomer of joins.waiting) if (accounts.includes(newcomer.account)) newcomer.shown = null;
  joins.barred = [...joins.barred.filter((account) => !accounts.includes(account)), ...accounts].slice(-MOST_BARRED);
}

export function show(joins: RoomJoins, account: string, shown: ShownInvite): void {
  if (joins.barred.includes(account)) return;
  for (const newcomer of joins.waiting) if (newcomer.account === account) Object.assign(newcomer, { shown, fresh: true });
}

/** The invite holds for this newcomer: lets them in, unless it has let in people as often as its maker said. */
function redeem(joins: RoomJoins, { account, epoch, shown }: Newcomer): void {
  if (!shown) return;
  const key = base64url(shown.key);
  const found = joins.used.find((one) => one.key === key) ?? { key, by: [] };
  const join = `${account} ${epoch}`;
  if (!found.by.includes(join)) {
    if (found.by.length >= shown.uses) return;
    found.by.push(join);
  }
  joins.used = [...joins.used.filter((one) => one !== found), found].slice(-MOST_INVITES);
  letIn(joins, account, true);
}
