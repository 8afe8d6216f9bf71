/**
 * Who looks after the network by what coordinators signed (docs/protocol.md, section 2.3). What the server says of roles alone
 * counts for nothing here. The first coordinator is pinned: from the invite, or at first contact.
 */
import type { Identity } from "../../crypto/comparing.ts";
import { firstOf, isSame, type StaffCertificate, staffBy, type Standing } from "../../crypto/staff-certificate.ts";
import { rollBody, type RollBody } from "../../protocol/api-staff.ts";
import { equal } from "../../protocol/bytes.ts";
import { isRefusal } from "../../protocol/errors.ts";
import { Batch, type Store } from "../../store/store.ts";
import type { Http } from "../../transport/http.ts";
import { joined } from "../common/index.ts";
import type { People } from "../rooms/index.ts";

const SCOPE = "staff";

export interface KeptRoll {
  /** Null until the server was asked for the first time. */
  network: string | null;
  /** The first coordinator, and those whom the person believes to have come in their place; the last one is the newest. */
  firsts: Identity[];
  /** Those that count. */
  certificates: StaffCertificate[];
  /** Whom the person does not believe to be the first. */
  refused?: Identity[];
}

export type StaffMember = RollBody["staff"][number];

export async function keepRoll(store: Store, roll: KeptRoll): Promise<void> {
  await store.write(new Batch().put("meta", await store.scope(SCOPE), roll));
}

export async function loadRoll(store: Store): Promise<KeptRoll | null> {
  return store.get<KeptRoll>("meta", await store.scope(SCOPE));
}

export interface RollHooks {
  /** Somebody is certified now who was not, or no longer. */
  changed(): void;
  /** Another identity key was shown for this account than the pinned one. */
  keyChanged(account: string): void;
}

export class StaffRoll {
  #kept: KeptRoll = { network: null, firsts: [], certificates: [] };
  #standing = new Map<string, Standing>();
  /** As the server said last, since the start. */
  #staff: StaffMember[] = [];
  #offered: Identity | null = null;

  constructor(
    private readonly http: Http, private readonly store: Store, private readonly people: People, private readonly me: string,
    private readonly hooks: RollHooks,
  ) {}

  async load(): Promise<void> {
    this.#kept = (await loadRoll(this.store)) ?? this.#kept;
    await this.#judge([]);
  }

  get kept(): Readonly<KeptRoll> {
    return this.#kept;
  }

  /** Whom the server calls staff, in good standing. */
  get staff(): readonly StaffMember[] {
    return this.#staff;
  }

  /** Another first coordinator than the pinned one, whom the person has not decided about. */
  get offered(): Identity | null {
    const { refused = [], firsts } = this.#kept;
    const one = this.#offered;
    return one && firsts.length > 0 && ![...firsts, ...refused].some((known) => equal(known.identityKey, one.identityKey)) ? one : null;
  }

  /** Who is newest of those from whom everybody's standing follows. */
  get first(): Identity | null {
    return this.#kept.firsts.at(-1) ?? null;
  }

  /** Those of the staff who are certified, and not by what this first coordinator alone signed. */
  async notBy(first: Identity): Promise<StaffMember[]> {
    const { network, certificates } = this.#kept;
    if (network === null) return [];
    const { standing } = await staffBy([first], network, certificates);
    return this.#staff.filter(({ account, role }) => account !== first.account && this.#roleOf(account) === role && standing.get(account)?.role !== role);
  }

  /** Takes somebody for the first coordinator from now on, beside those before; or not, and for good. */
  async decideFirst(other: Identity, believe: boolean): Promise<void> {
    const { refused = [] } = this.#kept;
    if (believe) this.#kept = { ...this.#kept, firsts: [...this.#kept.firsts, other] };
    else this.#kept = { ...this.#kept, refused: [...refused, other] };
    await keepRoll(this.store, this.#kept);
    if (believe) await this.refresh();
  }

  /** Whether a coordinator signed that this account, with the key that is pinned here, is staff. */
  certified(account: string): boolean {
    return this.#roleOf(account) !== "member";
  }

  /** Whether what this account signs counts. */
  mayCertify(account: string): boolean {
    return this.#roleOf(account) === "coordinator";
  }

  /** Pins the keys that were signed for these, before the server says any: who is brought in is who was certified. */
  async meet(accounts: readonly string[]): Promise<void> {
    for (const account of accounts) {
      const standing = this.#standing.get(account);
      if (!standing || standing.role === "member" || account === this.me) continue;
      if (await this.people.met(account, standing.identityKey)) this.hooks.keyChanged(account);
    }
  }

  /** Asks the server. Throws Refusal. */
  readonly refresh = joined(() => this.#refresh());

  /** As `refresh`; without an answer, what is known here stands. */
  async look(): Promise<void> {
    try {
      await this.refresh();
    } catch (error) {
      if (!isRefusal(error, "unreachable", "unavailable", "rate_limited", "suspended", "not_found")) throw error;
    }
  }

  async #refresh(): Promise<void> {
    const { network, staff, certificates } = await this.http.get("/staff", rollBody);
    const before = this.#said();
    this.#staff = staff;
    this.#kept = { ...this.#kept, network: this.#kept.network ?? network };
    await this.#judge(certificates.map(({ identity_key: identityKey, issued_at: issuedAt, ...rest }) => ({ ...rest, identityKey, issuedAt })));
    await keepRoll(this.store, this.#kept);
    if (this.#said() !== before) this.hooks.changed();
  }

  /** What was signed stays known: a server cannot take a withdrawal back by not showing it. */
  async #judge(shown: readonly StaffCertificate[]): Promise<void> {
    const { network, firsts: pinned, certificates: known } = this.#kept;
    if (network === null) return;
    const newest = await firstOf(network, shown);
    // One who was certified by those who are believed needs no decision.
    this.#offered = newest && this.mayCertify(newest.account) ? null : newest;
    const firsts = newest && (pinned.length === 0 || this.#isOwn(newest, pinned)) ? [...pinned, newest] : pinned;
    if (firsts.length === 0) return;
    const all = [...known, ...shown.filter((one) => !known.some((other) => isSame(one, other)))];
    const { standing, counting } = await staffBy(firsts, network, all);
    this.#standing = standing;
    this.#kept = { ...this.#kept, network, firsts, certificates: counting };
  }

  /** This very account has begun anew, on another of its devices or this one: its key is its own. */
  #isOwn({ account, identityKey }: Identity, pinned: readonly Identity[]): boolean {
    const own = this.people.get(this.me)?.identityKey;
    return account === this.me && own !== null && own !== undefined && equal(own, identityKey) && !pinned.some((one) => one.account === account);
  }

  #said(): string {
    return [...this.#standing].map(([account, { role }]) => `${account} ${role}`).sort().join();
  }

  #roleOf(account: string): Standing["role"] {
    const standing = this.#standing.get(account);
    const pinned = this.people.get(account)?.identityKey;
    return standing && (!pinned || equal(pinned, standing.identityKey)) ? standing.role : "member";
  }
}
