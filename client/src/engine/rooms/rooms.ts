/** The rooms of this device, in memory and on disk. Memory follows only what has become durable. */
import { SerialQueue } from "../../crypto/queue.ts";
import { Batch, type Store } from "../../store/store.ts";
import type { Emitter } from "../common/index.ts";
import { noJoins, type RoomPrefs, type RoomRecord } from "../records/index.ts";
import { noRoles } from "./rules.ts";

/** Where the room's records lie. */
export interface RoomScopes {
  room: string;
  cursor: string;
  messages: string;
  outbox: string;
}

export class Room {
  /**
   * Held while the room's record or its MLS group changes: by processing entries, by commits, by settling what was sent.
   * Whoever holds it may start an MLS transaction, never the other way round.
   */
  readonly lock = new SerialQueue();
  #underway = 0;

  constructor(
    readonly id: string,
    readonly scopes: RoomScopes,
    public record: RoomRecord,
    public prefs: RoomPrefs,
    /** Up to which seq every entry is processed. */
    public cursor: number,
  ) {}

  /** True while the room is being made or joined. */
  get underway(): boolean {
    return this.#underway > 0;
  }

  /** Marks the room as being made or joined for as long as `work` takes. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    this.#underway += 1;
    try {
      return await work();
    } finally {
      this.#underway -= 1;
    }
  }

  get active(): boolean {
    return this.record.state === "joined";
  }

  get unread(): number {
    return Math.max(0, this.record.counted - this.prefs.read);
  }
}

/** Staff alone may be in it, and in a case's room, or that of a talk, whom it is for. */
export function isOfStaff({ record: { kind } }: Room): boolean {
  return kind === "case" || kind === "notes" || kind === "staff";
}

/** Whether the own pseudonym may travel there: in a case's room only where the person agreed, or helps. */
export function bearsName({ record }: Room): boolean {
  return record.kind !== "case" || record.named === true;
}

/** Where being blocked hides nobody: help, and the work of those who give it, must not end in silence. */
export function showsBlocked({ record }: Room): boolean {
  return record.kind === "case" || record.kind === "staff" || record.kind === "notes";
}

export type RoomPatch = (record: RoomRecord) => void;

export class Rooms {
  readonly #rooms = new Map<string, Room>();
  /** Whether the person has blocked this account. Set by whoever knows. */
  blocked: (account: string) => boolean = () => false;

  constructor(private readonly store: Store, private readonly emitter: Emitter) {}

  /** What this account writes there is hidden from the person, and does not count. */
  hides(room: Room, account: string): boolean {
    return this.blocked(account) && !showsBlocked(room);
  }

  async load(): Promise<void> {
    const records = await this.store.all<RoomRecord>("rooms");
    await Promise.all(records.map(async ({ value }) => {
      const scopes = await this.#scopes(value.id);
      const [prefs, cursor] = await Promise.all([
        this.store.get<RoomPrefs>("prefs", scopes.room), this.store.get<number>("meta", scopes.cursor),
      ]);
      this.#rooms.set(value.id, new Room(value.id, scopes, { ...freshRecord(value.id, value.kind), ...value }, prefs ?? freshPrefs(), cursor ?? value.joinedSeq));
    }));
  }

  get(id: string): Room | null {
    return this.#rooms.get(id) ?? null;
  }

  all(): Room[] {
    return [...this.#rooms.values()];
  }

  /** The room, made if it is not known yet. Nothing is durable before the first `save`. */
  async ensure(id: string, kind: RoomRecord["kind"]): Promise<Room> {
    const known = this.#rooms.get(id);
    if (known) return known;
    const room = new Room(id, await this.#scopes(id), freshRecord(id, kind), freshPrefs(), 0);
    const meanwhile = this.#rooms.get(id);
    if (meanwhile) return meanwhile;
    this.#rooms.set(id, room);
    return room;
  }

  /** Forgets a room, with whatever else the batch holds. */
  async forget(room: Room, batch = new Batch()): Promise<void> {
    this.#rooms.delete(room.id);
    await this.store.write(batch.delete("rooms", room.scopes.room).delete("prefs", room.scopes.room).delete("meta", room.scopes.cursor));
    this.emitter.changed(null);
  }

  /** Adds the changed record to the batch. Memory takes it over by `adopt`, once the batch is durable. Needs the lock. */
  stage(room: Room, batch: Batch, patch: RoomPatch): RoomRecord {
    const next = structuredClone(room.record);
    patch(next);
    batch.put("rooms", room.scopes.room, next);
    return next;
  }

  adopt(room: Room, next: RoomRecord): void {
    room.record = next;
    this.emitter.changed(room.id);
  }

  /** Changes the record, with whatever else the batch holds. Needs the lock. */
  async save(room: Room, patch: RoomPatch, batch = new Batch()): Promise<void> {
    const next = this.stage(room, batch, patch);
    await this.store.write(batch);
    this.adopt(room, next);
  }

  /** As `save`, taking the lock. */
  update(room: Room, patch: RoomPatch): Promise<void> {
    return room.lock.run(() => this.save(room, patch));
  }

  /** Everything up to `seq` is processed and durable. */
  async advance(room: Room, seq: number): Promise<void> {
    if (seq <= room.cursor) return;
    room.cursor = seq;
    await this.store.write(new Batch().put("meta", room.scopes.cursor, seq));
  }

  async savePrefs(room: Room, change: Partial<RoomPrefs>): Promise<void> {
    Object.assign(room.prefs, change);
    await this.store.write(new Batch().put("prefs", room.scopes.room, { ...room.prefs }));
    this.emitter.changed(room.id);
  }

  async #scopes(id: string): Promise<RoomScopes> {
    const [room, cursor, messages, outbox] = await Promise.all(
      ["room", "cursor", "messages", "outbox"].map((name) => this.store.scope(name, id)),
    );
    return { room: room ?? "", cursor: cursor ?? "", messages: messages ?? "", outbox: outbox ?? "" };
  }
}

function freshPrefs(): RoomPrefs {
  return { muted: false, draft: "", read: 0 };
}

function freshRecord(id: string, kind: RoomRecord["kind"]): RoomRecord {
  return {
    id, kind, title: null, titleSeq: 0, state: "creating", founding: [], joinedSeq: 0, joinedEpoch: 0, rejoined: false,
    members: [], roles: noRoles(), joins: noJoins(), broken: false, pendingRemoval: false, doubted: [], peer: null, appliedSeq: 0, appliedEpoch: 0, checks: [], gap: false, renewAt: 0,
    counted: 0, countedTo: 0, last: null, lost: false,
    deliveredTo: 0, at: Date.now(), orphans: [],
  };
}
