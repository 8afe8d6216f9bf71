/**
 * What a run of entries does to a room: who comes and goes, what is lost, and, of its messages, what `messages-heard.ts` says.
 * Doing the same run again has the same result, so that a crash between two writes costs nothing.
 */
import { deviceKey, type DeviceName } from "../../protocol/ids.ts";
import type { GroupState } from "../../crypto/transaction.ts";
import type { SystemNote } from "../../contract/index.ts";
import type { Delivery, Stamp } from "../../content/delivery.ts";
import { awaitLeave, cameIn, compareAfter, gone, letIn, remember, type RoomRecord } from "../records/index.ts";
import { Gathering } from "./gathering.ts";
import { MessagesHeard } from "./messages-heard.ts";
import { accountsOf } from "../rooms/index.ts";

/** What a commit made of the group. */
export interface Membership {
  /** The devices before and after it. */
  before: readonly string[];
  after: readonly string[];
  /** The group's state after it. */
  state: GroupState;
  /** It is an external commit: a device came in by itself, or came in again with new keys. */
  alone: boolean;
}

export class RoomChanges extends Gathering {
  readonly #messages = new MessagesHeard(this);
  #lost: Stamp | null = null;
  #odd: Stamp | null = null;

  /** One application entry. */
  delivered(delivery: Delivery): Promise<void> {
    return this.#messages.delivered(delivery);
  }

  /** A commit that was applied, by `by` (null when nobody can tell). */
  committed(
    stamp: Pick<Stamp, "id" | "seq" | "time">, by: DeviceName | null, { before, after: members, state, alone }: Membership,
  ): void {
    const [old, now] = [accountsOf(before), accountsOf(members)];
    const joined = [...now].filter((account) => !old.has(account));
    const left = [...old].filter((account) => !now.has(account));
    // By the rules as they were until then.
    const adds = by !== null && !alone && (by.account === this.me.account || this.roles.mayAdd(by.account));
    const looksAfter = by !== null && this.roles.isSteward(by.account);
    const removers = this.roles.committed(stamp.seq, before, members);
    // Whoever came in again, or with another device, may not know who has come since.
    if (joined.some((account) => account !== this.me.account) || (alone && by && !this.isMe(by))) this.effects.joined = true;
    if (members.some((device) => device !== deviceKey(this.me) && !before.includes(device))) this.effects.arrived = true;
    if (this.room.record.kind === "case" && by && this.isOther(by) && joined.some((account) => account !== this.me.account)) {
      this.patch((record) => {
        record.owed = true;
      });
    }
    const notes: SystemNote[] = [
      ...joined.map((account): SystemNote => ({ type: "joined", account, by: by && by.account !== account ? by.account : null })),
      ...left.map((account): SystemNote => {
        const remover = removers.get(account);
        return remover === undefined ? { type: "left", account, by: null } : { type: "removed", account, by: remover };
      }),
    ];
    // Done again after a crash, it was told the first time.
    if (alone && stamp.seq > this.room.record.appliedSeq && by && before.includes(deviceKey(by))) notes.push({ type: "renewed", account: by.account });
    this.note(stamp, by?.account ?? this.me.account, notes);
    if (by && joined.includes(by.account) && by.account !== this.me.account) this.effects.newcomers.push(by.account);
    this.patch((record) => {
      record.members = [...members];
      if (record.kind === "group") {
        const { joins } = record;
        gone(joins, left);
        for (const account of joined) {
          const may = adds && (looksAfter || !joins.barred.includes(account));
          // Who was not let in themselves lets nobody in yet.
          if (may && (by.account === this.me.account || joins.known.includes(by.account))) letIn(joins, account, true);
          else awaitLeave(joins, account, state.epoch, may ? by.account : null);
        }
      }
      record.pendingRemoval = false;
      record.doubted = record.doubted.filter(({ device }) => members.includes(device));
      record.peer ??= this.#peer([...before, ...members]);
      record.appliedSeq = Math.max(record.appliedSeq, stamp.seq);
      record.appliedEpoch = state.epoch;
      remember(record, state.epoch, state.check);
      // Whoever commits renews their keys by it.
      if (by && this.isMe(by)) record.renewAt = 0;
    });
  }

  /**
   * This device came in, by its own commit or a Welcome, for the first time or again; `late` when it should have been there
   * before, `unasked` when neither its person nor a member had a part in it.
   */
  entered(stamp: Pick<Stamp, "id" | "seq" | "time">, { epoch, check }: GroupState, members: readonly string[], { late = false, unasked = false } = {}): void {
    const again = this.room.record.state === "joined";
    const { account } = this.me;
    const known = this.room.record.restored === true;
    // The server alone may have put it out, to have it come back to other people.
    const before = again || (unasked && this.room.record.removed === true);
    this.note(stamp, account, [again ? { type: "rejoined" } : known ? { type: "linked" } : { type: "joined", account, by: null }]);
    this.patch((record) => {
      record.rejoined = again || late;
      Object.assign(record, {
        state: "joined", members: [...members], joinedSeq: stamp.seq, joinedEpoch: epoch,
        broken: false, pendingRemoval: false, restored: false, gap: false, appliedSeq: stamp.seq, appliedEpoch: epoch, renewAt: 0,
        peer: record.peer ?? record.founding[0] ?? this.#peer(members),
      } satisfies Partial<RoomRecord>);
      compareAfter(record);
      remember(record, epoch, check);
      if (record.kind === "group") cameIn(record.joins, accountsOf(members), epoch, before);
      if (record.kind === "notes" && !again) record.before = members.filter((device) => device !== deviceKey(this.me));
    });
  }

  proposed(): void {
    this.patch((record) => {
      record.pendingRemoval = true;
    });
  }

  /** An entry that this device will never be able to read, though it was meant for it. */
  lost(stamp: Stamp): void {
    this.#lost ??= stamp;
    this.patch((record) => {
      record.lost = true;
    });
  }

  /** Something that no honest server sends: it was not used. Told once for a run, and not again while the group is behind. */
  odd(stamp: Stamp): void {
    if (!this.room.record.broken) this.#odd ??= stamp;
  }

  /** Entries are gone that nobody can bring back. */
  missing(stamp: Stamp): void {
    this.lost(stamp);
    this.patch((record) => {
      record.gap = true;
    });
  }

  /** The group's state is behind for good. */
  broke(): void {
    this.patch((record) => {
      record.broken = true;
    });
  }

  /** This device is out of the room. What moderators were asked ends for everybody: nobody was put out of it. */
  removed(stamp: Pick<Stamp, "id" | "seq" | "time">, type: "left" | "removed", order = stamp.seq): void {
    if (this.room.record.kind !== "case") this.note(stamp, this.me.account, [{ type, account: this.me.account, by: null }], order);
    this.patch((record) => {
      record.state = "left";
      record.removed = type === "removed";
      record.pendingRemoval = false;
      record.broken = false;
    });
  }

  override async finish(): Promise<RoomRecord> {
    const told: [Stamp | null, SystemNote][] = [[this.#lost, { type: "lost" }], [this.#odd, { type: "odd" }]];
    for (const [stamp, note] of told) if (stamp) this.note(stamp, this.me.account, [note]);
    return super.finish();
  }

  #peer(members: readonly string[]): string | null {
    if (this.room.record.kind !== "direct") return null;
    return members.map((device) => device.slice(0, 36)).find((account) => account !== this.me.account) ?? null;
  }
}
