/**
 * Who looks after a room, and what they decided (docs/protocol.md, section 6). The word of a steward, which travels inside
 * MLS, stands above what the server says; the server's is believed only where no steward of the room has spoken. Pure.
 */
import type { SystemNote } from "../../contract/index.ts";
import type { RoomRecord, RoomRoles } from "../records/index.ts";
import type { RoleRules } from "../../content/role-rules.ts";

/** What the rules of a room rest on. */
export type Ruled = Pick<RoomRecord, "kind" | "members"> & { roles: RoomRoles };

export function noRoles(): RoomRoles {
  return { said: null, claim: null, server: null, leaving: [], gone: [], pins: [] };
}

export function accountsOf(devices: readonly string[]): Set<string> {
  return new Set(devices.map((device) => device.slice(0, 36)));
}

/** What counts in the room now. */
export function rulesOf({ kind, members, roles: { said, server } }: Ruled): RoleRules {
  const here = accountsOf(members);
  const inside = (rules: RoleRules | null) => rules?.stewards.filter((account) => here.has(account)) ?? [];
  const spoken = kind === "group" ? inside(said) : [];
  // When the last of them has gone, the server hands on.
  const stewards = spoken.length > 0 ? spoken : inside(server);
  const rules = spoken.length > 0 ? said : server;
  return {
    stewards,
    add: kind === "group" ? (rules?.add ?? "all") : "all",
    // In an open room it was decided by moderators, which may be about one of them.
    muted: (rules?.muted ?? []).filter(([account]) => here.has(account) && (kind === "open" || !stewards.includes(account))),
  };
}

/** Whether the account may bring people into the group, or invite them. */
export function mayAdd(ruled: Ruled, account: string): boolean {
  const { add, stewards } = rulesOf(ruled);
  return accountsOf(ruled.members).has(account) && (add === "all" || stewards.includes(account));
}

/** Whether the server would have the room otherwise than those who look after it. */
export function differs(ruled: Ruled): boolean {
  const { kind, members, roles: { said, server } } = ruled;
  if (kind !== "group" || !said || !server) return false;
  const here = accountsOf(members);
  const rules = rulesOf(ruled);
  const theirs = server.stewards.filter((account) => here.has(account)).sort();
  return rules.add !== server.add || rules.stewards.toSorted().join(" ") !== theirs.join(" ");
}

/** Until when the room takes nothing from the account; null when it does. `at` is the time in question. */
export function quietUntil(ruled: Ruled, account: string, at: number): number | null {
  const until = rulesOf(ruled).muted.find(([muted]) => muted === account)?.[1];
  return until !== undefined && until > at ? until : null;
}

/** Believes what was said by somebody who turns out to look after the room. */
export function settleClaim(ruled: Ruled): void {
  const { roles } = ruled;
  const { claim } = roles;
  if (!claim || claim.seq <= (roles.said?.seq ?? -1) || !rulesOf(ruled).stewards.includes(claim.by)) return;
  const { stewards, add, muted, seq } = claim;
  roles.said = { stewards, add, muted, seq };
  roles.claim = null;
}

/** What people are told of a change, by somebody who looks after the room. */
export function changesBetween(before: RoleRules, after: RoleRules, by: string, at: number): SystemNote[] {
  const given = after.stewards.filter((account) => !before.stewards.includes(account));
  const taken = before.stewards.filter((account) => !after.stewards.includes(account));
  const quiet = new Map(before.muted.filter(([, until]) => until > at));
  const now = new Map(after.muted.filter(([, until]) => until > at));
  return [
    ...given.map((account): SystemNote => ({ type: "steward", account, by, on: true })),
    ...taken.map((account): SystemNote => ({ type: "steward", account, by, on: false })),
    ...(before.add === after.add ? [] : [{ type: "adding", account: by, everyone: after.add === "all" } satisfies SystemNote]),
    ...[...now].flatMap(([account, until]): SystemNote[] => (quiet.get(account) === until ? [] : [{ type: "quiet", account, by, until }])),
    ...[...quiet].flatMap(([account]): SystemNote[] => (now.has(account) ? [] : [{ type: "quiet", account, by, until: null }])),
  ];
}
