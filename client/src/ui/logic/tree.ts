import type { AccountId, Joined } from "../../contract/index.ts";
import { matches } from "./names.ts";

/** Somebody in the tree of who invited whom, with those they let in. */
export interface Branch {
  person: Joined;
  below: Branch[];
  /** Everyone who came through them, at any remove. */
  size: number;
}

/** The tree's roots, in the order of coming. Whoever came through somebody who is gone is a root. */
export function branches(people: readonly Joined[]): Branch[] {
  const all = new Map<AccountId, Branch>(people.map((person) => [person.account, { person, below: [], size: 0 }]));
  const roots: Branch[] = [];
  for (const branch of all.values()) {
    const above = branch.person.invitedBy === null ? undefined : all.get(branch.person.invitedBy);
    if (above && above !== branch) above.below.push(branch);
    else roots.push(branch);
  }
  for (const root of roots) measure(root);
  return roots;
}

function measure(branch: Branch): number {
  branch.size = branch.below.reduce((sum, below) => sum + 1 + measure(below), 0);
  return branch.size;
}

/** The branch of this account, wherever it grows. */
export function find(roots: readonly Branch[], account: AccountId): Branch | null {
  for (const branch of roots) {
    const found = branch.person.account === account ? branch : find(branch.below, account);
    if (found) return found;
  }
  return null;
}

/** Whether an account is this branch's own, or in it. */
export function holds(branch: Branch, account: AccountId): boolean {
  return branch.person.account === account || branch.below.some((below) => holds(below, account));
}

/** Those whose name is searched for, with everyone above them. */
export function narrowed(roots: readonly Branch[], query: string): Branch[] {
  if (query.trim() === "") return [...roots];
  return roots.flatMap((branch) => {
    const below = narrowed(branch.below, query);
    return below.length > 0 || matches(branch.person.name ?? "", query) ? [{ ...branch, below }] : [];
  });
}
