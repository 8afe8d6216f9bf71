/** What is gathered of a run of entries before any of it is written: the messages, what happens to the record, what others need to know. */
import type { DeviceName } from "../../protocol/ids.ts";
import { Batch, type Store } from "../../store/store.ts";
import type { RoomChecks } from "../../content/checks-content.ts";
import type { SystemNote } from "../../contract/index.ts";
import type { Stamp } from "../../content/delivery.ts";
import { Ledger, type NameGiven, type Room, type Rooms } from "../rooms/index.ts";
import type { OwnItem } from "../account/index.ts";
import type { RoomRecord } from "../records/index.ts";
import { RolesHeard } from "./roles-heard.ts";

/** What to do once the run is durable. */
export interface Effects {
  /** Pseudonyms that people gave themselves. */
  names: NameGiven[];
  /** Pseudonyms that people gave others. */
  hearsay: [account: string, name: string][];
  /** Accounts that came in by themselves: somebody should tell them names. */
  newcomers: string[];
  /** Somebody else has told newcomers names. */
  introduced: boolean;
  /** What other devices of the account have told this one. */
  own: OwnItem[];
  /** Which epochs others have been in. */
  checks: { from: string; rooms: RoomChecks[] }[];
  /** Other accounts are in the room that were not before. */
  joined: boolean;
  /** Other devices are. */
  arrived: boolean;
}

const MOST_ORPHANS = 50;

export class Gathering {
  readonly batch = new Batch();
  readonly effects: Effects = { names: [], hearsay: [], newcomers: [], introduced: false, joined: false, arrived: false, own: [], checks: [] };
  readonly ledger: Ledger;
  readonly roles: RolesHeard;
  readonly #patches: ((record: RoomRecord) => void)[] = [];

  constructor(
    store: Store,
    readonly rooms: Rooms,
    readonly room: Room,
    readonly me: DeviceName,
  ) {
    this.ledger = new Ledger(store, room, me.account);
    this.roles = new RolesHeard(room.record);
  }

  patch(patch: (record: RoomRecord) => void): void {
    this.#patches.push(patch);
  }

  /** A line in the conversation that nobody wrote. */
  note({ id, seq, time }: Pick<Stamp, "id" | "seq" | "time">, from: string, notes: SystemNote[], order = seq): void {
    if (notes.length === 0) return;
    const body = { type: "system" as const, notes };
    this.ledger.add({ key: id, seq, at: time, from, name: null, id: null, body, inReplyTo: null, changes: [], evidence: null }, order);
    this.patch((record) => {
      record.at = Math.max(record.at, time);
    });
  }

  /** Puts everything into the batch. The record becomes memory's by `rooms.adopt`, once the batch is durable. */
  async finish(): Promise<RoomRecord> {
    await this.ledger.flush(this.batch);
    return this.rooms.stage(this.room, this.batch, (record) => {
      for (const patch of this.#patches) patch(record);
      this.roles.patch(record);
      record.orphans = record.orphans.slice(-MOST_ORPHANS);
    });
  }

  isMe({ account, device }: DeviceName): boolean {
    return account === this.me.account && device === this.me.device;
  }

  /** Another device of this account. */
  isOther({ account, device }: DeviceName): boolean {
    return account === this.me.account && device !== this.me.device;
  }
}
