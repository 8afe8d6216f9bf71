/**
 * Commits of this device (docs/protocol.md, section 5.2). The first commit of an epoch wins; whoever comes later processes
 * what was missed and tries again. A refused commit leaves nothing behind.
 */
import { type Bytes, hex, randomBytes } from "../../protocol/bytes.ts";
import { Refusal } from "../../protocol/errors.ts";
import type { Accepted } from "../../protocol/frames.ts";
import { deviceKey } from "../../protocol/ids.ts";
import { CommitRefused, type Mls, type SendCommit } from "../../crypto/mls.ts";
import type { MlsTransaction } from "../../crypto/transaction.ts";
import type { Store } from "../../store/store.ts";
import { Backoff, sleep } from "../../transport/backoff.ts";
import type { Link } from "../../transport/link.ts";
import { type Receiver, RoomChanges, type Self, type Sync } from "../sync/index.ts";
import type { RoomRecord } from "../records/index.ts";
import type { Room, Rooms } from "../rooms/index.ts";

/** How long a commit waits for a connection before nobody knows whether it was accepted. */
const COMMIT_MS = 30_000;
/** How often each refusal is worth another try: the group has moved on, or the server asks for patience. */
const TRIES: Record<string, number> = { stale_epoch: 20, pending_removal: 8, bad_commit: 2, rate_limited: 8, unavailable: 5 };

export interface Attempt {
  /** Makes the commit. False when there is nothing left to do. */
  make(tx: MlsTransaction): Promise<boolean>;
  /** found: makes the group. enter: by external commit. change: by a member. */
  as: "found" | "enter" | "change";
  /** The epoch that the commit is made in. */
  epoch?: number;
  /** A room invite's secret, for an external commit. */
  invite?: Bytes | null;
  /** With an external commit, the log position since which this device should have read: what it cannot is told as lost. */
  since?: number | null;
}

export class Commits {
  constructor(
    private readonly mls: Mls,
    private readonly link: Link,
    private readonly store: Store,
    private readonly rooms: Rooms,
    private readonly receiver: Receiver,
    private readonly sync: Sync,
    private readonly self: Self,
  ) {}

  /** Changes a group that this device is in. Throws Refusal; with `unreachable` it is unknown whether it was changed. */
  async change(room: Room, make: Attempt["make"]): Promise<void> {
    await this.sync.drain(room);
    await this.persist(
      () => room.lock.run(() => this.attempt(room, { make, as: "change" })),
      () => this.sync.refresh(room),
    );
  }

  /** Tries until it is done or hopeless, or refused with `final`; `recover` runs before each further try. */
  async persist(attempt: () => Promise<void>, recover: () => Promise<void>, final: string | null = null): Promise<void> {
    const backoff = new Backoff(100, 5_000);
    for (let tries = 1; ; tries += 1) {
      try {
        await attempt();
        return;
      } catch (error) {
        if (!(error instanceof Refusal) || error.code === final || tries >= (TRIES[error.code] ?? 1)) throw error;
        await sleep(error.detail.retryAfterMs ?? backoff.next());
        await recover();
      }
    }
  }

  /** One try. Needs the room's lock. Throws Refusal. */
  async attempt(room: Room, { make, as, epoch, invite = null, since = null }: Attempt): Promise<void> {
    const id = hex(randomBytes(16));
    const answer: { accepted: Accepted | null; refusal: Refusal | null } = { accepted: null, refusal: null };
    let madeIn = epoch ?? 0;
    const send: SendCommit = async ({ commit, groupInfo, welcome }) => {
      try {
        const frame = { t: "commit", id, room: room.id, epoch: madeIn, commit, group_info: groupInfo, welcome, invite } as const;
        answer.accepted = await this.link.insist(frame, COMMIT_MS);
        return "accepted";
      } catch (error) {
        answer.refusal = error instanceof Refusal ? error : new Refusal("unreachable");
        return { refused: answer.refusal.code };
      }
    };
    let next: RoomRecord | null;
    try {
      next = await this.mls.transaction(async (tx) => {
        if (as === "change") {
          // Put out since it was asked for: the group is gone with the commit that did so.
          if (!(await tx.exists(room.id))) throw new Refusal("not_in_room");
          madeIn = await tx.epoch(room.id);
        }
        const made = await make(tx);
        return made && answer.accepted ? this.#applied(tx, room, answer.accepted, { as, invite, since }) : null;
      }, send);
    } catch (error) {
      throw error instanceof CommitRefused ? (answer.refusal ?? new Refusal("unreachable")) : error;
    }
    if (!next || !answer.accepted) return;
    const { seq } = answer.accepted;
    const again = room.record.state === "joined";
    this.rooms.adopt(room, next);
    // What came before was never meant for this device, unless it was inside all the time: then there are losses to tell.
    if (!again) await this.rooms.advance(room, since ?? seq);
    this.sync.own(room, seq);
    // What came before the room was known here was passed over.
    if (!again) void this.sync.refresh(room);
  }

  /** Writes what the commit did, before core-crypto makes it final. */
  async #applied(tx: MlsTransaction, room: Room, stamp: Accepted, { as, invite, since }: Required<Pick<Attempt, "as" | "invite" | "since">>): Promise<RoomRecord> {
    const changes = new RoomChanges(this.store, this.rooms, room, this.self);
    const after = this.receiver.deviceKeys(await tx.members(room.id));
    const state = await tx.state(room.id);
    if (as !== "change") changes.entered(stamp, state, after, { late: since !== null, unasked: as === "enter" && invite === null });
    if (as !== "enter") {
      const before = as === "change" ? room.record.members : [deviceKey(this.self)];
      changes.committed(stamp, this.self, { before, after, state, alone: false });
    }
    const next = await changes.finish();
    await this.store.write(changes.batch);
    return next;
  }
}
