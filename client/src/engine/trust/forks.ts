/**
 * Notices that people were shown different versions of a room (docs/protocol.md, section 5.7). Whoever is in the same epoch
 * has the same history by MLS itself, so what is compared is what two devices remember apart from each other: in a room to
 * which a device came back, and in direct chats about the rooms that both are in.
 */
import { equal } from "../../protocol/bytes.ts";
import type { EpochCheck, RoomChecks } from "../../content/checks-content.ts";
import type { Clock } from "../common/index.ts";
import { accountsIn, type Outbox, type Room, type Rooms } from "../rooms/index.ts";
import type { Comparing, RoomRecord } from "../records/index.ts";
import type { Telling } from "../sync/index.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
/** So much earlier at random, so that people who began together do not tell together. */
const SPREAD = 0.25;
/** Of those who see a difference, one answers for all: each waits so long, times how many people are there, at random. */
const TURN_MS = 5_000;
/** What a device tells of a room that it came back to, and of each that it shares with somebody. */
const MOST_TOLD = 16;
const MOST_SHARED = 8;
const MOST_ROOMS = 50;

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
    let [differs, agrees] = [false, false];
    for (const [id, epochs] of rooms) {
      const about = this.rooms.get(id);
      const both = about && (about === room || (room.record.kind === "direct" && accountsIn(about).includes(from)));
      if (!both || !about.active) continue;
      const same = common(about.record.checks, epochs);
      if (same.every(Boolean)) {
        agrees ||= same.length > 0;
        continue;
      }
      differs = true;
      if (about.record.forked === about.record.joinedSeq) continue;
      await this.telling.tell(about, [{ type: "forked" }], (record) => {
        record.forked = record.joinedSeq;
      });
    }
    await this.rooms.update(room, (record) => {
      const { at, times, seq } = record.comparing ?? this.#begun(record);
      const now = this.clock.now();
      // The other side is to see it as well. What another has told need not be told again.
      if (differs) record.comparing = { at: Math.max(at, now + Math.random() * TURN_MS * accountsIn(room).length), times: Math.max(1, times), seq };
      else if (agrees) record.comparing = { at: Math.max(at, now + DAY_MS), times: 0, seq };
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
      record.comparing = { at: this.clock.now() + DAY_MS * (1 - SPREAD * Math.random()), times, seq: record.last?.seq ?? 0 };
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

/** Of each epoch that both were in by its number, whether it was the same one. */
function common(own: readonly EpochCheck[], theirs: readonly EpochCheck[]): boolean[] {
  return theirs.flatMap(([epoch, check]) => own.filter(([same]) => same === epoch).map(([, known]) => equal(known, check)));
}
