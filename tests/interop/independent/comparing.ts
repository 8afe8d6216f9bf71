/** The numbers that people compare (docs/protocol.md, section 2). */
import { createHash } from "node:crypto";
import { concat, type Bytes } from "./encodings.ts";

const zero = Buffer.from([0]);

/** `account` as 16 bytes; the lesser account comes first. */
export function safetyNumber(people: readonly { account: Bytes; identityKey: Bytes }[]): string[] {
  const sorted = [...people].sort((one, other) => Buffer.compare(one.account, other.account));
  return sorted.flatMap(({ account, identityKey }) => groups(concat(Buffer.from("Kindred safety number v1"), zero, account, identityKey)));
}

/** `exported` is what the MLS exporter gives for the label "exporter", an empty context and 32 bytes. */
export function checkNumber(room: Bytes, epoch: number, exported: Uint8Array): string[] {
  const number = Buffer.alloc(8);
  number.writeBigUInt64BE(BigInt(epoch));
  return groups(concat(Buffer.from("Kindred room check v1"), zero, room, number, exported));
}

function groups(data: Bytes): string[] {
  const hash = createHash("sha512").update(data).digest();
  return [0, 1, 2, 3, 4, 5].map((group) => String(hash.readUIntBE(5 * group, 5) % 100_000).padStart(5, "0"));
}
