/** Key packages of people who are to be added: handed out by the server, checked here. */
import { claim as claimBody, type ClaimedPackage } from "../protocol/api.ts";
import { type Bytes } from "../protocol/bytes.ts";
import { clientId } from "../protocol/ids.ts";
import { isCertified } from "../crypto/identity.ts";
import { SUITE } from "../crypto/core-crypto.ts";
import { keyPackageIdentity } from "../crypto/mls-wire.ts";
import type { MlsTransaction } from "../crypto/transaction.ts";
import type { Http } from "../transport/http.ts";
import type { People } from "./people.ts";

export interface Addition {
  client: string;
  keyPackage: Bytes;
}

const MOST_ACCOUNTS = 100;

export class Claims {
  constructor(private readonly http: Http, private readonly people: People, private readonly domain: string) {}

  /** One key package for each device that is not in the room yet. Those that their account did not certify are left out. */
  async of(room: string, accounts: readonly string[]): Promise<Addition[]> {
    const additions: Addition[] = [];
    for (let i = 0; i < accounts.length; i += MOST_ACCOUNTS) {
      const body = { accounts: accounts.slice(i, i + MOST_ACCOUNTS) };
      const { packages } = await this.http.post(`/rooms/${room}/claim`, body, claimBody);
      for (const found of packages) {
        const client = clientId(found, this.domain);
        if (await this.#fits(found, client)) additions.push({ client, keyPackage: found.key_package });
      }
    }
    return additions;
  }

  async #fits({ account, device, key_package: keyPackage, identity_key: shown, certificate }: ClaimedPackage, client: string): Promise<boolean> {
    const identityKey = this.people.get(account)?.identityKey ?? shown;
    try {
      const { suite, signatureKey, clientId: named } = keyPackageIdentity(keyPackage);
      return suite === SUITE && named === client && (await isCertified(identityKey, { account, device }, signatureKey, certificate));
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
