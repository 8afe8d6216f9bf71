/**
 * Processes a run of a room's log. Plaintext is written inside core-crypto's transaction, and the cursor only after it has
 * committed: after a crash in between, the run comes again and is recognised.
 */
import { APPLICATION, COMMIT, type Entry } from "../../protocol/frames.ts";
import { deviceKey, type DeviceName, parseClientId } from "../../protocol/ids.ts";
import { pad } from "../../crypto/application-data.ts";
import { isExternalCommit } from "../../crypto/mls-wire.ts";
import type { Mls } from "../../crypto/mls.ts";
import type { Outcome } from "../../crypto/outcome.ts";
import type { MlsTransaction } from "../../crypto/transaction.ts";
import type { Store } from "../../store/store.ts";
import { type Membership, RoomChanges } from "./changes.ts";
import { type Delivery, open } from "../../content/delivery.ts";
import type { Effects } from "./gathering.ts";
import type { Outbox, OutboxItem, People, Room, Rooms } from "../rooms/index.ts";
import type { OwnItem } from "../account/index.ts";
import type { RoomRecord } from "../records/index.ts";

export interface Self extends DeviceName {
  domain: string;
}

/** Looks accounts up on the server and checks what they certify. */
export type LookUp = (accounts: readonly string[]) => Promise<void>;

/** The devices of these accounts have to be looked up before the run can be judged. */
class StrangeDevices extends Error {
  constructor(readonly accounts: string[]) {
    super("strange devices");
  }
}

interface Opened {
  entry: Entry;
  outcome: Outcome | { type: "own"; item: OutboxItem } | { type: "skipped" };
  /** With a commit. */
  membership?: Membership;
}

export class Receiver {
  constructor(
    private readonly mls: Mls,
    private readonly store: Store,
    private readonly rooms: Rooms,
    private readonly people: People,
    private readonly outbox: Outbox,
    private readonly self: Self,
    private readonly lookUp: LookUp,
    /** Takes in what other devices of the account have said. */
    private readonly heardOwn: (items: readonly OwnItem[]) => Promise<void>,
  ) {}

  /** Processes the entries, which follow the room's cursor, up to the log position `to`. Needs the room's lock. */
  async receive(room: Room, entries: readonly Entry[], to: number): Promise<Effects | null> {
    let effects: Effects | null = null;
    if (entries.length > 0 && room.active) {
      try {
        effects = await this.#process(room, entries, false);
      } catch (error) {
        if (!(error instanceof StrangeDevices)) throw error;
        await this.lookUp(error.accounts);
        effects = await this.#process(room, entries, true);
      }
    }
    await this.rooms.advance(room, to);
    return effects;
  }

  /** Entries up to `to` are gone from the server, and were never read here. Needs the lock. */
  async missing(room: Room, to: number, id: string): Promise<void> {
    const changes = this.#changes(room);
    changes.missing({ id, seq: to, time: room.record.at, tag: null, frank: null, key: 0 });
    const next = await changes.finish();
    await this.store.write(changes.batch);
    this.rooms.adopt(room, next);
    await this.rooms.advance(room, to);
  }

  #changes(room: Room): RoomChanges {
    return new RoomChanges(this.store, this.rooms, room, this.self);
  }

  async #process(room: Room, entries: readonly Entry[], lookedUp: boolean): Promise<Effects> {
    const changes = this.#changes(room);
    const settled: OutboxItem[] = [];
    let next: RoomRecord | null = null;
    await this.mls.transaction(async (tx) => {
      const opened = await this.#decrypt(tx, room, entries);
      const deliveries = await this.#open(room, opened, lookedUp);
      for (const [index, item] of opened.entries()) {
        const delivery = deliveries[index];
        if (delivery) await changes.delivered(delivery);
        else this.#handle(changes, room, item);
        if (item.outcome.type !== "own") continue;
        settled.push(item.outcome.item);
        this.outbox.stageRemoval(room, item.outcome.item, changes.batch);
      }
      next = await changes.finish();
      await this.store.write(changes.batch);
    });
    for (const item of settled) this.outbox.drop(item);
    if (next) this.rooms.adopt(room, next);
    await this.people.heard(changes.effects.hearsay);
    await this.people.named(changes.effects.names);
    await this.heardOwn(changes.effects.own);
    return changes.effects;
  }

  /** One after another: each message may depend on the one before. */
  async #decrypt(tx: MlsTransaction, room: Room, entries: readonly Entry[]): Promise<Opened[]> {
    const opened: Opened[] = [];
    let members = room.record.members;
    let inside = await tx.exists(room.id);
    for (const entry of entries) {
      const item = this.outbox.find(entry.id);
      if (item?.record.room === room.id) {
        opened.push({ entry, outcome: { type: "own", item } });
        continue;
      }
      const outcome: Opened["outcome"] = inside ? await tx.decrypt(room.id, entry.payload) : { type: "skipped" };
      if (outcome.type !== "commit") {
        opened.push({ entry, outcome });
        continue;
      }
      inside = outcome.active;
      if (!inside) {
        opened.push({ entry, outcome });
        continue;
      }
      const after = this.deviceKeys(await tx.members(room.id));
      opened.push({ entry, outcome, membership: { before: members, after, state: await tx.state(room.id), alone: isExternalCommit(entry.payload) } });
      members = after;
    }
    return opened;
  }

  /** The contents of application messages, side by side. */
  async #open(room: Room, opened: readonly Opened[], lookedUp: boolean): Promise<(Delivery | null)[]> {
    const strange = new Set<string>();
    const deliveries = await Promise.all(opened.map(async ({ entry, outcome }) => {
      if (outcome.type === "own") {
        return open(entry, pad(outcome.item.record.content), this.self, room.id, this.self.domain);
      }
      if (outcome.type !== "application") return null;
      const sender = parseClientId(outcome.sender, this.self.domain);
      if (!sender) return null;
      const delivery = await open(entry, outcome.data, sender, room.id, this.self.domain);
      // Without a pinned key there is nothing yet that a device could contradict.
      const pinned = this.people.get(sender.account)?.identityKey;
      const standing = pinned ? this.people.standing(sender, outcome.thumbprint) : "certified";
      if (standing === "unknown" && !lookedUp) strange.add(sender.account);
      return standing === "certified" ? delivery : { ...delivery, read: null };
    }));
    if (strange.size > 0) throw new StrangeDevices([...strange]);
    return deliveries;
  }

  #handle(changes: RoomChanges, room: Room, { entry, outcome, membership }: Opened): void {
    switch (outcome.type) {
      case "commit":
        if (!outcome.active) {
          changes.removed({ id: entry.id, seq: entry.seq, time: entry.time }, "removed");
        } else if (membership) {
          changes.committed(entry, parseClientId(outcome.by, this.self.domain), membership);
        }
        return;
      case "proposal":
        changes.proposed();
        return;
      case "refused":
        changes.odd(entry);
        return;
      case "ownCommitLost":
        changes.broke();
        return;
      case "ahead":
      case "unreadable":
      case "tooOld":
      case "duplicate":
        this.#unread(changes, room, entry, outcome.type);
        return;
      default:
        return;
    }
  }

  #unread(changes: RoomChanges, room: Room, entry: Entry, outcome: "ahead" | "unreadable" | "tooOld" | "duplicate"): void {
    const { joinedEpoch, joinedSeq, rejoined, appliedSeq, gap } = room.record;
    if (entry.kind === COMMIT) {
      // A commit of the past is harmless where this device has processed it; in another place it was put there again.
      if (entry.seq <= Math.max(joinedSeq, appliedSeq)) return;
      if (!gap) changes.odd(entry);
      // One that should have applied and did not leaves the group behind for good.
      if (outcome === "ahead" || outcome === "unreadable") changes.broke();
      return;
    }
    const beforeJoining = entry.epoch < joinedEpoch || entry.seq <= joinedSeq;
    if (outcome === "ahead" && !beforeJoining) changes.broke();
    if (entry.kind !== APPLICATION || outcome === "duplicate" || (beforeJoining && !rejoined)) return;
    if (outcome === "unreadable" && !beforeJoining && !gap) changes.odd(entry);
    else changes.lost(entry);
  }

  deviceKeys(clients: readonly string[]): string[] {
    return clients.flatMap((client) => {
      const name = parseClientId(client, this.self.domain);
      return name ? [deviceKey(name)] : [];
    });
  }
}
