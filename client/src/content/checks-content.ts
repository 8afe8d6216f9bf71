/** How members tell one another which epochs of a group they have been in (docs/protocol.md, section 5.7). Pure. */
import { binOf, count, list, object, tuple, uuidBin } from "../protocol/shape.ts";
import type { Bytes } from "../protocol/bytes.ts";
import { uuidBytes } from "../protocol/ids.ts";

export const CHECKS_TYPE = "application/vnd.kindred.checks+cbor";

/** An epoch, and what only those who were in it can derive. */
export type EpochCheck = [epoch: number, check: Bytes];

/** Of each room, the epochs that the sender was in. */
export type RoomChecks = [room: string, epochs: EpochCheck[]];

const checksBody = object({ rooms: list(tuple<RoomChecks>(uuidBin, list(tuple<EpochCheck>(count, binOf(16))))) });

/** Throws Malformed. */
export function readChecks(value: unknown): RoomChecks[] {
  return checksBody(value, "checks").rooms;
}

export function checksFields(rooms: readonly RoomChecks[]): object {
  return { rooms: rooms.map(([room, epochs]) => [uuidBytes(room), epochs]) };
}
