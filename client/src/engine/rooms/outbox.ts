/** What waits to be sent: durable before anyone is told, one queue a room, in order. */
import type { EntryId } from "../../protocol/frames.ts";
import { hex, randomBytes } from "../../protocol/bytes.ts";
import { decodeMimi } from "../../crypto/mimi.ts";
import { Batch, type Store } from "../../store/store.ts";
import type { Emitter } from "../common/index.ts";
import { keptAt } from "./pictures.ts";
import { interpret, type Meaning } from "../../content/reading.ts";
import type { OutboxRecord } from "../records/index.ts";
import type { Change } from "../../content/stored-message.ts";
import type { Room } from "./rooms.ts";
import { type Author, write } from "../../content/writing.ts";

type Content = Exclude<Meaning, { type: "other" | "unreadable" }>;

export interface OutboxItem {
  record: OutboxRecord;
  meaning: Meaning;
}

export class Outbox {
  readonly #queues = new Map<string, OutboxItem[]>();
  readonly #byId = new Map<EntryId, OutboxItem>();
  #lastOrder = 0;

  constructor(private readonly store: Store, private readonly emitter: Emitter, private readonly author: (room: Room) => Author) {}

  async load(): Promise<void> {
    const found = (await this.store.all<OutboxRecord>("outbox")).map(({ value }) => value);
    for (const record of found.sort((left, right) => left.order - right.order)) {
      this.#insert({ record, meaning: interpret(decodeMimi(record.content).content) });
    }
  }

  /** Everything of the room that is not known to be on the server, oldest first. */
  of(room: string): readonly OutboxItem[] {
    return this.#queues.get(room) ?? [];
  }

  find(id: EntryId): OutboxItem | null {
    return this.#byId.get(id) ?? null;
  }

  /** Durable when this resolves, together with whatever else the batch holds. */
  async add(room: Room, meaning: Content, batch = new Batch()): Promise<OutboxItem> {
    const item = await this.#make(room, meaning);
    await this.#save(room, item, batch);
    this.#insert(item);
    this.emitter.changed(room.id);
    return item;
  }

  /** All of them, in this order, and whatever else the batch holds: durable together when this resolves. */
  async addAll(room: Room, meanings: readonly Content[], batch: Batch): Promise<void> {
    const items: OutboxItem[] = [];
    for (const meaning of meanings) items.push(await this.#make(room, meaning));
    for (const { record } of items) batch.put("outbox", room.scopes.outbox, record, record.order);
    await this.store.write(batch);
    for (const item of items) this.#insert(item);
    this.emitter.changed(room.id);
  }

  async #make(room: Room, meaning: Content): Promise<OutboxItem> {
    const { content, tag, id: messageId } = await write(meaning, this.author(room), room.id);
    const at = Date.now();
    this.#lastOrder = Math.max(this.#lastOrder + 1, at);
    const record: OutboxRecord = {
      id: hex(randomBytes(16)), order: this.#lastOrder, room: room.id, at, content, tag, messageId,
      state: "waiting", attempted: false, cipher: null,
    };
    return { record, meaning };
  }

  async change(room: Room, item: OutboxItem, change: Partial<OutboxRecord>): Promise<void> {
    const record = { ...item.record, ...change };
    await this.#save(room, { ...item, record });
    item.record = record;
    this.emitter.changed(room.id);
  }

  async discard(room: Room, item: OutboxItem): Promise<void> {
    const batch = this.stageRemoval(room, item, new Batch());
    const picture = item.meaning.type === "text" && item.meaning.picture;
    if (picture) batch.delete("meta", await keptAt(this.store, room.id, picture));
    await this.store.write(batch);
    this.drop(item);
    this.emitter.changed(room.id);
  }

  /** Adds the removal to the batch; `drop` follows once that is durable. */
  stageRemoval(room: Room, item: OutboxItem, batch: Batch): Batch {
    return batch.delete("outbox", room.scopes.outbox, item.record.order);
  }

  drop(item: OutboxItem): void {
    const { id, room } = item.record;
    this.#byId.delete(id);
    this.#queues.set(room, this.of(room).filter((other) => other !== item));
  }

  #save(room: Room, { record }: OutboxItem, batch = new Batch()): Promise<void> {
    return this.store.write(batch.put("outbox", room.scopes.outbox, record, record.order));
  }

  #insert(item: OutboxItem): void {
    const { room, id, order } = item.record;
    this.#queues.set(room, [...this.of(room), item]);
    this.#byId.set(id, item);
    this.#lastOrder = Math.max(this.#lastOrder, order);
  }
}

/** What the waiting item would do to which message, for showing it at once; null for what is a message of its own. */
export function pendingChange({ record, meaning }: OutboxItem, account: string): { target: string; change: Change } | null {
  const base = { seq: Number.MAX_SAFE_INTEGER, at: record.at, from: account, key: record.id, id: record.messageId };
  switch (meaning.type) {
    case "edit":
      return { target: meaning.target, change: { ...base, type: "edit", text: meaning.text } };
    case "delete":
      return { target: meaning.target, change: { ...base, type: "delete" } };
    case "react":
      return { target: meaning.target, change: { ...base, type: "react", emoji: meaning.emoji } };
    case "unreact":
      return meaning.target === null
        ? null
        : { target: meaning.target, change: { ...base, type: "unreact", reaction: meaning.reaction } };
    default:
      return null;
  }
}
