/** How this device comes into a room: founds it, joins by external commit, or is let in by a Welcome (sections 5.1, 5.3). */
import { groupInfo as groupInfoBody, type GroupInfoBody, room as roomBody, type RoomBody } from "../../protocol/api.ts";
import { type Bytes, equal, hex, randomBytes } from "../../protocol/bytes.ts";
import { isRefusal, Refusal } from "../../protocol/errors.ts";
import type { InboxItem } from "../../protocol/frames.ts";
import { uuidBytes } from "../../protocol/ids.ts";
import { groupInfoGroup } from "../../crypto/mls-wire.ts";
import { type Mls, OrphanWelcome } from "../../crypto/mls.ts";
import type { MlsTransaction } from "../../crypto/transaction.ts";
import type { Store } from "../../store/store.ts";
import type { Http } from "../../transport/http.ts";
import { type Receiver, RoomChanges, type Self, type Sync, type Telling } from "../sync/index.ts";
import type { Addition, Claimed, Claims } from "./claims.ts";
import type { Commits } from "./commits.ts";
import { Failure } from "../../contract/index.ts";
import type { Patience, StaffRoll } from "../trust/index.ts";
import type { RoomRecord } from "../records/index.ts";
import { isOfStaff, type Room, type Rooms } from "../rooms/index.ts";
import { WrongGroup } from "../common/index.ts";

/** So long nothing is tried again with a question that nobody may read yet, unless something is new. */
const NOBODY_YET_MS = 60_000;

export class Entering {
  constructor(
    private readonly http: Http,
    private readonly mls: Mls,
    private readonly store: Store,
    private readonly rooms: Rooms,
    private readonly receiver: Receiver,
    private readonly sync: Sync,
    private readonly commits: Commits,
    private readonly claims: Claims,
    private readonly telling: Telling,
    private readonly patience: Patience,
    private readonly roll: StaffRoll,
    private readonly self: Self,
    private readonly externalSender: Bytes,
    /** How many devices the account has. */
    private readonly ownDevices: () => number,
    /** Called when this device has come into a room. */
    private readonly entered: (room: Room, how: "founded" | "joined" | "rejoined") => void,
  ) {}

  /** Makes the group of a room that the server knows, with the accounts of `founding`. Throws Refusal. */
  async found(room: Room): Promise<void> {
    const { kind } = room.record;
    const { additions, refused } = await this.#firstMembers(room);
    if (kind === "direct" && additions.length === 0 && refused.length > 0) throw new Failure("untrusted");
    try {
      await this.commits.persist(
        () => room.lock.run(() => this.commits.attempt(room, {
          as: "found", epoch: 0, make: (tx) => this.#make(tx, room.id, additions),
        })),
        () => Promise.resolve(),
        "stale_epoch",
      );
    } catch (error) {
      // Somebody founded it first, or an earlier try of ours was accepted without our knowing.
      if (!isRefusal(error, "stale_epoch")) throw error;
      await this.enter(room);
      return;
    }
    await this.leftOut(room, refused);
    this.entered(room, "founded");
  }

  /** Tells of people of whom a device was not added. */
  async leftOut(room: Room, accounts: readonly string[]): Promise<void> {
    if (accounts.length > 0) await this.telling.tell(room, accounts.map((account) => ({ type: "notAdded", account })));
  }

  /** Those the room is made with. The person's own other devices are among them, but for open rooms, which are nobody's yet. */
  async #firstMembers(room: Room): Promise<Claimed> {
    const { id, record: { kind, founding } } = room;
    const own = kind !== "open" && this.ownDevices() > 1 ? [this.self.account] : [];
    const others = isOfStaff(room) ? await this.#confirmed(room) : founding;
    const accounts = [...new Set([...others, ...own])];
    if (accounts.length === 0) return { additions: [], refused: [] };
    // Whoever asked for help did not choose who looks after the network.
    return isOfStaff(room) ? this.claims.ofWhoeverMay(id, accounts) : this.claims.of(id, accounts);
  }

  /** Whom a coordinator has confirmed as staff, and whom the room is for. A question with nobody to read it waits. */
  async #confirmed({ record: { kind, founding, person } }: Room): Promise<string[]> {
    await this.roll.look();
    const accounts = founding.filter((account) => account === person || this.roll.certified(account));
    if (kind === "case" && accounts.length === 0) throw new Refusal("unavailable", { retryAfterMs: NOBODY_YET_MS });
    await this.roll.meet(accounts.filter((account) => account !== person));
    return accounts;
  }

  /**
   * Joins by external commit, or again in place of the own old leaf. What was said after `since` was meant for this device:
   * it is told that it is lost. Throws Refusal.
   */
  async enter(room: Room, { invite = null, since = null }: { invite?: Bytes | null; since?: number | null } = {}): Promise<void> {
    const again = room.active;
    try {
      await this.commits.persist(async () => {
        const info = await this.#groupInfo(room.id, invite);
        await room.lock.run(() => this.commits.attempt(room, {
          as: "enter", epoch: info.epoch, invite, since, make: (tx) => this.#join(tx, room, info),
        }));
      }, () => Promise.resolve());
    } catch (error) {
      if (!isRefusal(error, "room_not_ready") || room.record.kind !== "open") throw error;
      await this.found(room);
      return;
    }
    this.entered(room, again ? "rejoined" : "joined");
  }

  /** Joins again when the group's state is behind for good. Stays outside while the server offers another group than it should. */
  async mend(room: Room): Promise<void> {
    if (room.underway || !room.active || !room.record.broken) return;
    await room.during(async () => {
      if (!(await this.patience.allows(room))) return;
      try {
        await this.enter(room);
      } catch (error) {
        // Without an answer nothing was tried, and nobody had to hear of it.
        if (isRefusal(error, "unreachable", "unavailable", "rate_limited", "quota")) throw error;
        await this.patience.tried(room);
        if (!(error instanceof WrongGroup)) throw error;
        await this.telling.tell(room, [{ type: "odd" }]);
        return;
      }
      await this.patience.tried(room);
    });
  }

  /** Takes a Welcome from the inbox. One that came too late, or for a key package that is used up, is no failure. */
  async welcomed(item: InboxItem): Promise<void> {
    let body: RoomBody;
    try {
      body = await this.http.get(`/rooms/${item.room}`, roomBody);
    } catch (error) {
      // Removed again before this device came to look.
      if (isRefusal(error, "not_found", "forbidden", "not_in_room")) return;
      throw error;
    }
    const room = await this.rooms.ensure(item.room, body.kind);
    await room.during(() => this.#welcomed(room, body, item));
  }

  async #welcomed(room: Room, body: RoomBody, { commitSeq, welcome }: InboxItem): Promise<void> {
    if (room.active && commitSeq <= room.cursor) return;
    try {
      await room.lock.run(() => this.#letIn(room, body.title, commitSeq, welcome));
    } catch (error) {
      if (!(error instanceof OrphanWelcome)) throw error;
      await this.enter(room, { since: commitSeq });
      return;
    }
    // What came while the room was unknown here was passed over.
    void this.sync.refresh(room);
    this.entered(room, "joined");
  }

  async #letIn(room: Room, title: string | null, seq: number, welcome: Bytes): Promise<void> {
    const stamp = { id: hex(randomBytes(16)), seq, time: Date.now() };
    const changes = new RoomChanges(this.store, this.rooms, room, this.self);
    const next = await this.mls.transaction(async (tx): Promise<RoomRecord> => {
      await tx.wipe(room.id);
      if ((await tx.joinWelcome(welcome)) !== room.id) throw new WrongGroup();
      await this.#checkSender(tx, room.id);
      changes.entered(stamp, await tx.state(room.id), this.receiver.deviceKeys(await tx.members(room.id)));
      changes.patch((record) => {
        if (title !== null) record.title = title;
      });
      changes.batch.put("meta", room.scopes.cursor, seq);
      const record = await changes.finish();
      await this.store.write(changes.batch);
      return record;
    });
    this.rooms.adopt(room, next);
    await this.rooms.advance(room, seq);
  }

  async #make(tx: MlsTransaction, room: string, additions: readonly Addition[]): Promise<boolean> {
    await tx.wipe(room);
    await tx.create(room, this.externalSender);
    if (additions.length > 0) await tx.add(room, additions.map(({ keyPackage }) => keyPackage));
    else await tx.update(room);
    return true;
  }

  /** A group never goes back: an older state is one that somebody has kept. */
  async #knownEpoch(tx: MlsTransaction, room: Room): Promise<number> {
    return Math.max(room.record.appliedEpoch, (await tx.exists(room.id)) ? await tx.epoch(room.id) : 0);
  }

  async #join(tx: MlsTransaction, room: Room, info: GroupInfoBody): Promise<boolean> {
    if (groupInfoGroup(info.group_info).epoch < (await this.#knownEpoch(tx, room))) throw new WrongGroup();
    await tx.wipe(room.id);
    await tx.joinExternal(info.group_info);
    await this.#checkSender(tx, room.id);
    return true;
  }

  /** Nobody but the server may propose removals from outside, and only with the key that this device knows. */
  async #checkSender(tx: MlsTransaction, room: string): Promise<void> {
    if (!equal(await tx.externalSender(room), this.externalSender)) throw new WrongGroup();
  }

  async #groupInfo(room: string, invite: Bytes | null): Promise<GroupInfoBody> {
    const info = await this.http.post(`/rooms/${room}/group-info`, invite ? { invite } : {}, groupInfoBody);
    try {
      if (equal(groupInfoGroup(info.group_info).id, uuidBytes(room))) return info;
    } catch {
      // Not a GroupInfo at all.
    }
    throw new Refusal("unavailable");
  }
}
