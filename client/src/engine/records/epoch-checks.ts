/** What a device remembers of the epochs that it was in, so that it can notice a fork (docs/protocol.md, section 5.7). */
import type { EpochCheck } from "../../content/checks-content.ts";
import type { RoomRecord } from "./records.ts";

/** How many epochs of a room a device remembers. */
const MOST_KEPT = 32;
/** How often a device that came back tells the room what it knows, once a day: the server may lose it. */
const TIMES = 3;

/** Keeps what proves that this device was in the epoch. */
export function remember(record: RoomRecord, epoch: number, check: EpochCheck[1]): void {
  record.checks = [...record.checks.filter(([known]) => known !== epoch), [epoch, check] satisfies EpochCheck].slice(-MOST_KEPT);
}

/** This device came in: what it knows from before may be of another version. */
export function compareAfter(record: RoomRecord): void {
  if (record.checks.some(([epoch]) => epoch < record.joinedEpoch)) record.comparing = { at: 0, times: TIMES, seq: record.last?.seq ?? 0 };
}
