/** What a person does in a conversation. Everything is durable when it resolves, and goes out now or later. */
import { isReaction } from "../../content/reactions.ts";
import type { Picture } from "../../crypto/picture.ts";
import { Batch, type Store } from "../../store/store.ts";
import { Failure, type PicturesContract } from "../../contract/index.ts";
import type { Folded } from "../../content/fold.ts";
import {
  everythingSaid,
  type Outbox,
  type OutboxItem,
  type Pictures,
  type Room,
  type Rooms,
  type Timeline,
} from "../rooms/index.ts";
import type { Meaning } from "../../content/reading.ts";
import type { Sending } from "./sending.ts";

type Content = Exclude<Meaning, { type: "other" | "unreadable" }>;

export class Conversation {
  constructor(
    private readonly store: Store,
    private readonly rooms: Rooms,
    private readonly outbox: Outbox,
    private readonly timeline: Timeline,
    private readonly sending: Sending,
    private readonly pictures: Pictures,
    private readonly me: string,
  ) {}

  async sendText(id: string, text: string, replyTo: string | undefined): Promise<string> {
    const room = this.#active(id);
    const inReplyTo = replyTo === undefined ? null : (await this.#target(room, replyTo)).folded.currentId;
    return (await this.#add(room, { type: "text", text, inReplyTo })).record.id;
  }

  async sendPicture(id: string, file: Blob, { text, description, replyTo }: Parameters<PicturesContract["send"]>[2]): Promise<string> {
    const room = this.#active(id);
    const inReplyTo = replyTo === undefined ? null : (await this.#target(room, replyTo)).folded.currentId;
    const batch = new Batch();
    const picture = await this.pictures.make(id, file, description, batch);
    const item = await this.outbox.add(room, { type: "text", text, inReplyTo, picture }, batch);
    this.sending.pump(room);
    return item.record.id;
  }

  /** The picture of a message, sent or waiting. Throws Failure when it has none, or none any more. */
  async picture(id: string, key: string): Promise<Picture> {
    const { body } = (await this.#target(this.#known(id), key)).folded;
    if (body.type !== "text" || !body.picture) throw new Failure("not_found");
    return body.picture;
  }

  async edit(id: string, key: string, text: string): Promise<void> {
    const room = this.#active(id);
    const { from, messageId, folded } = await this.#target(room, key);
    if (from !== this.me || folded.body.type !== "text" || folded.body.picture) throw new Failure("forbidden");
    if (folded.body.text !== text) await this.#add(room, { type: "edit", target: messageId, text });
  }

  async remove(id: string, key: string): Promise<void> {
    const room = this.#active(id);
    const waiting = this.#waiting(room, key);
    if (waiting && !waiting.record.attempted) return this.outbox.discard(room, waiting);
    const { from, messageId, folded } = await this.#target(room, key);
    if (from !== this.me) throw new Failure("forbidden");
    if (folded.body.type !== "deleted") await this.#add(room, { type: "delete", target: messageId });
  }

  /** Gives the reaction, or takes it back. */
  async react(id: string, key: string, emoji: string): Promise<void> {
    const room = this.#active(id);
    if (!isReaction(emoji)) throw new Failure("conflict");
    const { messageId, folded } = await this.#target(room, key);
    const given = folded.reactions.find((reaction) => reaction.emoji === emoji)?.by.find(({ account }) => account === this.me);
    await this.#add(room, given
      ? { type: "unreact", reaction: given.id, target: messageId }
      : { type: "react", target: messageId, emoji });
  }

  async retry(id: string, key: string): Promise<void> {
    const room = this.#active(id);
    const item = this.#waiting(room, key);
    if (item?.record.state !== "failed") return;
    await this.outbox.change(room, item, { state: "waiting", cipher: null, uploaded: false, serverFull: false });
    this.sending.pump(room);
  }

  async discard(id: string, key: string): Promise<void> {
    const room = this.#known(id);
    const item = this.#waiting(room, key);
    if (item?.record.state === "failed") await this.outbox.discard(room, item);
  }

  /** Takes a conversation that was left off this device. */
  async forget(id: string): Promise<void> {
    const room = this.#known(id);
    await room.lock.run(async () => {
      if (room.record.state !== "left" || room.record.restored === true || room.underway) throw new Failure("conflict");
      const batch = await everythingSaid(this.store, room);
      await this.rooms.forget(room, batch.deleteScope("outbox", room.scopes.outbox));
      for (const item of this.outbox.of(id)) this.outbox.drop(item);
    });
  }

  async #add(room: Room, meaning: Content): Promise<OutboxItem> {
    const item = await this.outbox.add(room, meaning);
    this.sending.pump(room);
    return item;
  }

  /** The message that a screen shows under `key`, sent or waiting. */
  async #target(room: Room, key: string): Promise<{ from: string; messageId: string; folded: Folded }> {
    const waiting = this.#waiting(room, key);
    const message = waiting ? this.timeline.asMessage(waiting) : await this.timeline.find(room, key);
    if (!message?.id) throw new Failure("not_found");
    return { from: message.from, messageId: message.id, folded: this.timeline.folded(room, message) };
  }

  #waiting(room: Room, key: string): OutboxItem | null {
    const item = this.outbox.find(key);
    return item?.record.room === room.id ? item : null;
  }

  #active(id: string): Room {
    const room = this.#known(id);
    if (!room.active) throw new Failure("forbidden");
    return room;
  }

  #known(id: string): Room {
    const room = this.rooms.get(id);
    if (!room) throw new Failure("not_found");
    return room;
  }
}
