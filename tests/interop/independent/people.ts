import { fromBase64url, same, type Bytes, type Client } from "./encodings.ts";
import type { AccountInfo, Http } from "./http.ts";
import { isCertified } from "./identity.ts";

/** Whose identity key is whose, and which devices it certified (section 2). The server is asked, and not believed. */
export class People {
  private readonly identities = new Map<string, Bytes>();
  private readonly certified = new Map<string, Bytes>();

  constructor(
    private readonly http: Http,
    private readonly domain: string,
  ) {}

  /** Remembers an identity key that came by another way than the server, as in an invite, or at first contact. False when another one is known. */
  pin(account: string, identityKey: Bytes): boolean {
    const known = this.identities.get(account);
    if (known === undefined) this.identities.set(account, identityKey);
    return known === undefined || same(known, identityKey);
  }

  /** Whether the account's own identity key says that this MLS signature key is its device's. */
  async vouchFor(client: Client, signatureKey: Bytes): Promise<boolean> {
    if (client.domain !== this.domain) return false;
    if (!this.certified.has(device(client))) await this.learn([client.account]);
    const known = this.certified.get(device(client));
    return known !== undefined && same(known, signatureKey);
  }

  async learn(accounts: readonly string[]): Promise<void> {
    for (const info of await this.http.accounts([...new Set(accounts)])) this.take(info);
  }

  private take({ account, identity_key, devices }: AccountInfo): void {
    const identityKey = fromBase64url(identity_key);
    if (!this.pin(account, identityKey)) return;
    for (const { device: hex, signature_key, certificate } of devices) {
      const key = fromBase64url(signature_key);
      if (isCertified(identityKey, account, hex, key, fromBase64url(certificate))) this.certified.set(device({ account, device: hex }), key);
    }
  }
}

function device({ account, device }: Pick<Client, "account" | "device">): string {
  return `${account}:${device}`;
}
