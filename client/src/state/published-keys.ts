/**
 * The keys with which this server signs attestations, pinned: each one for good, from when this device first saw it. A key
 * that the server no longer shows goes on to prove what it signed.
 */
import type { Bytes } from "../protocol/bytes.ts";
import { Refusal } from "../protocol/errors.ts";
import { type Keys, NotVerified, publicKeys } from "../crypto/signed.ts";
import { Batch, type Store } from "../store/store.ts";
import type { Http } from "../transport/http.ts";

const KEPT = "attestation keys";

export class PublishedKeys {
  #keys: Map<string, Bytes> | null = null;
  /** Asked for since the start, and not published. */
  readonly #missed = new Set<string>();

  constructor(private readonly http: Http, private readonly store: Store) {}

  /** Every key that this device knows, after asking for those of `ids` that it does not. */
  async with(ids: readonly string[]): Promise<Keys> {
    const keys = await this.#load();
    const unknown = ids.filter((id) => !keys.has(id) && !this.#missed.has(id));
    if (unknown.length === 0) return keys;
    try {
      await this.refresh();
      for (const id of unknown) if (!keys.has(id)) this.#missed.add(id);
    } catch (error) {
      // Without an answer, what they signed is not proven yet.
      if (!(error instanceof Refusal)) throw error;
    }
    return keys;
  }

  /** Asks the server and remembers what is new. Throws Refusal. */
  async refresh(): Promise<void> {
    const keys = await this.#load();
    const before = keys.size;
    // An id is made of its key, so that no other key can ever take its place.
    for (const [id, key] of await this.#published()) keys.set(id, key);
    if (keys.size > before) await this.store.write(new Batch().put("meta", await this.store.scope(KEPT), [...keys]));
  }

  async #published(): Promise<Keys> {
    try {
      return await publicKeys(await this.http.published("kindred-keys.json", (value) => value));
    } catch (error) {
      // Not the server's answer, or none that can be believed: what is pinned stays.
      if (error instanceof NotVerified) throw new Refusal("unavailable");
      throw error;
    }
  }

  async #load(): Promise<Map<string, Bytes>> {
    this.#keys ??= new Map(await this.store.get<[string, Bytes][]>("meta", await this.store.scope(KEPT)));
    return this.#keys;
  }
}
