/** What a person does with their devices: list, name and cut them off, and add one, from either side. */
import { nothing } from "../../protocol/api.ts";
import type { Store } from "../../store/store.ts";
import { Http } from "../../transport/http.ts";
import type { Answers } from "../staff/index.ts";
import {
  type DevicesContract,
  Failure,
  type History,
  type LinkCode,
  type OwnDevice,
  type SignedOut,
} from "../../contract/index.ts";
import { Awaiting, findOffer, type Found, MOST_BYTES, sendTo } from "./linking.ts";
import { named, type People, type Profile, type Rooms } from "../rooms/index.ts";
import { LONGEST_DEVICE_NAME, type OwnDevices } from "../account/index.ts";
import type { Platform } from "../common/index.ts";
import { readSnapshot, type Snapshot, takeSnapshot } from "./snapshot.ts";

/** What is taken of an open profile. */
export interface DevicesProfile {
  readonly http: Http;
  readonly store: Store;
  readonly profile: Profile;
  readonly session: { readonly devices: OwnDevices; readonly people: People; readonly rooms: Rooms; readonly moderation: { readonly answers: Answers } };
}

/** What the engine does for this part of it. */
export interface DevicesHost {
  readonly platform: Pick<Platform, "origin" | "fetch">;
  /** Throws Failure when no profile is open. */
  open(): DevicesProfile;
  /** Where a profile can be made or its PIN be tried. Throws Failure. */
  opening(): { fits(pin: string): Promise<boolean> };
  attempt<T>(work: () => Promise<T>): Promise<T>;
  /** Makes a new profile of it and opens that. */
  restore(snapshot: Snapshot, pin: string): Promise<void>;
  /** Closes the profile and forgets everything here. */
  forget(): Promise<void>;
  signedOut(): SignedOut | null;
}

export class Devices implements DevicesContract {
  #awaiting: { link: Awaiting; stop: AbortController } | null = null;
  /** What came for the new device, until it has become one: the server gives it only once. */
  #snapshot: Snapshot | null = null;
  #found: Found | null = null;

  constructor(private readonly host: DevicesHost) {}

  list(): Promise<OwnDevice[]> {
    return this.#with(async ({ session }) => {
      const devices = await session.devices.look();
      const { names, added } = session.devices;
      const shown = devices.map(({ device, current, created_on: addedOn, last_seen_on: seenOn }): OwnDevice => (
        { device, name: names[device]?.name ?? null, current, added: added.includes(device), addedOn, seenOn }
      ));
      return shown.sort((left, right) => Number(right.current) - Number(left.current));
    });
  }

  added(): number {
    return this.host.open().session.devices.added.length;
  }

  noticed(): Promise<void> {
    return this.#with(({ session }) => session.devices.noticed());
  }

  rename(device: string, name: string): Promise<void> {
    return this.#with(({ session }) => session.devices.rename(device, named(name, LONGEST_DEVICE_NAME)));
  }

  revoke(device: string): Promise<void> {
    return this.#with(async ({ http, profile }) => {
      await http.post(`/me/devices/${device}/revoke`, {}, nothing);
      if (device === profile.value.device) await this.host.forget();
    });
  }

  offer(): Promise<LinkCode> {
    return this.host.attempt(async () => {
      this.cancel();
      this.host.opening();
      const { origin, fetch } = this.host.platform;
      const link = await Awaiting.offer(new Http(origin, fetch), origin);
      this.#awaiting = { link, stop: new AbortController() };
      return link.shown;
    });
  }

  receive({ pin, name }: { pin: string; name: string }): Promise<void> {
    return this.host.attempt(async () => {
      if (!this.#snapshot) {
        if (!this.#awaiting) throw new Failure("expired");
        const { link, stop } = this.#awaiting;
        this.#snapshot = readSnapshot(await link.receive(stop.signal));
        this.#awaiting = null;
      }
      await this.host.restore(this.#snapshot, pin);
      this.#snapshot = null;
      const { profile, session } = this.host.open();
      await session.devices.rename(profile.value.device, named(name, LONGEST_DEVICE_NAME));
    });
  }

  cancel(): void {
    this.#awaiting?.stop.abort();
    this.#awaiting = null;
    this.#snapshot = null;
  }

  readCode(text: string): Promise<{ number: string }> {
    return this.#with(async ({ http }) => {
      this.#found = null;
      this.#found = await findOffer(http, text);
      return { number: this.#found.number };
    });
  }

  send({ history, pin, ownName }: { history: History; pin: string; ownName: string }): Promise<void> {
    return this.#with(async ({ http, store, profile, session }) => {
      const found = this.#found;
      if (!found) throw new Failure("not_found");
      // Somebody who holds the unlocked phone for a moment must not be able to take the whole account with them.
      if (!(await this.host.opening().fits(pin))) throw new Failure("pin_mismatch");
      const { device } = profile.value;
      if (!session.devices.names[device]) await session.devices.rename(device, named(ownName, LONGEST_DEVICE_NAME));
      const source = {
        store, profile: profile.value, people: session.people.all(), rooms: session.rooms.all(), deviceNames: session.devices.names,
        answers: session.moderation.answers.kept,
      };
      await sendTo(http, found, await takeSnapshot(source, history, MOST_BYTES));
      this.#found = null;
    });
  }

  signedOut(): SignedOut | null {
    return this.host.signedOut();
  }

  #with<T>(work: (current: DevicesProfile) => Promise<T>): Promise<T> {
    return this.host.attempt(() => work(this.host.open()));
  }
}
