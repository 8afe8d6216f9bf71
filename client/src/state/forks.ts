/**
 * Notices that people were shown different versions of a room (docs/protocol.md, section 5.7). Whoever is in the same epoch
 * has the same history by MLS itself, so what is compared is what two devices remember apart from each other: in a room to
 * which a device came back, and in direct chats about the rooms that both are in.
 */
import { equal } from "../protocol/bytes.ts";
import type { EpochCheck, RoomChecks } from "./checks-content.ts";
import type { Clock } from "./clock.ts";
import type { Outbox } from "./outbox.ts";
import type { RoomRecord } from "./records.ts";
import type { Room, Rooms } from "./rooms.ts";
import type { Telling } from "./telling.ts";
import { accountsIn } from "./views.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
/** A quarter earlier or later, so that nobody's message is known by its time. */
const SPREAD = 0.25;
/** What a device keeps of a room, and tells of one that it came back to, and of each that it shares with somebody. */
const MOST_KEPT = 64;
const MOST_TOLD = 16;
const MOST_SHARED = 8;
const MOST_ROOMS = 50;
/** How often a device that came back tells the room what it knows, once a day: the server may lose it. */
const TIMES = 3;

/** When this device tells the room next, by its clock, and how often it does so without being in conversation there. */
export interface Comparing {
  at: number;
  times: number;
  /** The newest text there when it told last. */
  seq: number;
}

/** Keeps what proves that this device was in the epoch. */
export function remember(record: RoomRecord, epoch: number, check: EpochCheck[1]): void {
  record.checks = [...record.checks.filter(([known]) => known !== epoch), [epoch, check] satisfies EpochCheck].slice(-MOST_KEPT);
}

/** This device came in: what it knows from before may be of another version. */
export function compareAfter(record: RoomRecord): void {
  if (record.checks.some(([epoch]) => epoch < record.joinedEpoch)) record.comparing = { at: 0, times: TIMES, seq: record.last?.seq ?? 0 };
}

export class Forks {
  constructor(
    private readonly rooms: Rooms,
    private readonly outbox: Outbox,
    private readonly telling: Telling,
    private readonly clock: Clock,
    private readonly account: string,
    private readonly pump: (room: Room) => void,
  ) {}

  /** Tells what is due: at most once a day in a room, and only after coming back or in a direct chat in which this person wrote. */
  async look(): Promise<void> {
    for (const room of this.rooms.all()) if (this.#isDue(room)) await this.#tell(room);
  }

  /** Somebody says which epochs of which rooms they have been in. */
  async heard(room: Room, from: string, rooms: readonly RoomChecks[]): Promise<void> {
    let differs = false;
    for (const [id, epochs] of rooms) {
      const about = this.rooms.get(id);
      const both = about && (about === room || (room.record.kind === "direct" && accountsIn(about).includes(from)));
      if (!both || !about.active || !isOther(about.record.checks, epochs)) continue;
      differs = true;
      if (about.record.forked === about.record.joinedSeq) continue;
      await this.telling.tell(about, [{ type: "forked" }], (record) => {
        record.forked = record.joinedSeq;
      });
    }
    await this.rooms.update(room, (record) => {
      const { at, times, seq } = record.comparing ?? this.#begun(record);
      // The other side is to see it as well; where all is well, one of two is enough for a day.
      if (differs) record.comparing = { at, times: Math.max(1, times), seq };
      else if (times === 0) record.comparing = { at: Math.max(at, this.clock.now() + DAY_MS), times, seq };
    });
  }

  #isDue({ active, record }: Room): boolean {
    const { at, times, seq } = record.comparing ?? this.#begun(record);
    if (!active || record.broken || this.clock.now() < at) return false;
    const wrote = record.kind === "direct" && record.last?.from === this.account && record.last.seq > seq;
    return times > 0 || wrote;
  }

  #begun({ last }: RoomRecord): Comparing {
    return { at: 0, times: 0, seq: last?.from === this.account ? last.seq - 1 : (last?.seq ?? 0) };
  }

  async #tell(room: Room): Promise<void> {
    const rooms = this.#known(room);
    if (rooms.length > 0) await this.outbox.add(room, { type: "checks", rooms });
    await this.rooms.update(room, (record) => {
      const times = Math.max(0, (record.comparing?.times ?? 0) - 1);
      record.comparing = { at: this.clock.now() + DAY_MS * (1 - SPREAD + 2 * SPREAD * Math.random()), times, seq: record.last?.seq ?? 0 };
    });
    this.pump(room);
  }

  /** Of this room, and in a direct chat of those in which both are. */
  #known(room: Room): RoomChecks[] {
    const own: RoomChecks = [room.id, room.record.checks.slice(-MOST_TOLD)];
    const { kind, peer } = room.record;
    if (kind !== "direct" || peer === null) return [own];
    const shared = this.rooms.all().filter((other) => other !== room && other.active && (other.record.kind === "open" || other.record.kind === "group") && accountsIn(other).includes(peer));
    return [own, ...shared.slice(0, MOST_ROOMS).map((other): RoomChecks => [other.id, other.record.checks.slice(-MOST_SHARED)])];
  }
}

/** They were in an epoch of the same number, and it was another one. */
function isOther(own: readonly EpochCheck[], theirs: readonly EpochCheck[]): boolean {
  return theirs.some(([epoch, check]) => own.some(([same, known]) => same === epoch && !equal(known, check)));
}
