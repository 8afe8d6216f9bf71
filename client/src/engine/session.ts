/** An open profile: everything that works together while the keys are in memory. */
import { Refusal } from "../protocol/errors.ts";
import type { Mls } from "../crypto/mls.ts";
import { Batch, type Store } from "../store/store.ts";
import { Backoff, sleep } from "../transport/backoff.ts";
import type { Http } from "../transport/http.ts";
import { Link, type Refused } from "../transport/link.ts";
import { Acknowledgements, type Effects, Inbox, type Self } from "./sync/index.ts";
import { Appointments, Hinting, type HintSources } from "./network/index.ts";
import { BackupKeeper } from "./recovery/index.ts";
import { type Clock, type Emitter, Errands, type Platform, systemClock } from "./common/index.ts";
import { Conversation } from "./messages/index.ts";
import { Groups } from "./groups.ts";
import { type Introductions, LOOK_MS, type Membership, Stewardship } from "./groups/index.ts";
import { Moderation } from "./moderation.ts";
import { News } from "./news.ts";
import { Own, OwnDevices, Sharing } from "./account/index.ts";
import {
  accountsIn,
  bearsName,
  Outbox,
  People,
  Pictures,
  type Profile,
  type Room,
  Rooms,
  Timeline,
  Views,
} from "./rooms/index.ts";
import { Trusting } from "./trust/index.ts";
import { UPKEEP_MS } from "./devices/index.ts";

/** How often a coordinator's device looks at the log, beside whenever it connects. */
const WATCH_MS = 60_000;

export interface SessionParts {
  platform: Platform;
  store: Store;
  mls: Mls;
  http: Http;
  profile: Profile;
  emitter: Emitter;
  refused(reason: Refused): void;
  /** The server takes this device as usual. */
  admitted(): void;
}

export class Session {
  readonly rooms: Rooms;
  readonly people: People;
  readonly appointments: Appointments;
  readonly views: Views;
  readonly timeline: Timeline;
  readonly conversation: Conversation;
  readonly pictures: Pictures;
  readonly link: Link;
  readonly news: News;
  readonly trust: Trusting;
  readonly backup: BackupKeeper;
  readonly own: Own;
  readonly devices: OwnDevices;
  readonly sharing: Sharing;
  readonly roles: Stewardship;
  readonly moderation: Moderation;
  /** What the server is asked again until it answers. */
  readonly errands = new Errands((error) => {
    this.#failed(error);
  });
  readonly hints: Hinting;
  readonly #outbox: Outbox;
  readonly #groups: Groups;
  readonly #acknowledgements: Acknowledgements;
  readonly #recovery = new Backoff(2_000, 60_000);
  /** Rooms whose people were looked up since the start. */
  readonly #met = new Set<string>();
  readonly #clock: Clock;
  /** Ends what comes again and again. */
  #stopped: (() => void)[] = [];
  #closed = false;
  #suspended = false;

  constructor(private readonly parts: SessionParts) {
    this.#clock = parts.platform.clock ?? systemClock;
    const { store, mls, http, profile, emitter } = parts;
    const { account, device, domain } = profile.value;
    const self: Self = { account, device, domain };
    const ownName = () => profile.value.name;
    this.rooms = new Rooms(store, emitter);
    this.people = new People(store, domain);
    this.pictures = new Pictures(store, http);
    this.appointments = this.#makeAppointments();
    const { roll } = this.appointments;
    this.rooms.blocked = (account) => this.people.blocked(account);
    this.link = this.#makeLink();
    this.#acknowledgements = new Acknowledgements(this.link);
    this.#outbox = new Outbox(store, emitter, (room) => ({ account, domain, name: bearsName(room) ? ownName() : null }));
    const spawn = (work: Promise<unknown>) => {
      this.#spawn(work);
    };
    const pump = (room: Room) => {
      this.#groups.sending.pump(room);
    };
    this.own = new Own(this.rooms, this.#outbox, pump);
    this.#groups = new Groups({
      http, mls, store, link: this.link, rooms: this.rooms, people: this.people, outbox: this.#outbox, own: this.own, pictures: this.pictures,
      acknowledgements: this.#acknowledgements, profile, roll, self, clock: this.#clock, errands: this.errands, spawn,
      received: (room, effects) => {
        this.#received(room, effects);
      },
      entered: (room, how) => {
        this.#entered(room, how);
      },
      rules: (room) => this.roles.introduce(room),
      failed: (error) => {
        this.#failed(error);
      },
    });
    const { sync, certification, sending, entering, membership, introductions } = this.#groups;
    this.devices = new OwnDevices(store, http, this.own, () => {
      emitter.emit("devices", null);
    });
    this.sharing = new Sharing(this.own, profile, this.rooms, this.people, emitter, (account, choice) => {
      void this.errands.run(`decided ${account}`, () => this.trust.decided(account, choice));
    }, pump);
    this.hints = new Hinting(store, this.own, hintSources(parts), () => {
      emitter.emit("hints", null);
    });
    this.timeline = new Timeline(store, this.#outbox, this.people, account, ownName);
    this.conversation = new Conversation(store, this.rooms, this.#outbox, this.timeline, sending, this.pictures, account);
    this.views = new Views(this.rooms, this.people, this.#outbox, this.timeline, profile);
    this.roles = new Stewardship(http, store, this.rooms, this.people, this.#outbox, this.timeline, this.views, emitter, self, this.own, pump);
    this.moderation = new Moderation({
      http, store, pictures: this.pictures, rooms: this.rooms, views: this.views, timeline: this.timeline, people: this.people, outbox: this.#outbox, own: this.own, entering,
      membership, introductions, roll, profile, self, emitter,
      online: () => this.#atHome, shutOut: () => this.link.state === "online" && this.#suspended, pump, errands: this.errands, spawn,
    });
    this.backup = new BackupKeeper(
      store, http, profile, this.rooms, this.people, this.devices, this.moderation.answers, emitter, () => this.#atHome,
      (error) => {
        this.#failed(error);
      },
      parts.platform.backupPace,
    );
    this.news = new News(
      http, mls, store, this.link, profile, emitter, this.rooms, sync, this.#acknowledgements,
      new Inbox(this.link, this.errands, (item) => entering.welcomed(item)), entering, membership,
      this.views, this.#clock, this.devices, this.roles, this.moderation.cases, this.errands, spawn, () => this.#came(),
    );
    this.trust = new Trusting(
      this.rooms, this.people, this.timeline, profile, mls, certification, emitter, parts.platform.origin,
      pump, this.sharing, (room, accounts) => this.roles.letStay(room, accounts),
    );
  }

  get membership(): Membership {
    return this.#groups.membership;
  }

  get introductions(): Introductions {
    return this.#groups.introductions;
  }

  async open(): Promise<void> {
    const { store, profile } = this.parts;
    const { account, device, identity } = profile.value;
    const own = { account, identityKey: identity.publicKey };
    await Promise.all([this.rooms.load(), this.people.load(own).then(() => this.appointments.load()), this.#outbox.load(), this.moderation.load(), this.devices.load(profile.value.devices > 1 ? null : device)]);
    this.views.openRooms = (await store.get<Views["openRooms"]>("meta", await store.scope("open"))) ?? [];
    await this.backup.start();
    this.link.start();
    // Messages can be read before there are hints about them.
    this.#spawn(this.hints.load());
    this.#stopped = [
      // With the contacts comes what the network writes in.
      this.parts.emitter.on("contacts", () => this.#spawn(this.hints.renew())),
      this.#clock.every(WATCH_MS, () => this.#tried(this.#watch())),
      this.#clock.every(LOOK_MS, () => this.#tried(this.#look())), this.#clock.every(UPKEEP_MS, () => this.#tried(this.news.upkeep())),
    ];
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.leaving();
    for (const stop of this.#stopped) stop();
    this.errands.stop();
    this.link.stop();
    this.backup.stop();
    await this.parts.mls.close();
    await this.parts.store.settled();
  }

  /** Somebody looks at who is in the room: asks the server for what it knows of them, once. */
  meet(room: Room): void {
    if (this.#met.has(room.id) || this.link.state !== "online" || !room.active) return;
    this.#met.add(room.id);
    void this.errands.run(`people ${room.id}`, async () => {
      await this.#groups.certification.lookUp(accountsIn(room));
      this.parts.emitter.changed(room.id);
    });
  }

  /** The app may be put away at any moment from now on. */
  leaving(): void {
    this.#acknowledgements.flush();
  }

  #makeAppointments(): Appointments {
    const { http, store, profile, emitter } = this.parts;
    return new Appointments({
      http, store, people: this.people, profile, nameOf: (account) => this.timeline.nameOf(account),
      news: () => {
        emitter.emit("cases", null);
      },
      changed: () => {
        this.#certified();
      },
      keyChanged: (account) => {
        this.#spawn(this.#groups.certification.changed([account]));
      },
    });
  }

  #makeLink(): Link {
    const { platform, profile, emitter, refused, admitted } = this.parts;
    return new Link(`${platform.origin.replace(/^http/, "ws")}/ws`, profile.value.token, platform.network, {
      state: (state) => {
        emitter.emit("connection", state);
      },
      ready: (frame) => {
        this.#recovery.reset();
        this.#suspended = frame.suspended;
        if (frame.suspended) refused("suspended");
        else admitted();
        this.errands.connected();
        void this.#lookAtStaff();
        this.#spawn(this.moderation.comeback.connected());
        this.news.ready(frame);
        this.moderation.connected();
      },
      pushed: (frame) => {
        if (frame.t === "account") void this.#lookAtStaff();
        this.news.pushed(frame);
        if (frame.t === "account" && frame.change === "cases") this.moderation.changed();
      },
      refused,
    });
  }

  /** There is a connection, and not only to the rooms of this person's own cases. */
  get #atHome(): boolean {
    return this.link.state === "online" && !this.#suspended;
  }

  #entered(room: Room, how: "founded" | "joined" | "rejoined"): void {
    this.#acknowledgements.known(room, 0);
    if (how === "rejoined" || room.record.kind === "self") return;
    void this.errands.run(`entered ${room.id}`, () => (room.record.kind === "case" ? this.moderation.cases.entered() : this.roles.learn(room)));
    this.#spawn(this.moderation.staff.entered(room));
    const { account, device, devices } = this.parts.profile.value;
    const own = room.record.members.filter((member) => member.startsWith(account));
    // Of one's own devices one says the name, and one brings those that are not there.
    if (how === "founded" || own[0] === `${account}:${device}`) this.#spawn(this.introductions.greet(room));
    if (devices > own.length && own.length === 1) void this.errands.run(`others ${room.id}`, () => this.membership.bringOthers(room));
  }

  /** Somebody is certified as staff who was not, or no longer: what waited for that goes on. */
  #certified(): void {
    this.#groups.certified();
    this.moderation.certified();
    if (this.appointments.roll.certified(this.parts.profile.value.account)) this.news.certified();
  }

  #lookAtStaff(): Promise<void> {
    return this.errands.run("staff", () => this.appointments.look(this.#suspended));
  }

  /** This device is in the rooms of the account: the others may hear what it is called. */
  async #came(): Promise<void> {
    await this.moderation.comeback.settled();
    const { profile, store } = this.parts;
    if (profile.value.devices > 1) await this.devices.look();
    const scope = await store.scope("introduced");
    const room = this.own.room?.id;
    if (!room || (await store.get<string>("meta", scope)) === room) return;
    await this.devices.introduce(profile.value.device);
    await store.write(new Batch().put("meta", scope, room));
  }

  #received(room: Room, { newcomers, introduced, joined, arrived }: Effects): void {
    if (joined) this.#spawn(this.roles.newcomers(room));
    if (arrived) this.#spawn(this.moderation.staff.joined(room));
    if (introduced) this.introductions.introduced(room);
    else if (newcomers.length > 0) this.#spawn(this.introductions.newcomers(room));
  }

  /** What is due now and then. */
  async #look(): Promise<void> {
    if (!this.#suspended) await this.#groups.look();
  }

  /** The operator's commands reach no app by themselves. */
  async #watch(): Promise<void> {
    if (this.#atHome && this.appointments.coordinates) await this.#lookAtStaff();
  }

  /** Work that nobody waits for, and that comes again by itself where the server did not answer. */
  #spawn(work: Promise<unknown>): void {
    void this.#tried(work);
  }

  async #tried(work: Promise<unknown>): Promise<void> {
    try {
      await work;
    } catch (error) {
      if (!(error instanceof Refusal)) this.#failed(error);
    }
  }

  /** Memory holds only what is durable, so connecting again is enough to go on from there. */
  #failed(error: unknown): void {
    if (this.#closed) return;
    this.parts.platform.unexpected(error);
    this.link.stop();
    void sleep(this.#recovery.next()).then(() => {
      if (!this.#closed) this.link.start();
    });
  }
}

/** The network's languages and the phone's. */
function hintSources({ platform, profile }: SessionParts): HintSources {
  return {
    languages: () => [...(profile.value.languages ?? []), ...(platform.languages?.() ?? [])],
    hostList: () => platform.hostList?.() ?? Promise.resolve(null),
  };
}
