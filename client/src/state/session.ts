/** An open profile: everything that works together while the keys are in memory, and what the server's news set off. */
import { me as meBody, rooms as roomsBody, type RoomBody } from "../protocol/api.ts";
import { isRefusal, Refusal } from "../protocol/errors.ts";
import type { InboxItem } from "../protocol/frames.ts";
import type { Mls } from "../crypto/mls.ts";
import { SerialQueue } from "../crypto/queue.ts";
import { Batch, type Store } from "../store/store.ts";
import { Backoff, sleep } from "../transport/backoff.ts";
import type { Http } from "../transport/http.ts";
import { Link, type Pushed, type Ready } from "../transport/link.ts";
import { Acknowledgements } from "./acknowledgements.ts";
import { Certification } from "./certification.ts";
import type { Effects } from "./changes.ts";
import { Claims } from "./claims.ts";
import { Commits } from "./commits.ts";
import { Conversation } from "./conversation.ts";
import type { Emitter } from "./emitter.ts";
import { Entering, WrongGroup } from "./entering.ts";
import { Introductions } from "./introductions.ts";
import { Membership } from "./membership.ts";
import { Outbox } from "./outbox.ts";
import { People } from "./people.ts";
import type { Platform } from "./platform.ts";
import type { Profile } from "./profile.ts";
import { Receiver, type Self } from "./receiver.ts";
import { Removals } from "./removals.ts";
import { type Room, Rooms } from "./rooms.ts";
import { Sending } from "./sending.ts";
import { Sync } from "./sync.ts";
import { Timeline } from "./timeline.ts";
import { keepKeyPackages } from "./upkeep.ts";
import { Views } from "./views.ts";

/** How long a room that the server lists and this device does not know may wait for its Welcome. */
const GRACE_MS = 10_000;

export interface SessionParts {
  platform: Platform;
  store: Store;
  mls: Mls;
  http: Http;
  profile: Profile;
  emitter: Emitter;
  refused(reason: "unauthenticated" | "revoked" | "suspended"): void;
}

export class Session {
  readonly rooms: Rooms;
  readonly people: People;
  readonly views: Views;
  readonly timeline: Timeline;
  readonly conversation: Conversation;
  readonly membership: Membership;
  readonly introductions: Introductions;
  readonly certification: Certification;
  readonly link: Link;
  readonly #outbox: Outbox;
  readonly #sync: Sync;
  readonly #sending: Sending;
  readonly #removals: Removals;
  readonly #entering: Entering;
  readonly #acknowledgements: Acknowledgements;
  readonly #inbox = new SerialQueue();
  readonly #recovery = new Backoff(2_000, 60_000);
  #closed = false;

  constructor(private readonly parts: SessionParts) {
    const { platform, store, mls, http, profile, emitter } = parts;
    const { account, device, domain, token, externalSender } = profile.value;
    const self: Self = { account, device, domain };
    const ownName = () => profile.value.name;
    const failed = (error: unknown) => {
      this.#failed(error);
    };
    this.rooms = new Rooms(store, emitter);
    this.people = new People(store, domain);
    this.link = new Link(`${platform.origin.replace(/^http/, "ws")}/ws`, token, platform.network, {
      state: (state) => {
        emitter.emit("connection", state);
      },
      ready: (frame) => {
        this.#ready(frame);
      },
      pushed: (frame) => {
        this.#pushed(frame);
      },
      refused: parts.refused,
    });
    this.#outbox = new Outbox(store, emitter, () => ({ account, domain, name: ownName() }));
    this.certification = new Certification(http, mls, store, this.rooms, this.people, self);
    const lookUp = (accounts: readonly string[]) => this.certification.lookUp(accounts);
    const receiver = new Receiver(mls, store, this.rooms, this.people, this.#outbox, self, lookUp);
    this.#sync = new Sync(this.link, receiver, {
      received: (room, effects) => {
        this.#received(room, effects);
      },
      caughtUp: (room) => {
        this.#caughtUp(room);
      },
      shutOut: (room) => this.membership.shutOut(room, "removed"),
      advanced: (room) => {
        this.#acknowledgements.advanced(room);
      },
      failed,
    });
    this.#acknowledgements = new Acknowledgements(this.link);
    const commits = new Commits(mls, this.link, store, this.rooms, receiver, this.#sync, self);
    const claims = new Claims(http, this.people, domain);
    this.#entering = new Entering(
      http, mls, store, this.rooms, receiver, this.#sync, commits, claims, self, externalSender,
      (room, how) => {
        this.#acknowledgements.known(room, 0);
        if (how !== "rejoined") this.#do(this.introductions.greet(room));
      },
    );
    this.#sending = new Sending(mls, this.link, store, this.rooms, this.#outbox, this.#sync, this.certification, self, {
      removalFirst: (room) => {
        this.#do(this.#removals.attend(room, true));
      },
      failed,
    });
    this.introductions = new Introductions(this.#outbox, this.people, self, ownName, (room) => {
      this.#sending.pump(room);
    });
    this.#removals = new Removals(commits, self);
    this.membership = new Membership(
      http, mls, store, this.rooms, commits, claims, this.#entering, this.introductions, self,
    );
    this.timeline = new Timeline(store, this.#outbox, this.people, account, ownName);
    this.conversation = new Conversation(this.rooms, this.#outbox, this.timeline, this.#sending, account);
    this.views = new Views(this.rooms, this.people, this.#outbox, this.timeline, profile);
  }

  async open(): Promise<void> {
    await Promise.all([this.rooms.load(), this.people.load(), this.#outbox.load()]);
    this.views.openRooms = (await this.parts.store.get<Views["openRooms"]>("meta", await this.parts.store.scope("open"))) ?? [];
    this.link.start();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#acknowledgements.flush();
    this.link.stop();
    await this.parts.mls.close();
    await this.parts.store.settled();
  }

  /** Before the app is put away. */
  leaving(): void {
    this.#acknowledgements.flush();
  }

  /** Asks for rooms, titles, roles: everything that the log does not tell. */
  async refresh(ready: Ready | null = null): Promise<void> {
    const { http, profile, store, emitter } = this.parts;
    await profile.refresh(await http.get("/me", meBody));
    const { rooms, open } = await http.get("/rooms", roomsBody);
    this.views.openRooms = open;
    await store.write(new Batch().put("meta", await store.scope("open"), open));
    for (const body of rooms) await this.#compare(body);
    const listed = new Set(rooms.map(({ id }) => id));
    // One that came to be after the server answered is listed next time.
    const gone = this.rooms.all().filter((room) => room.active && ready && !listed.has(room.id) && !ready.rooms.some((known) => known.room === room.id));
    for (const room of gone) await this.membership.shutOut(room, "removed");
    emitter.changed(null);
  }

  #ready(frame: Ready): void {
    this.#recovery.reset();
    for (const { room: id, head, cursor } of frame.rooms) {
      const room = this.rooms.get(id);
      if (!room?.active) continue;
      this.#acknowledgements.known(room, cursor);
      this.#sync.reaches(room, head);
    }
    const { http, mls, profile } = this.parts;
    const rotated = (lastResortAt: number) => profile.change({ lastResortAt });
    this.#do(this.#settleRooms(frame));
    this.#do(keepKeyPackages(http, mls, frame.keyPackagesLeft, profile.value, rotated));
  }

  /** Rooms that were being made or joined when this device went away, and those it should know but does not. */
  async #settleRooms(frame: Ready): Promise<void> {
    await this.refresh(frame);
    await this.membership.resume();
    const unknown = frame.rooms.filter(({ room, epoch }) => epoch > 0 && !this.rooms.get(room)?.active);
    if (unknown.length === 0) return;
    await sleep(GRACE_MS);
    for (const { room: id } of unknown) await this.#inbox.run(() => this.#enterUnknown(id));
  }

  async #enterUnknown(id: string): Promise<void> {
    if (this.#closed || this.rooms.get(id)?.active) return;
    const body = (await this.parts.http.get("/rooms", roomsBody)).rooms.find((room) => room.id === id);
    if (!body) return;
    const room = await this.rooms.ensure(id, body.kind);
    await this.#entering.enter(room);
  }

  async #compare({ id, kind, title }: RoomBody): Promise<void> {
    const room = this.rooms.get(id);
    if (room?.active && kind === "open" && room.record.title !== title) {
      await this.rooms.update(room, (record) => {
        record.title = title;
      });
    }
  }

  #pushed(frame: Pushed): void {
    if (frame.t === "inbox") {
      this.#do(this.#inbox.run(() => this.#openInbox(frame.items)));
      return;
    }
    const room = this.rooms.get(frame.room);
    switch (frame.t) {
      case "entries":
        if (room?.active) this.#sync.arrived(room, frame.items);
        return;
      case "delivered":
        if (room) this.#do(this.#deliveredTo(room, frame.seq));
        return;
      case "room":
        if (room && frame.change === "removed") this.#do(this.membership.shutOut(room, "removed"));
        this.#do(this.refresh());
    }
  }

  async #openInbox(items: readonly InboxItem[]): Promise<void> {
    for (const item of items) {
      try {
        await this.#entering.welcomed(item);
      } catch (error) {
        // Without an answer it stays there for the next connection. Everything else would fail again and again.
        if (isRefusal(error, "unreachable", "unavailable", "rate_limited")) throw error;
        if (!(error instanceof Refusal) && !(error instanceof WrongGroup)) throw error;
      }
      this.link.post({ t: "inbox_ack", seq: item.seq });
    }
  }

  async #deliveredTo(room: Room, seq: number): Promise<void> {
    if (seq <= room.record.deliveredTo) return;
    await this.rooms.update(room, (record) => {
      record.deliveredTo = Math.max(record.deliveredTo, seq);
    });
  }

  #received(room: Room, { newcomers, introduced }: Effects): void {
    if (introduced) this.introductions.introduced(room);
    else if (newcomers.length > 0) this.#do(this.introductions.newcomers(room));
  }

  #caughtUp(room: Room): void {
    if (!room.active) return;
    if (room.record.broken) this.#do(this.#entering.enter(room));
    else if (room.record.pendingRemoval) this.#do(this.#removals.attend(room, false));
    this.#sending.pump(room);
  }

  /** Work that nobody waits for. Without an answer from the server it is done again after the next connection. */
  #do(work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      if (!(error instanceof Refusal)) this.#failed(error);
    });
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
