/** Key packages of people who are to be added: handed out by the server, checked here. */
import { claim as claimBody, type ClaimedPackage } from "../../protocol/api.ts";
import { type Bytes } from "../../protocol/bytes.ts";
import { isRefusal } from "../../protocol/errors.ts";
import { clientId } from "../../protocol/ids.ts";
import { isCertified } from "../../crypto/identity.ts";
import { SUITE } from "../../crypto/core-crypto.ts";
import { keyPackageIdentity } from "../../crypto/mls-wire.ts";
import type { MlsTransaction } from "../../crypto/transaction.ts";
import type { Http } from "../../transport/http.ts";
import type { People } from "../rooms/index.ts";

export interface Addition {
  client: string;
  keyPackage: Bytes;
}

export interface Claimed {
  additions: Addition[];
  /** Accounts of which a device was left out, because its account does not stand behind it. */
  refused: string[];
}

const MOST_ACCOUNTS = 100;

export class Claims {
  constructor(
    private readonly http: Http,
    private readonly people: People,
    private readonly domain: string,
    /** Called with an account for which another identity key was shown than the pinned one. */
    private readonly changed: (account: string) => void,
  ) {}

  /** One key package for each device that is not in the room yet. Those that their account did not certify are left out. */
  async of(room: string, accounts: readonly string[]): Promise<Claimed> {
    const additions: Addition[] = [];
    const refused = new Set<string>();
    for (let i = 0; i < accounts.length; i += MOST_ACCOUNTS) {
      const body = { accounts: accounts.slice(i, i + MOST_ACCOUNTS) };
      const { packages } = await this.http.post(`/rooms/${room}/claim`, body, claimBody);
      for (const found of packages) {
        const client = clientId(found, this.domain);
        // What is handed out for others was not asked for.
        if (!body.accounts.includes(found.account)) continue;
        if (await this.people.met(found.account, found.identity_key)) this.changed(found.account);
        if (await this.#fits(found, client)) additions.push({ client, keyPackage: found.key_package });
        else refused.add(found.account);
      }
    }
    return { additions, refused: [...refused] };
  }

  /** As `of`. Somebody who may not come, as they have gone or are no staff any more, keeps nobody else out. */
  async ofWhoeverMay(room: string, accounts: readonly string[]): Promise<Claimed> {
    const claimed: Claimed = { additions: [], refused: [] };
    try {
      return await this.of(room, accounts);
    } catch (error) {
      if (!isRefusal(error, "not_found", "forbidden")) throw error;
      if (accounts.length <= 1) return claimed;
    }
    for (const account of accounts) {
      const { additions, refused } = await this.ofWhoeverMay(room, [account]);
      claimed.additions.push(...additions);
      claimed.refused.push(...refused);
    }
    return claimed;
  }

  async #fits({ account, device, key_package: keyPackage, identity_key: shown, certificate }: ClaimedPackage, client: string): Promise<boolean> {
    const known = this.people.get(account);
    // While the person has not decided which key to believe, neither adds anyone.
    if (known?.offeredKey) return false;
    try {
      const { suite, signatureKey, clientId: named } = keyPackageIdentity(keyPackage);
      return suite === SUITE && named === client && (await isCertified(known?.identityKey ?? shown, { account, device }, signatureKey, certificate));
    } catch {
      return false;
    }
  }
}

/** Adds those who are not in the group by now. False when all of them are. */
export async function addMissing(tx: MlsTransaction, room: string, additions: readonly Addition[]): Promise<boolean> {
  const members = new Set(await tx.members(room));
  const missing = additions.filter(({ client }) => !members.has(client));
  if (missing.length > 0) await tx.add(room, missing.map(({ keyPackage }) => keyPackage));
  return missing.length > 0;
}
