/** What people do with rooms: make, join, add, name, leave. Throws Refusal and Failure. */
import { type ElsewhereBody, nothing, room as roomBody, type RoomBody } from "../../protocol/api.ts";
import { type Bytes, hex, randomBytes } from "../../protocol/bytes.ts";
import { isRefusal } from "../../protocol/errors.ts";
import { newUuid } from "../../protocol/ids.ts";
import type { Mls } from "../../crypto/mls.ts";
import type { ShownInvite } from "../../crypto/room-invite.ts";
import type { Store } from "../../store/store.ts";
import { sleep } from "../../transport/backoff.ts";
import type { Http } from "../../transport/http.ts";
import { RoomChanges, type Self } from "../sync/index.ts";
import { addMissing, type Claims } from "./claims.ts";
import type { Commits } from "./commits.ts";
import { Failure } from "../../contract/index.ts";
import type { Entering } from "./entering.ts";
import { oneByOne } from "../common/index.ts";
import type { Introductions } from "./introductions.ts";
import { type RoomRecord, setOut } from "../records/index.ts";
import type { Removals } from "./removals.ts";
import type { Room, Rooms } from "../rooms/index.ts";
import type { StaffRoll } from "../trust/index.ts";

export class Membership {
  constructor(
    private readonly http: Http,
    private readonly mls: Mls,
    private readonly store: Store,
    private readonly rooms: Rooms,
    private readonly commits: Commits,
    private readonly claims: Claims,
    private readonly removals: Removals,
    private readonly entering: Entering,
    private readonly introductions: Introductions,
    private readonly roll: StaffRoll,
    private readonly self: Self,
  ) {}

  /** Goes on with rooms whose making or joining was cut off, unless they came to nothing. */
  async resume(): Promise<void> {
    await oneByOne(this.rooms.all(), async (room) => {
      // A question that waits for somebody to read it goes on by itself (asking.ts).
      if (room.underway || room.record.person === this.self.account) return;
      if (room.record.state === "creating") await room.during(() => this.#goOn(room));
      else await room.during(() => this.#settle(room));
    });
  }

  /** Nobody waits for it any more: what comes to nothing leaves nothing behind. */
  async #goOn(room: Room): Promise<void> {
    try {
      await this.#resume(room);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      await this.rooms.forget(room);
    }
  }

  async createOpen(title: string): Promise<string> {
    return (await this.#create("open", title, [])).id;
  }

  async createGroup(name: string, accounts: readonly string[]): Promise<string> {
    const room = await this.#create("group", name, accounts);
    // Whoever comes later learns the name from others, but its place in the log from this.
    if (accounts.length === 0) await this.introductions.nameRoom(room, name);
    return room.id;
  }

  /** Says what was left unsaid when the room was made or joined. */
  async #settle(room: Room): Promise<void> {
    await this.introductions.showInvite(room);
    await this.#tellName(room);
  }

  /** Those a group was made with are told its name. Who they are is remembered until that is durable. */
  async #tellName(room: Room): Promise<void> {
    const { kind, title, founding } = room.record;
    if (!room.active || founding.length === 0) return;
    if (kind === "group" && title !== null) {
      await this.introductions.nameRoom(room, title);
      await this.introductions.introduce(room);
    }
    await this.rooms.update(room, (record) => {
      record.founding = [];
    });
  }

  /** The direct chat with this person: the one there is, or a new one. */
  async direct(account: string): Promise<string> {
    const known = this.rooms.all().find(({ record: { kind, state, members, founding } }) =>
      kind === "direct" && state !== "left" && (founding.includes(account) || members.some((device) => device.startsWith(account))));
    if (known?.active) return known.id;
    try {
      const room = known ? await known.during(() => this.#resume(known)) : null;
      return (room ?? (await this.#create("direct", null, [account]))).id;
    } catch (error) {
      if (!isRefusal(error, "direct_exists") || !error.detail.room) throw error;
      return this.#enterMade(error.detail.room, "direct");
    }
  }

  /** A room that other devices of this account are in and this one is not. */
  async comeIn({ id, kind, title }: ElsewhereBody): Promise<void> {
    // Nobody there could say anything while somebody is in whom no coordinator has confirmed.
    if ((kind === "staff" || kind === "notes") && !this.roll.certified(this.self.account)) return;
    const room = await this.rooms.ensure(id, kind);
    if (!room.active && !room.underway) await this.#enter(room, title, () => this.entering.enter(room));
  }

  /** Brings the person's other devices into a room that this one has come into. */
  async bringOthers(room: Room): Promise<void> {
    const { additions } = await this.claims.of(room.id, [this.self.account]);
    if (additions.length === 0) return;
    await this.commits.change(room, (tx) => addMissing(tx, room.id, additions));
    // Only members know what a group is called.
    if (room.record.kind === "group") await this.introductions.introduce(room);
  }

  /**
   * Brings those of these into a case's room who are not in it yet, and whom a coordinator has confirmed as staff; `person` is
   * whom the room is for. Whether this device has added anybody.
   */
  async letIn(room: Room, wanted: readonly string[], person: string | null = null): Promise<boolean> {
    const accounts = wanted.filter((account) => account === person || this.roll.certified(account));
    if (accounts.length === 0) return false;
    await this.roll.meet(accounts);
    await this.removals.finish(room, accounts);
    const { additions, refused } = await this.claims.of(room.id, accounts);
    await this.entering.leftOut(room, refused);
    let added = false;
    if (additions.length > 0) {
      await this.commits.change(room, async (tx) => {
        added = await addMissing(tx, room.id, additions);
        return added;
      });
    }
    return added;
  }

  /** The room in which the devices of this account tell one another things: made by this one, or entered. */
  async ownRoom(): Promise<void> {
    try {
      await this.#create("self", null, []);
    } catch (error) {
      if (!isRefusal(error, "direct_exists") || !error.detail.room) throw error;
      await this.#enterMade(error.detail.room, "self");
    }
  }

  /** The room of the network's staff: made by this device with these accounts, or entered. */
  async staffRoom(accounts: readonly string[]): Promise<string> {
    try {
      return (await this.#create("staff", null, accounts)).id;
    } catch (error) {
      if (!isRefusal(error, "direct_exists") || !error.detail.room) throw error;
      return this.#enterMade(error.detail.room, "staff");
    }
  }

  /** The room of the notes on a case: made with these accounts if the server takes it (`ask`), or entered when there is one. */
  async notesRoom(accounts: readonly string[], ask: (room: string) => Promise<string>): Promise<string> {
    const fresh = newUuid();
    const id = await ask(fresh);
    if (id === fresh) return (await this.#create("notes", null, accounts, id)).id;
    const begun = this.rooms.get(id);
    if (begun?.record.state === "creating" && !begun.underway) await begun.during(() => this.#resume(begun));
    return this.#enterMade(id, "notes");
  }

  /** `empty` when nobody is known to be in it: then the group is still to be made. */
  async joinOpen(id: string, title: string, empty: boolean): Promise<void> {
    const room = await this.rooms.ensure(id, "open");
    if (room.active) return;
    await this.#enter(room, title, empty ? () => this.entering.found(room) : () => this.entering.enter(room));
  }

  /** `presented` is what the server is shown of the invite, `shown` what the group is. */
  async joinByInvite(id: string, presented: Bytes, shown: ShownInvite, name: string | null): Promise<void> {
    const room = await this.rooms.ensure(id, "group");
    if (room.active) return;
    await this.#enter(room, name, async () => {
      // Known before anybody hears of it, so that it is shown whatever happens in between.
      await this.rooms.update(room, (record) => {
        record.invited = shown;
      });
      await this.entering.enter(room, { invite: presented });
      await this.introductions.showInvite(room);
    });
  }

  async add(room: Room, accounts: readonly string[]): Promise<void> {
    await this.removals.finish(room, accounts);
    const { additions, refused } = await this.claims.of(room.id, accounts);
    await this.entering.leftOut(room, refused);
    if (additions.length === 0) throw new Failure(refused.length > 0 ? "untrusted" : "conflict");
    await this.rooms.update(room, ({ joins }) => {
      setOut(joins, accounts);
    });
    await this.commits.change(room, (tx) => addMissing(tx, room.id, additions));
    await this.introductions.introduce(room);
  }

  async rename(room: Room, name: string): Promise<void> {
    if (room.record.kind === "direct") throw new Failure("forbidden");
    if (room.record.kind === "group") {
      await this.introductions.nameRoom(room, name);
      return;
    }
    const { title } = await this.http.post(`/rooms/${room.id}/title`, { title: name }, roomBody);
    await this.rooms.update(room, (record) => {
      record.title = title;
    });
  }

  async leave(room: Room): Promise<void> {
    if (!room.active) return;
    await this.http.post(`/rooms/${room.id}/leave`, {}, nothing);
    await this.shutOut(room, "left");
  }

  /** This device is no longer in the room; what it has stays readable. */
  async shutOut(room: Room, why: "left" | "removed"): Promise<void> {
    await room.lock.run(async () => {
      if (!room.active) return;
      const changes = new RoomChanges(this.store, this.rooms, room, this.self);
      changes.removed({ id: hex(randomBytes(16)), seq: room.cursor, time: Date.now() }, why, room.cursor + 0.5);
      const next = await this.mls.transaction(async (tx): Promise<RoomRecord> => {
        await tx.wipe(room.id);
        const record = await changes.finish();
        await this.store.write(changes.batch);
        return record;
      });
      this.rooms.adopt(room, next);
    });
  }

  /** Comes in; leaves nothing behind when that is refused. */
  #enter(room: Room, title: string | null, enter: () => Promise<void>): Promise<void> {
    return room.during(async () => {
      await this.rooms.update(room, (record) => {
        record.title = title ?? record.title;
      });
      try {
        await enter();
      } catch (error) {
        if (room.record.state === "creating" && !isRefusal(error, "unreachable")) await this.rooms.forget(room);
        throw error;
      }
    });
  }

  async #resume(room: Room): Promise<Room | null> {
    let body: RoomBody;
    try {
      body = await this.http.get(`/rooms/${room.id}`, roomBody);
    } catch (error) {
      if (!isRefusal(error, "not_found", "forbidden", "not_in_room")) throw error;
      await this.rooms.forget(room);
      return null;
    }
    if (body.epoch === 0) await this.entering.found(room);
    else await this.entering.enter(room);
    await this.#settle(room);
    return room;
  }

  /** The room is known here before the server hears of it, so that a crash leaves nothing that nobody remembers. */
  async #create(kind: RoomRecord["kind"], title: string | null, accounts: readonly string[], known: string | null = null): Promise<Room> {
    const room = await this.rooms.ensure(known ?? newUuid(), kind);
    return room.during(async () => {
      await this.rooms.update(room, (record) => {
        record.title = title;
        record.founding = [...accounts];
        // Whoever makes a group looks after it.
        if (kind === "group") record.roles.said = { stewards: [this.self.account], add: "all", muted: [], seq: 0 };
      });
      try {
        const request = { id: room.id, kind, ...(kind === "open" ? { title } : {}), ...(kind === "direct" ? { peer: accounts[0] } : {}) };
        if (known === null) await this.http.post("/rooms", request, roomBody);
        await this.entering.found(room);
      } catch (error) {
        // Whatever it was, unless nobody knows: then the next connection finds out.
        if (!isRefusal(error, "unreachable", "unavailable")) await this.rooms.forget(room);
        throw error;
      }
      await this.#tellName(room);
      return room;
    });
  }

  async #enterMade(id: string, kind: "direct" | "self" | "staff" | "notes"): Promise<string> {
    const room = await this.rooms.ensure(id, kind);
    for (let tries = 0; !room.active; tries += 1) {
      try {
        await this.#enter(room, null, () => this.entering.enter(room));
      } catch (error) {
        // The other person, or device, is making it at this moment.
        if (!isRefusal(error, "room_not_ready") || tries >= 5) throw error;
        await sleep(1_000);
      }
    }
    return id;
  }
}

