/** What the server says by itself, and what it sets off: rooms to catch up with, changes of rooms and account. */
import { type ElsewhereBody, me as meBody, rooms as roomsBody, type RoomBody } from "../protocol/api.ts";
import type { Mls } from "../crypto/mls.ts";
import { Batch, type Store } from "../store/store.ts";
import { sleep } from "../transport/backoff.ts";
import type { Http } from "../transport/http.ts";
import type { Link, Pushed, Ready } from "../transport/link.ts";
import type { Acknowledgements, Inbox, Sync } from "./sync/index.ts";
import type { Casework } from "./cases/index.ts";
import { type Clock, type Emitter, type Errands, oneByOne } from "./common/index.ts";
import type { Entering, Membership, Stewardship } from "./groups/index.ts";
import type { OwnDevices } from "./account/index.ts";
import type { Profile, Room, Rooms, Views } from "./rooms/index.ts";
import { keepKeyPackages } from "./devices/index.ts";

/** How long a room that the server lists and this device does not know may wait for its Welcome. */
const GRACE_MS = 10_000;

export class News {
  constructor(
    private readonly http: Http,
    private readonly mls: Mls,
    private readonly store: Store,
    private readonly link: Link,
    private readonly profile: Profile,
    private readonly emitter: Emitter,
    private readonly rooms: Rooms,
    private readonly sync: Sync,
    private readonly acknowledgements: Acknowledgements,
    private readonly inbox: Inbox,
    private readonly entering: Entering,
    private readonly membership: Membership,
    private readonly views: Views,
    private readonly clock: Clock,
    private readonly devices: OwnDevices,
    private readonly roles: Stewardship,
    private readonly cases: Casework,
    /** What is asked of the server again until there is an answer. */
    private readonly errands: Errands,
    /** Takes care of work that nobody waits for, and that needs no server. */
    private readonly spawn: (work: Promise<unknown>) => void,
    /** Called when this device is in every room of its account that it can be in. */
    private readonly came: () => Promise<void>,
  ) {}

  ready(frame: Ready): void {
    this.inbox.connected();
    for (const { room: id, head, cursor } of frame.rooms) {
      const room = this.rooms.get(id);
      if (!room?.active) continue;
      this.acknowledgements.known(room, cursor);
      this.sync.reaches(room, head);
    }
    // Whoever is suspended has some rooms alone, and the others are not gone for that.
    void this.errands.run("rooms", () => (frame.suspended ? this.#enterMissed(frame) : this.#settleRooms(frame)));
    void this.errands.run("me", () => (frame.suspended ? this.#lookAtMe() : this.#keepKeyPackages(frame.keyPackagesLeft)));
  }

  /** This account may come into the rooms of the staff now. */
  certified(): void {
    if (this.link.state === "online") void this.errands.run("rooms of the staff", async () => this.#comeIn(await this.refresh()));
  }

  /** What has to be done now and then, however long the connection lasts. */
  async upkeep(): Promise<void> {
    if (this.link.state === "online") await this.errands.run("me", async () => this.#keepKeyPackages(await this.#lookAtMe()));
  }

  /** What the server says of the account and its network is kept. The answer is how many key packages are left there. */
  async #lookAtMe(): Promise<number> {
    const me = await this.http.get("/me", meBody);
    await this.profile.refresh(me);
    this.emitter.emit("contacts", null);
    return me.key_packages_left;
  }

  #keepKeyPackages(left: number): Promise<void> {
    return keepKeyPackages(this.http, this.mls, left, this.profile, this.clock);
  }

  pushed(frame: Pushed): void {
    if (frame.t === "inbox") {
      this.inbox.arrived(frame.items);
      return;
    }
    if (frame.t === "account") {
      void (frame.change === "cases" ? this.errands.run("cases", () => this.cases.refresh()) : this.errands.run("account", () => this.#accountChanged()));
      return;
    }
    const room = this.rooms.get(frame.room);
    switch (frame.t) {
      case "entries":
        if (room?.active) this.sync.arrived(room, frame.items);
        return;
      case "delivered":
        if (room) this.spawn(this.#deliveredTo(room, frame.seq));
        return;
      case "room":
        if (room && frame.change === "removed") this.spawn(this.membership.shutOut(room, "removed"));
        void this.errands.run("list", () => this.refresh());
    }
  }

  async #accountChanged(): Promise<void> {
    await this.refresh();
    await this.devices.look();
    this.emitter.emit("devices", null);
  }

  /** Asks for rooms, titles, roles: everything that the log does not tell. */
  async refresh(ready: Ready | null = null): Promise<ElsewhereBody[]> {
    await this.#lookAtMe();
    const inside = this.rooms.all().filter((room) => room.active);
    const { rooms, open, elsewhere } = await this.http.get("/rooms", roomsBody);
    this.views.openRooms = open;
    await this.store.write(new Batch().put("meta", await this.store.scope("open"), open));
    for (const body of rooms) {
      await this.#retitle(body);
      await this.roles.heard(body);
    }
    const listed = new Set([...rooms.map(({ id }) => id), ...(ready?.rooms ?? []).map(({ room }) => room)]);
    // Only those that were there before the server was asked: others may have been joined since.
    if (ready) for (const room of inside) if (!listed.has(room.id)) await this.membership.shutOut(room, "removed");
    this.emitter.changed(null);
    return elsewhere;
  }

  /** Rooms that were being made or joined when this device went away, and those it should know but does not. */
  async #settleRooms(frame: Ready): Promise<void> {
    const elsewhere = await this.refresh(frame);
    await this.inbox.enter(() => this.membership.resume());
    await this.#comeIn(elsewhere);
    await this.#enterMissed(frame);
  }

  /** Rooms that this device is in by the server's word, and whose Welcome does not come. */
  async #enterMissed(frame: Ready): Promise<void> {
    const unknown = frame.rooms.filter(({ room, epoch }) => epoch > 0 && !this.rooms.get(room)?.active);
    if (unknown.length === 0) return;
    await sleep(GRACE_MS);
    await oneByOne(unknown, ({ room, cursor }) => this.inbox.enter(() => this.#enterUnknown(room, cursor)));
  }

  /** Into the rooms of the account's other devices, one by one: what keeps this one out of one of them is no reason for the rest. */
  async #comeIn(elsewhere: readonly ElsewhereBody[]): Promise<void> {
    await this.#forgetLeft(elsewhere);
    await oneByOne(elsewhere, (body) => this.inbox.enter(() => this.membership.comeIn(body)));
    const own = this.rooms.all().some((room) => room.record.kind === "self" && room.active);
    if (this.profile.value.devices > 1 && !own) await this.inbox.enter(() => this.membership.ownRoom());
    await this.came();
  }

  /** Rooms of another device that the person has left since: what was said there stays readable. */
  async #forgetLeft(elsewhere: readonly ElsewhereBody[]): Promise<void> {
    const there = new Set(elsewhere.map(({ id }) => id));
    for (const room of this.rooms.all()) {
      if (room.active || room.record.restored !== true || there.has(room.id)) continue;
      await this.rooms.update(room, (record) => {
        record.restored = false;
      });
    }
  }

  /** What was said there since `since` was meant for this device. A Welcome that came lets it read that; without one it is lost. */
  async #enterUnknown(id: string, since: number): Promise<void> {
    if (this.link.state !== "online" || this.rooms.get(id)?.active || this.inbox.has(id)) return;
    const body = (await this.http.get("/rooms", roomsBody)).rooms.find((room) => room.id === id);
    if (body) await this.entering.enter(await this.rooms.ensure(id, body.kind), { since });
  }

  async #retitle({ id, kind, title }: RoomBody): Promise<void> {
    const room = this.rooms.get(id);
    if (!room?.active || kind !== "open" || room.record.title === title) return;
    await this.rooms.update(room, (record) => {
      record.title = title;
    });
  }

  async #deliveredTo(room: Room, seq: number): Promise<void> {
    if (seq <= room.record.deliveredTo) return;
    await this.rooms.update(room, (record) => {
      record.deliveredTo = Math.max(record.deliveredTo, seq);
    });
  }
}
