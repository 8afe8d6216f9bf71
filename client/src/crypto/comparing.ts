/** Numbers that people compare by eye or voice (docs/protocol.md, section 2). */
import { type Bytes, concat, utf8 } from "../protocol/bytes.ts";
import { uuidBytes } from "../protocol/ids.ts";

export interface Identity {
  account: string;
  /** 32 bytes. */
  identityKey: Bytes;
}

const SAFETY = utf8("Kindred safety number v1");
const ROOM_CHECK = utf8("Kindred room check v1");
const EPOCH_CHECK = utf8("Kindred epoch check v1");
const ZERO = Uint8Array.of(0);
/** Five digits from five bytes: what is left over when dividing favours no number by more than one in ten million. */
const GROUP = 5;
const GROUPS = 6;

/** Twelve groups of five digits, the same whichever of the two asks. */
export async function safetyGroups(one: Identity, other: Identity): Promise<string[]> {
  const [first, second] = one.account < other.account ? [one, other] : [other, one];
  return [...(await identityGroups(first)), ...(await identityGroups(second))];
}

/** Six groups of five digits. `secret`: 32 bytes from the MLS exporter of this epoch. */
export async function roomCheckGroups(room: string, epoch: number, secret: Bytes): Promise<string[]> {
  const number = new Uint8Array(8);
  new DataView(number.buffer).setBigUint64(0, BigInt(epoch));
  return digits(await sha512(concat(ROOM_CHECK, ZERO, uuidBytes(room), number, secret)));
}

/** What only those who were in this epoch of the room can derive; it tells nothing of its keys. 16 bytes. */
export async function epochCheck(room: string, epoch: number, secret: Bytes): Promise<Bytes> {
  const number = new Uint8Array(8);
  new DataView(number.buffer).setBigUint64(0, BigInt(epoch));
  return (await sha512(concat(EPOCH_CHECK, ZERO, uuidBytes(room), number, secret))).slice(0, 16);
}

/** One person's half: six groups of five digits. */
export async function identityGroups({ account, identityKey }: Identity): Promise<string[]> {
  return digits(await sha512(concat(SAFETY, ZERO, uuidBytes(account), identityKey)));
}

function digits(hash: Bytes): string[] {
  return Array.from({ length: GROUPS }, (_, index) => {
    const value = hash.subarray(index * GROUP, (index + 1) * GROUP).reduce((sum, byte) => sum * 256 + byte, 0);
    return String(value % 100_000).padStart(GROUP, "0");
  });
}

async function sha512(data: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest("SHA-512", data));
}
