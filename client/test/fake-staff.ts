/** The fake network's first coordinator, who has certified all of its staff: the fake server holds their key. */
import { type IdentityKey, makeIdentityKey } from "../src/crypto/identity.ts";
import { type SignedRole, signStaff } from "../src/crypto/staff-certificate.ts";
import { base64url, fromBase64url } from "../src/protocol/bytes.ts";
import { newUuid } from "../src/protocol/ids.ts";
import type { FakeServer } from "./fake-server.ts";

export class FakeCoordinator {
  /** Whom they have not confirmed. */
  readonly unconfirmed = new Set<string>();
  readonly #account = newUuid();
  /** Made once, whoever asks first: those who ask in the same moment pin the same key. */
  #key: Promise<IdentityKey> | null = null;

  async roll({ network, accounts }: FakeServer): Promise<unknown> {
    this.#key ??= makeIdentityKey();
    const key = await this.#key;
    const own = base64url(key.publicKey);
    const staff = [...accounts.values()].filter(({ role }) => role !== "member");
    const confirmed = staff.filter(({ account }) => !this.unconfirmed.has(account));
    const signed = [{ account: this.#account, identityKey: own, role: "coordinator" }, ...confirmed];
    return {
      network: network.id, staff: staff.map(({ account, role, identityKey }) => ({ account, role, identity_key: identityKey })),
      certificates: await Promise.all(signed.map((one) => this.#sign(key, network.id, one))),
    };
  }

  async #sign(key: IdentityKey, network: string, { account, identityKey, role }: { account: string; identityKey: string; role: string }): Promise<unknown> {
    const statement = { account, identityKey: fromBase64url(identityKey), role: role as SignedRole, issuedAt: 1_700_000_000_000 };
    const signature = await signStaff(key, network, statement);
    return { account, identity_key: identityKey, role, issued_at: statement.issuedAt, issuer: this.#account, signature: base64url(signature) };
  }
}
