/**
 * The keys with which this server signs attestations, pinned: each one for good, from when this device first saw it. A key
 * that the server no longer shows goes on to prove what it signed, and one that was replaced what was shown until then.
 */
import type { Bytes } from "../../protocol/bytes.ts";
import { Refusal } from "../../protocol/errors.ts";
import { inUse, type Keys, type KeySet, NotVerified, publishedKeys } from "../../crypto/signed.ts";
import { Batch, type Store } from "../../store/store.ts";
import type { Http } from "../../transport/http.ts";

const KEPT = "attestation keys";

interface Pinned {
  key: Bytes;
  /** In seconds since 1970 UTC; null while the server signs with it. */
  until: number | null;
}

export class PublishedKeys {
  #keys: Map<string, Pinned> | null = null;
  /** Asked for since the start, and not published. */
  readonly #missed = new Set<string>();

  constructor(private readonly http: Http, private readonly store: Store) {}

  /** Every key that this device knows, after asking for those of `ids` that it does not. */
  async with(ids: readonly string[]): Promise<Keys> {
    const keys = await this.#load();
    await this.#ask(ids.filter((id) => !keys.has(id) && !this.#missed.has(id)));
    return keysAmong(keys, () => true);
  }

  /** Those of them that were in use at a time (ms since 1970 UTC) of the server's: another one may be copied, and proves nothing new. */
  async inUse(at: number): Promise<Keys> {
    return keysAmong(await this.#load(), (key) => inUse({ since: 0, until: key.until }, at / 1000));
  }

  async #ask(unknown: readonly string[]): Promise<void> {
    if (unknown.length === 0) return;
    const keys = await this.#load();
    try {
      await this.refresh();
      for (const id of unknown) if (!keys.has(id)) this.#missed.add(id);
    } catch (error) {
      // Without an answer, what they signed is not proven yet.
      if (!(error instanceof Refusal)) throw error;
    }
  }

  /** Asks the server and remembers what is new. Throws Refusal. */
  async refresh(): Promise<void> {
    const keys = await this.#load();
    let news = false;
    // An id is made of its key, so that no other key can ever take its place; and what was replaced stays so.
    for (const [id, { key, until }] of await this.#published()) {
      const known = keys.get(id);
      if (known && (known.until !== null || until === null)) continue;
      keys.set(id, { key, until });
      news = true;
    }
    if (news) await this.store.write(new Batch().put("meta", await this.store.scope(KEPT), [...keys]));
  }

  async #published(): Promise<KeySet> {
    try {
      return await publishedKeys(await this.http.published("kindred-keys.json", (value) => value));
    } catch (error) {
      // Not the server's answer, or none that can be believed: what is pinned stays.
      if (error instanceof NotVerified) throw new Refusal("unavailable");
      throw error;
    }
  }

  async #load(): Promise<Map<string, Pinned>> {
    this.#keys ??= new Map(await this.store.get<[string, Pinned][]>("meta", await this.store.scope(KEPT)));
    return this.#keys;
  }
}

function keysAmong(pinned: ReadonlyMap<string, Pinned>, which: (key: Pinned) => boolean): Keys {
  return new Map([...pinned].flatMap(([id, key]) => (which(key) ? [[id, key.key] as const] : [])));
}
