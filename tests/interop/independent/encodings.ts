/** The protocol's encodings (docs/protocol.md, section 1). */

export type Bytes = Uint8Array<ArrayBuffer>;

/** A copy with a buffer of its own, whatever the bytes were a view of. */
export function bytes(source: ArrayLike<number>): Bytes {
  return Uint8Array.from(source);
}

export function concat(...parts: readonly Uint8Array[]): Bytes {
  return bytes(Buffer.concat(parts));
}

export function same(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}

export function toBase64url(data: Uint8Array): string {
  return Buffer.from(data).toString("base64url");
}

export function fromBase64url(text: string): Bytes {
  return bytes(Buffer.from(text, "base64url"));
}

export function toHex(data: Uint8Array): string {
  return Buffer.from(data).toString("hex");
}

export function fromHex(text: string): Bytes {
  return bytes(Buffer.from(text, "hex"));
}

export function uuidBytes(uuid: string): Bytes {
  return fromHex(uuid.replaceAll("-", ""));
}

export function uuidText(data: Uint8Array): string {
  return toHex(data).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

export interface Client {
  account: string;
  /** 16 hex digits. */
  device: string;
  domain: string;
}

/** The identity of an MLS credential: the device's hex digits without leading zeros. */
export function clientId({ account, device, domain }: Client): Bytes {
  return bytes(Buffer.from(`${account}:${device.replace(/^0+(?=.)/, "")}@${domain}`));
}

/** Throws where the bytes are not of this form. */
export function readClientId(identity: Uint8Array): Client {
  const parts = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}):((?!0.)[0-9a-f]{1,16})@(.+)$/.exec(Buffer.from(identity).toString());
  const [, account, device, domain] = parts ?? [];
  if (account === undefined || device === undefined || domain === undefined) throw new Error(`Not a client id: ${Buffer.from(identity).toString()}`);
  return { account, device: device.padStart(16, "0"), domain };
}

export function userUri(domain: string, account: string): string {
  return `mimi://${domain}/u/${account}`;
}

export function roomUri(domain: string, room: string): string {
  return `mimi://${domain}/r/${room}`;
}
