/** A coordinator's part in who is staff: their app signs it, at once for who came by an invite made in it, else when they say so. */
import { type Identity, identityGroups } from "../../crypto/comparing.ts";
import { type SignedRole, signStaff, staffProof } from "../../crypto/staff-certificate.ts";
import { nothing, server as serverBody } from "../../protocol/api.ts";
import { type Bytes, equal, randomBytes } from "../../protocol/bytes.ts";
import { isRefusal } from "../../protocol/errors.ts";
import { Batch, type Store } from "../../store/store.ts";
import type { Http } from "../../transport/http.ts";
import { Failure, type NewFirst, type Role, type Unconfirmed, type WaitsForWord } from "../../contract/index.ts";
import type { People, Profile } from "../rooms/index.ts";
import type { StaffMember, StaffRoll } from "./staff-roll.ts";

const INVITES = "staff invites";
/** Who joined on an invite's last day is still known by it when this device comes back later. */
const KEPT_MS = 90 * 86_400_000;

interface StaffInvite {
  proof: Bytes;
  role: Role;
  uses: number;
  /** The accounts that came by it. */
  came: string[];
  until: number;
}

export class Certifying {
  constructor(
    private readonly http: Http, private readonly store: Store, private readonly roll: StaffRoll, private readonly people: People,
    private readonly profile: Profile, private readonly nameOf: (account: string) => string | null,
  ) {}

  /** Remembers an invite to look after the network, and gives what its link is to carry. */
  async invited(role: Role, uses: number, until: number): Promise<Bytes> {
    const proof = randomBytes(16);
    await this.#keep([...(await this.#invites()), { proof, role, uses, came: [], until }]);
    return proof;
  }

  /** Signs what needs no question. Throws Refusal. */
  async attend(): Promise<void> {
    if (this.profile.value.role !== "coordinator") return;
    const { account, identity } = this.profile.value;
    const self: Identity = { account, identityKey: identity.publicKey };
    if (this.roll.first === null) await this.#begin(self);
    // Whom those before have certified is so to everybody who knows this one alone.
    if (this.roll.first?.account === account) for (const one of await this.roll.notBy(self)) await this.#sign(this.#known(one), one.role);
    for (const one of this.#waiting()) {
      const invite = await this.#inviteOf(one);
      if (!invite) continue;
      await this.#came(invite, one.account);
      await this.#sign(this.#known(one), one.role);
    }
  }

  async unconfirmed(): Promise<Unconfirmed[]> {
    const found: Unconfirmed[] = [];
    for (const one of this.#waiting()) {
      // Signed without a question, at this moment or when there is an answer again.
      if (await this.#inviteOf(one)) continue;
      found.push({
        account: one.account, name: this.nameOf(one.account), role: one.role === "coordinator" ? "coordinator" : "moderator",
        number: await identityGroups(this.#known(one)),
      });
    }
    return found;
  }

  async decide(account: string, role: SignedRole): Promise<void> {
    const found = this.#waiting().find((one) => one.account === account && (role === "member" || one.role === role));
    // Somebody else decided meanwhile, or the server says something else than was shown.
    if (!found) throw new Failure("conflict");
    await this.#sign(this.#known(found), role);
  }

  async newFirst(): Promise<NewFirst | null> {
    const { offered } = this.roll;
    return offered && { account: offered.account, name: this.nameOf(offered.account), number: await identityGroups(offered) };
  }

  async decideFirst(account: string, believe: boolean): Promise<void> {
    const { offered } = this.roll;
    if (offered?.account !== account) throw new Failure("conflict");
    await this.roll.decideFirst(offered, believe);
  }

  /** Of this account, for its person to read out. Null while there is nothing to wait for. */
  async waiting(): Promise<WaitsForWord | null> {
    const { account, identity, role } = this.profile.value;
    if (role === "member" || this.roll.certified(account)) return null;
    const alone = role === "coordinator" && this.roll.first !== null && !this.roll.staff.some((one) => this.roll.mayCertify(one.account));
    return { number: await identityGroups({ account, identityKey: identity.publicKey }), alone };
  }

  /** A coordinator whom nobody is left to confirm begins anew; everybody else decides whether to believe them. */
  async beginAnew(): Promise<void> {
    const { account, identity, role } = this.profile.value;
    if (role !== "coordinator" || this.roll.certified(account)) throw new Failure("conflict");
    await this.#sign({ account, identityKey: identity.publicKey }, "coordinator");
    await this.attend();
  }

  /** With nobody before them they are the first, from whom all others' standing follows. */
  async #begin(self: Identity): Promise<void> {
    try {
      await this.#sign(self, "coordinator");
    } catch (error) {
      // Somebody else was the first: they confirm this one.
      if (!isRefusal(error, "forbidden")) throw error;
      await this.roll.refresh();
    }
  }

  #waiting(): StaffMember[] {
    const { account } = this.profile.value;
    if (!this.roll.mayCertify(account)) return [];
    return this.roll.staff.filter((one) => one.role !== "member" && one.account !== account
      && (!this.roll.certified(one.account) || (one.role === "coordinator" && !this.roll.mayCertify(one.account))));
  }

  /** With the key that is pinned here, where one is: the server cannot have another one signed. */
  #known({ account, identity_key: shown }: StaffMember): Identity {
    return { account, identityKey: this.people.get(account)?.identityKey ?? shown };
  }

  /** The invite of this app that somebody came by. */
  async #inviteOf({ account, role, proof, ...one }: StaffMember): Promise<StaffInvite | null> {
    if (!proof) return null;
    for (const invite of await this.#invites()) {
      if (invite.role !== role || (invite.came.length >= invite.uses && !invite.came.includes(account))) continue;
      if (equal(proof, await staffProof(invite.proof, this.#known({ account, role, proof, ...one })))) return invite;
    }
    return null;
  }

  async #came({ proof, came }: StaffInvite, account: string): Promise<void> {
    if (came.includes(account)) return;
    await this.#keep((await this.#invites()).map((one) => (equal(one.proof, proof) ? { ...one, came: [...came, account] } : one)));
  }

  async #sign({ account, identityKey }: Identity, role: SignedRole): Promise<void> {
    const { network } = this.roll.kept;
    if (network === null) throw new Failure("conflict");
    const { time: issuedAt } = await this.http.get("/server", serverBody);
    const signature = await signStaff(this.profile.value.identity, network, { account, identityKey, role, issuedAt });
    await this.http.post("/staff/certificates", { account, identity_key: identityKey, role, issued_at: issuedAt, signature }, nothing);
    await this.roll.refresh();
  }

  async #invites(): Promise<StaffInvite[]> {
    const kept = (await this.store.get<StaffInvite[]>("meta", await this.store.scope(INVITES))) ?? [];
    return kept.filter(({ until }) => until + KEPT_MS > Date.now());
  }

  async #keep(invites: readonly StaffInvite[]): Promise<void> {
    await this.store.write(new Batch().put("meta", await this.store.scope(INVITES), [...invites]));
  }
}
