/** Accounts, devices, rooms and how they are written (docs/protocol.md, section 1). */
import { type Bytes, fromHex, hex, randomBytes } from "./bytes.ts";

/** A device as others know it: one MLS client of an account. */
export interface DeviceName {
  account: string;
  /** 16 lower-case hex digits. */
  device: string;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const CLIENT_ID = /^([0-9a-f-]{36}):([0-9a-f]{1,16})@(.+)$/;

export function isUuid(text: string): boolean {
  return UUID.test(text);
}

export function newUuid(): string {
  return crypto.randomUUID();
}

/** Throws RangeError when `text` is not a lower-case UUID. */
export function uuidBytes(text: string): Bytes {
  if (!isUuid(text)) throw new RangeError("not a UUID");
  return fromHex(text.replaceAll("-", ""));
}

/** Throws RangeError when `data` is not 16 bytes. */
export function uuidText(data: Uint8Array): string {
  if (data.length !== 16) throw new RangeError("not a UUID");
  const digits = hex(data);
  return [digits.slice(0, 8), digits.slice(8, 12), digits.slice(12, 16), digits.slice(16, 20), digits.slice(20)].join("-");
}

export function newDevice(): string {
  return hex(randomBytes(8));
}

/** The identity in an MLS basic credential: `{account-uuid}:{device-hex without leading zeros}@{domain}`. */
export function clientId(name: DeviceName, domain: string): string {
  return `${name.account}:${name.device.replace(/^0+(?=.)/, "")}@${domain}`;
}

/** Null when `text` is not a client id of this domain. */
export function parseClientId(text: string, domain: string): DeviceName | null {
  const match = CLIENT_ID.exec(text);
  const [, account, device, host] = match ?? [];
  if (!account || !device || host !== domain || !isUuid(account)) return null;
  return { account, device: device.padStart(16, "0") };
}

export function sameDevice(left: DeviceName, right: DeviceName): boolean {
  return left.account === right.account && left.device === right.device;
}

/** One text for a device, to be used as a key. */
export function deviceKey(name: DeviceName): string {
  return `${name.account}:${name.device}`;
}

export function userUri(account: string, domain: string): string {
  return `mimi://${domain}/u/${account}`;
}

export function roomUri(room: string, domain: string): string {
  return `mimi://${domain}/r/${room}`;
}
