/** The account's devices by the names that their person gave them. The server knows no names. */
import { object, text } from "../protocol/shape.ts";
import { Batch, type Store } from "../store/store.ts";
import type { Own, OwnItem } from "./own.ts";
import { cleanName } from "./reading.ts";

/** By the device's 16 hex digits. */
export type DeviceNames = Record<string, { name: string; at: number }>;

export const LONGEST_DEVICE_NAME = 40;
const SCOPE = "device-names";
const KIND = "device";
const itemBody = object({ device: text, name: text });

export async function saveDeviceNames(store: Store, names: DeviceNames): Promise<void> {
  await store.write(new Batch().put("meta", await store.scope(SCOPE), names));
}

export async function loadDeviceNames(store: Store): Promise<DeviceNames> {
  return (await store.get<DeviceNames>("meta", await store.scope(SCOPE))) ?? {};
}

export class OwnDevices {
  #names: DeviceNames = {};

  constructor(private readonly store: Store, private readonly own: Own, private readonly changed: () => void) {
    own.on(KIND, (item) => this.#heard(item));
  }

  async load(): Promise<void> {
    this.#names = await loadDeviceNames(this.store);
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
