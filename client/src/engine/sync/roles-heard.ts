/** Follows, through a run of a room's log, what those who look after it say: believed only from them. */
import type { SystemNote } from "../../contract/index.ts";
import type { Stamp } from "../../content/delivery.ts";
import type { RoomRecord } from "../records/index.ts";
import type { RoleRules } from "../../content/role-rules.ts";
import { accountsOf, changesBetween, mayAdd, quietUntil, type Ruled, rulesOf, settleClaim } from "../rooms/index.ts";

/** How many departures are remembered, in case somebody says that they were removals. */
const MOST_GONE = 20;
const MOST_PINS = 20;

/** What is to be shown: new lines, and earlier lines of departures that were removals. */
export interface Said {
  notes: SystemNote[];
  removals: { seq: number; account: string; by: string }[];
}

export class RolesHeard {
  readonly #ruled: Ruled;
  #changed = false;

  constructor(record: RoomRecord) {
    const { kind, members, roles } = structuredClone(record);
    this.#ruled = { kind, members, roles };
  }

  /** What the run made of the room's roles. */
  patch(record: RoomRecord): void {
    if (this.#changed) record.roles = this.#ruled.roles;
  }

  /**
   * True when nothing by this account counts at that time, by the word of those who look after the room. A pause of which
   * the server alone knows says nothing about what was written before it, so it counts where the server takes messages.
   */
  ignores(account: string, { seq, time }: Pick<Stamp, "seq" | "time">): boolean {
    const { said } = this.#ruled.roles;
    return said !== null && said.seq < seq && quietUntil(heardAlone(this.#ruled), account, time) !== null;
  }

  /** Whether the account may do what is left to those who look after the room. */
  trusts(account: string): boolean {
    const { stewards } = rulesOf(this.#ruled);
    // Nobody has said who they are yet.
    return stewards.length === 0 || stewards.includes(account);
  }

  /** Whether the account may bring people into the group at this point of the log. */
  mayAdd(account: string): boolean {
    return mayAdd(this.#ruled, account);
  }

  /** Whether it looks after the room, by name. */
  isSteward(account: string): boolean {
    return rulesOf(this.#ruled).stewards.includes(account);
  }

  /** Somebody says who looks after the room and what the rules are. */
  ruled({ seq, time }: Pick<Stamp, "seq" | "time">, by: string, rules: RoleRules, removed: readonly string[]): Said {
    const nothing: Said = { notes: [], removals: [] };
    const { roles } = this.#ruled;
    const before = rulesOf(this.#ruled);
    // The same run again: what it said is believed, and where it told of removals it tells of them again.
    if (seq === roles.said?.seq) return { notes: [], removals: this.#removed(by, removed) };
    if (seq <= Math.max(roles.said?.seq ?? 0, roles.claim?.seq ?? 0)) return nothing;
    this.#changed = true;
    if (!before.stewards.includes(by)) {
      roles.claim = { ...rules, seq, by };
      return nothing;
    }
    // What somebody new is told first is no news.
    const first = roles.said === null;
    roles.said = { ...rules, seq };
    roles.claim = null;
    return { notes: first ? [] : changesBetween(before, rulesOf(this.#ruled), by, time), removals: this.#removed(by, removed) };
  }

  /** Somebody keeps a message in view, or no longer. True when that counts. */
  pinned(by: string, target: string, pinned: boolean): boolean {
    const { roles } = this.#ruled;
    if (!rulesOf(this.#ruled).stewards.includes(by) || pinned === roles.pins.includes(target)) return false;
    this.#changed = true;
    roles.pins = [...roles.pins.filter((one) => one !== target), ...(pinned ? [target] : [])].slice(-MOST_PINS);
    return true;
  }

  /** A commit changed who is here. Returns, of those who are gone, whom somebody took out. */
  committed(seq: number, before: readonly string[], after: readonly string[]): Map<string, string> {
    const { roles } = this.#ruled;
    const now = accountsOf(after);
    const left = [...accountsOf(before)].filter((account) => !now.has(account));
    const by = new Map(roles.leaving.filter(([account]) => left.includes(account)));
    this.#ruled.members = [...after];
    if (left.length === 0) return by;
    this.#changed = true;
    roles.leaving = roles.leaving.filter(([account]) => !by.has(account));
    const untold = left.filter((account) => !by.has(account)).map((account): [string, number] => [account, seq]);
    roles.gone = [...roles.gone.filter(([, at]) => at !== seq), ...untold].slice(-MOST_GONE);
    settleClaim(this.#ruled);
    return by;
  }

  #removed(by: string, removed: readonly string[]): Said["removals"] {
    const { roles, members } = this.#ruled;
    const here = accountsOf(members);
    return removed.flatMap((account) => {
      const gone = roles.gone.findLast(([one]) => one === account);
      roles.gone = roles.gone.filter(([one]) => one !== account);
      if (gone) return [{ seq: gone[1], account, by }];
      if (here.has(account)) roles.leaving = [...roles.leaving.filter(([one]) => one !== account), [account, by]];
      return [];
    });
  }
}

/** The room without what the server says of it. */
function heardAlone(ruled: Ruled): Ruled {
  return { ...ruled, roles: { ...ruled.roles, server: null } };
}
