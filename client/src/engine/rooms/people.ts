/** The people this device has met: what they call themselves, and the identity keys pinned at first contact. */
import type { AccountBody } from "../../protocol/api.ts";
import { type Bytes, equal } from "../../protocol/bytes.ts";
import { type DeviceName, parseClientId } from "../../protocol/ids.ts";
import { isCertified, thumbprint } from "../../crypto/identity.ts";
import { Batch, type Store } from "../../store/store.ts";
import type { PersonRecord } from "../records/index.ts";

/** certified: by the pinned key. unknown: this device was not looked up yet. wrong: the account did not certify it. */
export type Standing = "certified" | "unknown" | "wrong";

/** A pseudonym that somebody gave themselves at `at`, and the place in the log where they did. */
export interface NameGiven {
  account: string;
  name: string;
  at: number;
  in?: { room: string; seq: number };
}

/** Of each person so many names are kept that moderators can be shown: a threat is to be found again after the next name. */
const MOST_NAMES = 12;

export class People {
  readonly #people = new Map<string, PersonRecord>();
  /** The account of this device: nobody can tell it what its own key is. */
  #own: string | null = null;

  constructor(private readonly store: Store, private readonly domain: string) {}

  /** `own` is pinned whatever the server says: nobody but this device's account can certify further devices of it. */
  async load(own: { account: string; identityKey: Bytes }): Promise<void> {
    for (const { value } of await this.store.all<PersonRecord>("people")) {
      this.#people.set(value.account, { ...stranger(value.account), ...value });
    }
    this.#own = own.account;
    await this.#change([[own.account, (person) => {
      if (person.identityKey && equal(person.identityKey, own.identityKey)) return false;
      person.identityKey = own.identityKey;
      return true;
    }]]);
  }

  get(account: string): PersonRecord | null {
    return this.#people.get(account) ?? null;
  }

  all(): PersonRecord[] {
    return [...this.#people.values()];
  }

  /** What the person calls themselves, said at `at`. */
  async named(names: readonly NameGiven[]): Promise<void> {
    await this.#change(names.map(({ account, name, at, in: place }) => [account, (person) => {
      if (at < person.nameAt || (person.name === name && !person.hearsay)) return false;
      person.name = name;
      person.nameAt = at;
      if (place) person.namesIn = [...(person.namesIn ?? []), place].slice(-MOST_NAMES);
      person.hearsay = false;
      return true;
    }]));
  }

  /** What others say that people are called. Never stands against their own word. */
  async heard(names: readonly (readonly [account: string, name: string])[]): Promise<void> {
    await this.#change(names.map(([account, name]) => [account, (person) => {
      if (person.name === name || (person.name !== null && !person.hearsay)) return false;
      person.name = name;
      person.hearsay = true;
      return true;
    }]));
  }

  /** Pins an identity key at first contact, by a link or by what the server hands out. True when another one is pinned, unasked about so far. */
  async met(account: string, identityKey: Bytes, name: string | null = null): Promise<boolean> {
    let news = false;
    await this.#change([[account, (person) => {
      news = account !== this.#own && showKey(person, identityKey);
      if (person.name === null && name !== null) {
        person.name = name;
        person.hearsay = true;
      }
      return true;
    }]]);
    return news;
  }

  /** What the person holding this device decided about a changed key. False when that is not what there is to decide. */
  async decide(account: string, offered: Bytes, choice: "new" | "old"): Promise<boolean> {
    const open = this.get(account)?.offeredKey;
    if (!open || !equal(open, offered)) return false;
    await this.#change([[account, (person) => {
      if (choice === "new") {
        // Devices that the old key stood behind stay known: it was believed, too.
        person.identityKey = offered;
        person.refusedKey = null;
        person.verified = false;
      } else {
        person.refusedKey = offered;
      }
      person.offeredKey = null;
      return true;
    }]]);
    return true;
  }

  /** What the person decided on another device, between two keys. Null where that is nothing new, or others are known here: then this device asks. */
  async decided(account: string, believed: Bytes, refused: Bytes): Promise<"new" | "old" | null> {
    const { identityKey, offeredKey } = this.get(account) ?? {};
    const among = (key: Bytes) => equal(key, believed) || equal(key, refused);
    if (account === this.#own || !identityKey || !among(identityKey) || (offeredKey && !among(offeredKey))) return null;
    const choice = equal(identityKey, believed) ? "old" : "new";
    if (choice === "old" && !offeredKey) return null;
    await this.#change([[account, (person) => {
      if (choice === "new") person.verified = false;
      Object.assign(person, { identityKey: believed, offeredKey: null, refusedKey: choice === "old" ? refused : null });
      return true;
    }]]);
    return choice;
  }

  blocked(account: string): boolean {
    return this.get(account)?.blocked ?? false;
  }

  async block(account: string, blocked: boolean): Promise<void> {
    await this.#change([[account, (person) => {
      person.blocked = blocked;
      return true;
    }]]);
  }

  async verified(account: string, verified: boolean): Promise<void> {
    await this.#change([[account, (person) => {
      if (person.verified === verified) return false;
      person.verified = verified;
      return true;
    }]]);
  }

  /**
   * Takes over what the server says of accounts, as far as their pinned keys bear it out. Returns those whose identity key
   * is now another than the pinned one, for the first time.
   */
  async learn(bodies: readonly AccountBody[]): Promise<string[]> {
    const news: string[] = [];
    const checked = await Promise.all(bodies.map(async (body) => {
      const pinned = this.get(body.account)?.identityKey ?? body.identity_key;
      const devices = await Promise.all(body.devices.map(async ({ device, signature_key: key, certificate }) =>
        (await isCertified(pinned, { account: body.account, device }, key, certificate))
          ? [{ device, thumbprint: await thumbprint(key) }]
          : []));
      return { body, pinned, devices: devices.flat() };
    }));
    await this.#change(checked.map(({ body, pinned, devices }) => [body.account, (person) => {
      person.identityKey ??= pinned;
      if (body.account !== this.#own && showKey(person, body.identity_key)) news.push(body.account);
      person.role = body.role;
      // A device that was certified once stays so: its messages may still be on their way.
      const known = new Map(person.devices.map((device) => [device.device, device]));
      for (const device of devices) known.set(device.device, device);
      person.devices = [...known.values()];
      return true;
    }]));
    return news;
  }

  /** Whether the account stands behind a device that signs with this key. */
  standing({ account, device }: DeviceName, key: string): Standing {
    const known = this.get(account)?.devices.find((candidate) => candidate.device === device);
    if (!known) return "unknown";
    return known.thumbprint === key ? "certified" : "wrong";
  }

  standingOf(client: string, key: string): Standing {
    const name = parseClientId(client, this.domain);
    return name ? this.standing(name, key) : "wrong";
  }

  async #change(changes: readonly (readonly [account: string, change: (person: PersonRecord) => boolean])[]): Promise<void> {
    const changed = new Map<string, PersonRecord>();
    for (const [account, change] of changes) {
      const person = this.#people.get(account) ?? stranger(account);
      if (!change(person)) continue;
      this.#people.set(account, person);
      changed.set(account, person);
    }
    if (changed.size === 0) return;
    const batch = new Batch();
    for (const person of changed.values()) {
      batch.put("people", await this.store.scope("person", person.account), structuredClone(person));
    }
    await this.store.write(batch);
  }
}

/** True when the key is news that the person has to decide about. A key that was compared is no longer known to be right. */
function showKey(person: PersonRecord, key: Bytes): boolean {
  person.identityKey ??= key;
  const shown = [person.identityKey, person.offeredKey, person.refusedKey];
  if (shown.some((known) => known && equal(known, key))) return false;
  person.offeredKey = key;
  return true;
}

function stranger(account: string): PersonRecord {
  return {
    account, name: null, nameAt: 0, hearsay: false, role: null, identityKey: null, offeredKey: null, refusedKey: null, verified: false, blocked: false,
    devices: [],
  };
}
