/** The groups that this device is in: what comes from them and goes out to them, who comes and goes, and what brings back one that broke. */
import type { Mls } from "../crypto/mls.ts";
import type { Store } from "../store/store.ts";
import type { Http } from "../transport/http.ts";
import type { Link } from "../transport/link.ts";
import { type Acknowledgements, type Effects, Receiver, type Self, Sync, Telling } from "./sync/index.ts";
import { Admission, Certification, Forks, Patience, type StaffRoll } from "./trust/index.ts";
import { Claims, Commits, Entering, Healing, Introductions, Membership, Removals } from "./groups/index.ts";
import type { Clock, Errands } from "./common/index.ts";
import {
  isOfStaff,
  type Outbox,
  type People,
  type Pictures,
  type Profile,
  type Room,
  type Rooms,
} from "./rooms/index.ts";
import type { Own } from "./account/index.ts";
import { Sending } from "./messages/index.ts";

export interface GroupsParts {
  http: Http;
  mls: Mls;
  store: Store;
  link: Link;
  rooms: Rooms;
  people: People;
  outbox: Outbox;
  own: Own;
  pictures: Pictures;
  acknowledgements: Acknowledgements;
  profile: Profile;
  roll: StaffRoll;
  self: Self;
  clock: Clock;
  errands: Errands;
  /** Takes care of work that nobody waits for, and that tries again by itself. */
  spawn(work: Promise<unknown>): void;
  /** A run of entries is durable. */
  received(room: Room, effects: Effects): void;
  /** This device has come into a room. */
  entered(room: Room, how: "founded" | "joined" | "rejoined"): void;
  /** Tells the room's rules, if that is this person's to do. */
  rules(room: Room): Promise<void>;
  failed(error: unknown): void;
}

export class Groups {
  readonly certification: Certification;
  readonly sync: Sync;
  readonly sending: Sending;
  readonly entering: Entering;
  readonly introductions: Introductions;
  readonly membership: Membership;
  readonly #admission: Admission;
  readonly #forks: Forks;
  readonly #removals: Removals;
  readonly #patience: Patience;
  readonly #healing: Healing;

  constructor(private readonly parts: GroupsParts) {
    const { http, mls, store, link, rooms, people, outbox, own, pictures, profile, roll, self, clock } = parts;
    const { domain, externalSender } = profile.value;
    const telling = new Telling(store, rooms, self);
    this.#admission = new Admission(rooms, people, clock);
    this.certification = new Certification(http, mls, rooms, people, roll, telling, self, this.#admission, (work) => {
      parts.spawn(work);
    });
    const receiver = new Receiver(
      mls, store, rooms, people, outbox, self, (accounts) => this.certification.lookUp(accounts), (items) => own.received(items),
    );
    this.sync = this.#makeSync(receiver);
    this.sending = new Sending(mls, link, store, rooms, outbox, this.sync, this.certification, self, {
      removalFirst: (room) => this.#removals.attend(room, true),
      upload: (room, picture) => pictures.upload(room.id, picture),
      failed: (error) => {
        parts.failed(error);
      },
    });
    this.#forks = new Forks(rooms, outbox, telling, clock, self.account, (room) => {
      this.sending.pump(room);
    });
    const commits = new Commits(mls, link, store, rooms, receiver, this.sync, self);
    const claims = new Claims(http, people, domain, (changed) => {
      parts.spawn(this.certification.changed([changed]));
    });
    this.#patience = new Patience(rooms, telling, clock);
    this.#removals = new Removals(http, commits, self);
    this.introductions = new Introductions(rooms, outbox, people, self, () => profile.value.name, (room) => {
      this.sending.pump(room);
    }, (room) => parts.rules(room));
    this.entering = new Entering(
      http, mls, store, rooms, receiver, this.sync, commits, claims, telling, this.#patience, roll, self, externalSender, () => profile.value.devices,
      (room, how) => {
        parts.entered(room, how);
      },
    );
    this.membership = new Membership(
      http, mls, store, rooms, commits, claims, this.#removals, this.entering, this.introductions, roll, self,
    );
    this.#healing = new Healing(rooms, this.sync, commits, link, clock);
  }

  /** What is due now and then: whoever has caught up comes back into groups that broke, and keys are renewed. */
  async look(): Promise<void> {
    const { link, rooms, errands } = this.parts;
    if (link.state === "online") {
      const newcomers = rooms.all().filter((room) => room.active && this.#admission.isDue(room));
      await Promise.all(newcomers.map((room) => errands.run(`devices ${room.id}`, () => this.certification.look(room))));
      const broken = rooms.all().filter((room) => room.active && room.record.broken && this.#patience.isDue(room));
      for (const room of broken) await this.sync.refresh(room);
      await this.#forks.look();
    }
    await this.#healing.look();
  }

  /** Others are certified as staff than before: what was to go to them, or waited because of them, is looked at again. */
  certified(): void {
    const { rooms, errands } = this.parts;
    const concerned = rooms.all().filter((room) => room.active && isOfStaff(room));
    this.certification.forget(concerned);
    for (const room of concerned) {
      void errands.run(`staff ${room.id}`, async () => {
        await this.certification.look(room);
        this.sending.pump(room);
      });
    }
  }

  #makeSync(receiver: Receiver): Sync {
    const { link, acknowledgements } = this.parts;
    return new Sync(link, receiver, {
      received: (room, effects) => {
        for (const { from, rooms } of effects.checks) this.parts.spawn(this.#forks.heard(room, from, rooms));
        this.parts.received(room, effects);
      },
      caughtUp: (room) => {
        this.#caughtUp(room);
      },
      shutOut: (room) => this.membership.shutOut(room, "removed"),
      advanced: (room) => {
        acknowledgements.advanced(room);
      },
      failed: (error) => {
        this.parts.failed(error);
      },
    });
  }

  #caughtUp(room: Room): void {
    const { spawn, errands } = this.parts;
    if (!room.active) return;
    if (room.record.broken) spawn(this.entering.mend(room));
    else if (room.record.pendingRemoval) spawn(this.#removals.attend(room, false).then(() => {
      this.sending.pump(room);
    }));
    // Nobody stands behind a device any more that is about to be taken out.
    else void errands.run(`devices ${room.id}`, () => this.certification.look(room));
    this.sending.pump(room);
  }
}
