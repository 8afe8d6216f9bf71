/** From a PIN to an open profile: the vault, the store behind it, and joining with an invite. */
import { decode, encode } from "@msgpack/msgpack";
import { type JoinRequest, me as meBody, server as serverBody } from "../protocol/api.ts";
import { equal, hex, ownBytes, randomBytes, sha256 } from "../protocol/bytes.ts";
import { isRefusal, Refusal } from "../protocol/errors.ts";
import { newDevice, newUuid } from "../protocol/ids.ts";
import type { NetworkLink } from "../protocol/links.ts";
import { certify, makeIdentityKey } from "../crypto/identity.ts";
import { Mls } from "../crypto/mls.ts";
import { staffProof } from "../crypto/staff-certificate.ts";
import type { Backend } from "../store/backend.ts";
import { Store } from "../store/store.ts";
import { changePin, makeVault, openVault, type VaultKeys, type VaultRecord } from "../store/vault.ts";
import { Http } from "../transport/http.ts";
import type { Emitter, Platform } from "./common/index.ts";
import { People, Profile } from "./rooms/index.ts";
import { FULL, register, restoreSnapshot, type Snapshot } from "./devices/index.ts";
import { keepRoll } from "./trust/index.ts";

const VAULT = ["vault", 0] as const;

/** What an open profile needs to work. */
export interface Opened {
  store: Store;
  mls: Mls;
  http: Http;
  profile: Profile;
}

/** A joining that the server may or may not have heard of. */
interface Begun extends Opened {
  pin: string;
}

export class Opening {
  #begun: Begun | null = null;

  constructor(private readonly platform: Platform, private readonly backend: Backend, private readonly emitter: Emitter) {}

  async hasProfile(): Promise<boolean> {
    return (await this.#vault()) !== null;
  }

  /** Whether this is the profile's PIN. */
  async fits(pin: string): Promise<boolean> {
    const vault = await this.#vault();
    return vault !== null && (await openVault(vault, pin)) !== null;
  }

  /** Null when the PIN does not fit. Throws Refusal when a joining is still to be finished and the server cannot be asked. */
  async unlock(pin: string): Promise<Opened | null> {
    const vault = await this.#vault();
    const keys = vault && (await openVault(vault, pin));
    if (!keys) return null;
    const store = new Store(this.backend, keys);
    const profile = await Profile.load(store);
    if (!profile) throw new Error("a vault without a profile");
    const opened = await this.#opened(store, keys, profile);
    return profile.value.registering ? this.#register(opened) : profile.value.joining ? this.#finish(opened) : opened;
  }

  /** Throws Refusal. After `unreachable` the same invite can be tried again, and is used once. */
  async join(link: NetworkLink, name: string, pin: string, conductVersion: number): Promise<Opened> {
    const { joining } = this.#begun?.profile.value ?? {};
    if (this.#begun && joining && equal(joining, link.secret)) {
      await this.#continue(this.#begun, name, pin);
    } else {
      this.#begun = { ...(await this.#begin(link, name, pin, conductVersion)), pin };
    }
    const { profile, store } = this.#begun;
    await profile.change({ conduct: { ...profile.value.conduct, version: conductVersion } });
    if (link.first) await keepRoll(store, { network: null, firsts: [link.first], certificates: [] });
    if (link.inviter) {
      const people = new People(store, profile.value.domain);
      await people.met(link.inviter.account, link.inviter.identityKey, link.name);
    }
    const opened = await this.#finish(this.#begun);
    this.#begun = null;
    return opened;
  }

  /**
   * A further device of an account, with what another one or a backup hands on. Throws Refusal. After `unreachable` the same
   * snapshot can be tried again, and makes one device.
   */
  async restore(snapshot: Snapshot, pin: string): Promise<Opened> {
    const begun = this.#begun?.profile.value;
    if (this.#begun && begun?.registering && begun.account === snapshot.account.account) {
      await this.#continue(this.#begun, begun.name, pin);
    } else {
      this.#begun = { ...(await this.#settle(snapshot, pin)), pin };
    }
    const opened = await this.#register(this.#begun);
    this.#begun = null;
    return opened;
  }

  /** Forgets everything on this device. */
  async erase(): Promise<void> {
    this.#begun = null;
    await this.backend.clear();
    await this.platform.destroyKeystores();
  }

  async #settle(snapshot: Snapshot, pin: string): Promise<Opened> {
    this.emitter.emit("joining", "keys");
    const http = new Http(this.platform.origin, this.platform.fetch);
    const { domain } = await http.get("/server", serverBody);
    // An account of another server is none here.
    if (domain !== snapshot.account.domain) throw new Refusal("unauthenticated");
    await this.erase();
    const { record, keys } = await makeVault(pin, this.platform.pinCost);
    const store = new Store(this.backend, keys);
    const profile = await Profile.create(store, {
      ...snapshot.account, device: newDevice(), keystore: hex(randomBytes(8)), token: randomBytes(32), joining: null,
      registering: true, devices: 1, lastResortAt: Date.now(), conduct: { version: 0, agreed: 0, cards: [] },
    });
    await restoreSnapshot(store, snapshot);
    await this.#saveVault(record);
    return this.#opened(store, keys, profile);
  }

  async #register(opened: Opened): Promise<Opened> {
    const { profile, mls, http } = opened;
    this.emitter.emit("joining", "account");
    try {
      const me = await register(http, mls, profile.value);
      await profile.change({ conduct: { ...me.conduct, agreed: me.conduct_version } });
      await profile.refresh(me);
    } catch (error) {
      if (!isRefusal(error, "unreachable", "unavailable", "rate_limited")) await this.#abandon(opened);
      throw error;
    }
    await profile.change({ registering: false });
    this.emitter.emit("joining", "done");
    return opened;
  }

  async #begin({ secret, proof }: NetworkLink, name: string, pin: string, conductVersion: number): Promise<Opened> {
    this.emitter.emit("joining", "keys");
    const http = new Http(this.platform.origin, this.platform.fetch);
    const { domain, external_sender: externalSender } = await http.get("/server", serverBody);
    await this.erase();
    const { record, keys } = await makeVault(pin, this.platform.pinCost);
    const store = new Store(this.backend, keys);
    const account = newUuid();
    const identity = await makeIdentityKey();
    const profile = await Profile.create(store, {
      account, device: newDevice(), domain, keystore: hex(randomBytes(8)), token: randomBytes(32), identity, externalSender,
      staffProof: proof ? await staffProof(proof, { account, identityKey: identity.publicKey }) : null,
      name, role: "member", network: "", conduct: { version: conductVersion, agreed: conductVersion, cards: [] },
      joining: secret, registering: false, devices: 1, lastResortAt: Date.now(),
    });
    await this.#saveVault(record);
    return this.#opened(store, keys, profile);
  }

  /** The same joining once more, with what the person may have changed. */
  async #continue(begun: Begun, name: string, pin: string): Promise<void> {
    await begun.profile.change({ name });
    const vault = await this.#vault();
    const changed = vault && pin !== begun.pin ? await changePin(vault, begun.pin, pin) : null;
    if (changed) await this.#saveVault(changed);
    begun.pin = pin;
  }

  async #finish(opened: Opened): Promise<Opened> {
    const { profile, mls, http } = opened;
    const { account, device, identity, token, joining, conduct, staffProof: proof } = profile.value;
    if (!joining) return opened;
    const packages = await mls.transaction((tx) => tx.keyPackages(FULL + 1));
    const lastResort = packages.pop() ?? new Uint8Array();
    const request: JoinRequest = {
      secret: joining, account, identity_key: identity.publicKey, device, signature_key: mls.signatureKey,
      certificate: await certify(identity, { account, device }, mls.signatureKey),
      token_hash: await sha256(token), conduct_version: conduct.version, key_packages: packages, last_resort: lastResort,
      ...(proof && { staff_proof: proof }),
    };
    this.emitter.emit("joining", "account");
    try {
      await profile.refresh(await http.post("/join", request, meBody));
    } catch (error) {
      // Only without an answer may the account exist.
      if (!isRefusal(error, "unreachable", "unavailable", "rate_limited")) await this.#abandon(opened);
      throw error;
    }
    await profile.change({ joining: null, staffProof: null });
    this.emitter.emit("joining", "done");
    return opened;
  }

  async #abandon({ mls }: Opened): Promise<void> {
    await mls.close();
    await this.erase();
  }

  async #opened(store: Store, keys: VaultKeys, profile: Profile): Promise<Opened> {
    const { account, device, domain, token } = profile.value;
    const library = await this.platform.loadCoreCrypto();
    const keystore = this.platform.keystore(profile.value.keystore, keys.keystore);
    const mls = await Mls.open({ library, keystore, device: { account, device }, domain });
    return { store, mls, profile, http: new Http(this.platform.origin, this.platform.fetch, token) };
  }

  async #vault(): Promise<VaultRecord | null> {
    const data = await this.backend.get("plain", VAULT);
    return data && (decode(data) as VaultRecord);
  }

  async #saveVault(record: VaultRecord): Promise<void> {
    await this.backend.write([{ put: "plain", key: VAULT, data: ownBytes(encode(record)) }]);
  }
}
