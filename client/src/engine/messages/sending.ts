/**
 * Empties the outbox: one message of a room at a time, in order, the same bytes on every try. The server answers a
 * repeated id as it did the first time, so that a message goes out once however often it is sent.
 */
import { Refusal } from "../../protocol/errors.ts";
import type { Accepted } from "../../protocol/frames.ts";
import { pad } from "../../crypto/application-data.ts";
import type { Mls } from "../../crypto/mls.ts";
import type { Picture } from "../../crypto/picture.ts";
import type { Store } from "../../store/store.ts";
import { Backoff, sleep } from "../../transport/backoff.ts";
import type { Link } from "../../transport/link.ts";
import type { Certification } from "../trust/index.ts";
import { RoomChanges, type Self, type Sync } from "../sync/index.ts";
import { open } from "../../content/delivery.ts";
import type { Outbox, OutboxItem, Room, Rooms } from "../rooms/index.ts";
import type { OutboxRecord } from "../records/index.ts";

/** After something that will pass, as a lookup that was not answered. */
const AGAIN_MS = 3_000;
/** How often something that waits for the end of a mute is tried: it may end early. */
const MUTED_MS = 60_000;
/** What the server has space for in less than this waits by itself. */
const SOON_MS = 60_000;

export interface SendingHooks {
  /** MLS lets nothing be sent while a removal waits to be committed. Resolves when that was tried. */
  removalFirst(room: Room): Promise<void>;
  /** Brings a message's picture to the server. Throws Refusal. */
  upload(room: Room, picture: Picture): Promise<void>;
  failed(error: unknown): void;
}

export class Sending {
  /** Rooms at work, and whether somebody asked again in the meantime. */
  readonly #running = new Map<string, { again: boolean }>();

  constructor(
    private readonly mls: Mls,
    private readonly link: Link,
    private readonly store: Store,
    private readonly rooms: Rooms,
    private readonly outbox: Outbox,
    private readonly sync: Sync,
    private readonly certification: Certification,
    private readonly self: Self,
    private readonly hooks: SendingHooks,
  ) {}

  /** Sends what waits in the room, as far as possible now. */
  pump(room: Room): void {
    const running = this.#running.get(room.id);
    if (running) running.again = true;
    else void this.#keepPumping(room);
  }

  async #keepPumping(room: Room): Promise<void> {
    const state = { again: true };
    this.#running.set(room.id, state);
    try {
      while (state.again) {
        state.again = false;
        await this.#pump(room);
      }
    } catch (error) {
      if (!(error instanceof Refusal)) this.hooks.failed(error);
      // Without a connection, the next one goes on by itself.
      else if (this.link.state === "online") await sleep(error.detail.retryAfterMs ?? AGAIN_MS).then(() => {
        state.again = true;
      });
    } finally {
      this.#running.delete(room.id);
    }
    if (state.again) this.pump(room);
  }

  async #pump(room: Room): Promise<void> {
    const backoff = new Backoff(500, 30_000);
    for (;;) {
      const item = this.outbox.of(room.id).find(({ record }) => record.state === "waiting");
      // A group that is behind would encrypt for the wrong members; catching up calls again.
      if (!item || this.link.state !== "online" || !this.sync.isCurrent(room) || room.record.broken) return;
      if (room.active && room.record.pendingRemoval) {
        await this.hooks.removalFirst(room);
        if (room.record.pendingRemoval) throw new Refusal("unavailable");
        continue;
      }
      if (!room.active) {
        await this.#giveUp(room, item);
        continue;
      }
      // It waits until the person has decided, or the group has changed; both call again.
      if (!(await this.certification.ensure(room))) return;
      try {
        await this.#upload(room, item);
        const cipher = item.record.cipher ?? (await this.#encrypt(room, item));
        if (!cipher) continue;
        await this.#settle(room, item, await this.#send(item, cipher, room));
        backoff.reset();
      } catch (error) {
        if (!(error instanceof Refusal) || error.code === "unreachable") throw error;
        await this.#refused(room, item, error, backoff);
      }
    }
  }

  /** A message stays, for its writer to decide; what only changes another one is dropped. */
  async #giveUp(room: Room, item: OutboxItem): Promise<void> {
    if (item.meaning.type === "text" || item.meaning.type === "card") await this.outbox.change(room, item, { state: "failed" });
    else await this.outbox.discard(room, item);
  }

  /** The picture first: nobody is told of one that is not there. */
  async #upload(room: Room, item: OutboxItem): Promise<void> {
    if (item.meaning.type !== "text" || !item.meaning.picture || item.record.uploaded) return;
    await this.hooks.upload(room, item.meaning.picture);
    await this.outbox.change(room, item, { uploaded: true });
  }

  /** Null when the group is no longer the one that was checked. */
  #encrypt(room: Room, item: OutboxItem): Promise<OutboxRecord["cipher"]> {
    // Under the lock: nothing of the log is processed between what is asked here and what is encrypted.
    return room.lock.run(async () => {
      if (!room.active || room.record.pendingRemoval || room.record.broken) return null;
      return this.mls.transaction(async (tx) => {
        if (!(await this.certification.covers(tx, room))) return null;
        return { payload: await tx.encrypt(room.id, pad(item.record.content)), epoch: await tx.epoch(room.id) };
      });
    });
  }

  async #send(item: OutboxItem, cipher: NonNullable<OutboxRecord["cipher"]>, room: Room): Promise<Accepted> {
    // Durable before it is sent; kept only after core-crypto has moved on, so that no key is used twice.
    if (!item.record.cipher || !item.record.attempted) await this.outbox.change(room, item, { cipher, attempted: true });
    const { id, tag } = item.record;
    return this.link.request({ t: "send", id, room: room.id, epoch: cipher.epoch, payload: cipher.payload, tag });
  }

  async #refused(room: Room, item: OutboxItem, { code, detail }: Refusal, backoff: Backoff): Promise<void> {
    switch (code) {
      case "epoch_too_old":
        await this.outbox.change(room, item, { cipher: null });
        await this.sync.refresh(room);
        return;
      case "rate_limited":
      case "unavailable":
        await sleep(detail.retryAfterMs ?? backoff.next());
        return;
      case "stale_epoch":
        // From an epoch that the server does not know yet, or does not know any more.
        await sleep(backoff.next());
        await this.outbox.change(room, item, { cipher: null });
        await this.sync.refresh(room);
        return;
      case "quota":
        // What others need to know waits, and so does what may go soon; else the person reads why, and decides.
        if (item.meaning.type !== "text" || (detail.retryAfterMs ?? Infinity) <= SOON_MS) await sleep(Math.min(SOON_MS, detail.retryAfterMs ?? SOON_MS));
        else await this.outbox.change(room, item, { state: "failed", serverFull: true });
        return;
      case "muted":
        // What others need to know waits; what the person wrote is theirs to decide about.
        if (item.meaning.type === "text") await this.#giveUp(room, item);
        else await sleep(Math.min(MUTED_MS, Math.max(backoff.next(), (detail.until ?? 0) - Date.now())));
        return;
      default:
        await this.#giveUp(room, item);
    }
  }

  /** The message has its place in the log. */
  async #settle(room: Room, item: OutboxItem, accepted: Accepted): Promise<void> {
    await room.lock.run(async () => {
      // It came back with fetched entries in the meantime.
      if (this.outbox.find(item.record.id) !== item) return;
      const changes = new RoomChanges(this.store, this.rooms, room, this.self);
      const stamp = { ...accepted, tag: item.record.tag };
      await changes.delivered(await open(stamp, pad(item.record.content), this.self, room.id, this.self.domain));
      this.outbox.stageRemoval(room, item, changes.batch);
      const next = await changes.finish();
      await this.store.write(changes.batch);
      this.outbox.drop(item);
      this.rooms.adopt(room, next);
    });
    this.sync.own(room, accepted.seq);
  }
}

