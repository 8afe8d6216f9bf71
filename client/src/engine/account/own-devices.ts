/** The account's devices: by the names that their person gave them, which the server does not know, and which of them are new here. */
import { cleanName } from "../../content/characters.ts";
import { ownDevices } from "../../protocol/api.ts";
import { object, text } from "../../protocol/shape.ts";
import { Batch, type Store } from "../../store/store.ts";
import type { Http } from "../../transport/http.ts";
import type { Own, OwnItem } from "./own.ts";

/** By the device's 16 hex digits. */
export type DeviceNames = Record<string, { name: string; at: number }>;

export const LONGEST_DEVICE_NAME = 40;
const SCOPE = "device-names";
const KNOWN = "known-devices";
const KIND = "device";
const itemBody = object({ device: text, name: text });

export type DeviceBody = ReturnType<typeof ownDevices>["devices"][number];

/** Which devices this one has seen, and which of them its person has not been told of. */
interface Known {
  devices: string[];
  added: string[];
}

export async function saveDeviceNames(store: Store, names: DeviceNames): Promise<void> {
  await store.write(new Batch().put("meta", await store.scope(SCOPE), names));
}

export async function loadDeviceNames(store: Store): Promise<DeviceNames> {
  return (await store.get<DeviceNames>("meta", await store.scope(SCOPE))) ?? {};
}

export class OwnDevices {
  #names: DeviceNames = {};
  /** Null on a further device before it first asked: whatever is there then is nothing new. */
  #known: Known | null = null;

  constructor(
    private readonly store: Store, private readonly http: Http, private readonly own: Own, private readonly changed: () => void,
  ) {
    own.on(KIND, (item) => this.#heard(item));
  }

  /** `alone` names this device while it is the account's only one. */
  async load(alone: string | null): Promise<void> {
    this.#names = await loadDeviceNames(this.store);
    this.#known = await this.store.get<Known>("meta", await this.store.scope(KNOWN));
    if (!this.#known && alone !== null) await this.#saveKnown({ devices: [alone], added: [] });
  }

  /** Asks the server for the list. Throws Refusal. */
  async look(): Promise<DeviceBody[]> {
    const { devices } = await this.http.get("/me/devices", ownDevices);
    const there = devices.map(({ device }) => device);
    const { devices: before, added } = this.#known ?? { devices: there, added: [] };
    const fresh = there.filter((device) => !before.includes(device));
    const next = { devices: there, added: [...added, ...fresh].filter((device) => there.includes(device)) };
    if (JSON.stringify(next) !== JSON.stringify(this.#known)) await this.#saveKnown(next);
    return devices;
  }

  /** Devices that have come since the person last looked. */
  get added(): readonly string[] {
    return this.#known?.added ?? [];
  }

  async noticed(): Promise<void> {
    if (this.#known && this.#known.added.length > 0) await this.#saveKnown({ ...this.#known, added: [] });
  }

  async #saveKnown(known: Known): Promise<void> {
    this.#known = known;
    await this.store.write(new Batch().put("meta", await this.store.scope(KNOWN), known));
    this.changed();
  }

  get names(): Readonly<DeviceNames> {
    return this.#names;
  }

  /** `name` as `cleanName` gives it. */
  async rename(device: string, name: string): Promise<void> {
    await this.#keep(device, name, Date.now());
    await this.own.share(KIND, { device, name });
  }

  /** Tells the others what this device is called, as soon as there is a room for it. */
  async introduce(device: string): Promise<void> {
    const known = this.#names[device];
    if (known) await this.own.share(KIND, { device, name: known.name });
  }

  async #heard({ value, at }: OwnItem): Promise<void> {
    const { device, name } = itemBody(value, KIND);
    const clean = cleanName(name, LONGEST_DEVICE_NAME);
    if (clean !== "" && at >= (this.#names[device]?.at ?? 0)) await this.#keep(device, clean, at);
  }

  async #keep(device: string, name: string, at: number): Promise<void> {
    this.#names = { ...this.#names, [device]: { name, at } };
    await saveDeviceNames(this.store, this.#names);
    this.changed();
  }
}
