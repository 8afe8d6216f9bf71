/**
 * The shown messages of one room within one batch of changes: finds a message by the ids others use for it, also one that
 * the same batch brought, and hands everything on to be written at once.
 */
import { Batch, type Store } from "../../store/store.ts";
import type { Picture } from "../../crypto/picture.ts";
import { fold, idsOf, withChange } from "../../content/fold.ts";
import type { SystemNote } from "../../contract/index.ts";
import { keptAt } from "./pictures.ts";
import type { Change, Evidence, StoredChange, StoredMessage } from "../../content/stored-message.ts";
import type { Room } from "./rooms.ts";

export class Ledger {
  readonly #messages = new Map<number, StoredMessage>();
  readonly #orders = new Map<string, number>();
  readonly #changes: StoredChange[] = [];
  readonly #obsolete = new Set<number>();
  /** Of messages that were deleted: theirs go from the device, and are the server's for as long as it keeps them. */
  readonly #pictures: Picture[] = [];

  constructor(private readonly store: Store, private readonly room: Room, private readonly me: string) {}

  add(message: StoredMessage, order = message.seq): void {
    this.#messages.set(order, message);
    for (const id of idsOf(message)) this.#orders.set(id, order);
  }

  /** The message by which others' devices know this id. */
  async find(id: string): Promise<StoredMessage | null> {
    const order = this.#orders.get(id) ?? (await findOrder(this.store, this.room, id));
    return order === null ? null : (this.#messages.get(order) ?? (await messageAt(this.store, this.room, order)));
  }

  /** The message at this place of the log stands for the one with this id, which this device does not have. */
  standIn(id: string, order: number): void {
    this.#orders.set(id, order);
  }

  /** Applies the change to its message and returns that, or null when this device does not have it. */
  async change(target: string, change: Change, evidence: Evidence | null): Promise<StoredMessage | null> {
    this.#changes.push({ target, change, evidence });
    return this.#apply(target, change);
  }

  /** Keeps what changes no message, for showing it to moderators. */
  keep(change: Extract<Change, { type: "named" }>, evidence: Evidence | null): void {
    this.#changes.push({ target: "", change, evidence });
  }

  /** Says otherwise what the lines at this place of the log say. */
  async amend(order: number, change: (note: SystemNote) => SystemNote): Promise<void> {
    const message = this.#messages.get(order) ?? (await messageAt(this.store, this.room, order));
    if (message?.body.type !== "system") return;
    this.#messages.set(order, { ...message, body: { type: "system", notes: message.body.notes.map(change) } });
  }

  /** Applies a change of the log that came before its message. */
  async adopt(seq: number): Promise<void> {
    const stored = await this.store.get<StoredChange>("changes", this.room.scopes.messages, seq);
    if (stored) await this.#apply(stored.target, stored.change);
  }

  async #apply(target: string, change: Change): Promise<StoredMessage | null> {
    const order = this.#orders.get(target) ?? (await findOrder(this.store, this.room, target));
    if (order === null) return null;
    const message = this.#messages.get(order) ?? (await messageAt(this.store, this.room, order));
    if (!message) return null;
    const changed = withChange(message, change);
    const deleted = fold(changed).body.type === "deleted";
    this.add(deleted ? this.#emptied(changed) : changed, order);
    return changed;
  }

  /**
   * A deleted message without its texts. What proves the own words goes with them; what proves the words of others stays,
   * so that nobody can hurt and delete before it can be shown to a moderator.
   */
  #emptied(message: StoredMessage): StoredMessage {
    const mine = message.from === this.me;
    const edits = message.changes.filter((change) => change.type === "edit" && change.from === message.from);
    if (mine) for (const { seq } of edits) this.#obsolete.add(seq);
    if (message.body.type === "text" && message.body.picture) this.#pictures.push(message.body.picture);
    return {
      ...message,
      body: { type: "text", text: "" },
      changes: message.changes.map((change) => (change.type === "edit" ? { ...change, text: "" } : change)),
      evidence: mine ? null : message.evidence,
    };
  }

  /** Adds all of it to the batch. */
  async flush(batch: Batch): Promise<void> {
    const { messages } = this.room.scopes;
    for (const [order, message] of this.#messages) batch.put("messages", messages, message, order);
    for (const stored of this.#changes) batch.put("changes", messages, stored, stored.change.seq);
    for (const seq of this.#obsolete) batch.delete("changes", messages, seq);
    for (const picture of this.#pictures) batch.delete("meta", await keptAt(this.store, this.room.id, picture));
    const ids = [...this.#orders];
    const scopes = await Promise.all(ids.map(([id]) => this.store.blind(indexName(this.room, id))));
    for (const [index, scope] of scopes.entries()) batch.put("ids", scope, ids[index]?.[1]);
  }
}

function indexName(room: Room, id: string): string {
  return `message\0${room.id}\0${id}`;
}

/** Where the message lies that has this MIMI message id, in any of its versions. */
export async function findOrder(store: Store, room: Room, id: string): Promise<number | null> {
  return store.get<number>("ids", await store.blind(indexName(room, id)));
}

export function messageAt(store: Store, room: Room, order: number): Promise<StoredMessage | null> {
  return store.get<StoredMessage>("messages", room.scopes.messages, order);
}

export async function findMessage(store: Store, room: Room, id: string): Promise<StoredMessage | null> {
  const order = await findOrder(store, room, id);
  return order === null ? null : messageAt(store, room, order);
}

/** Deletes everything that was said in the room, and what finds it. */
export async function everythingSaid(store: Store, room: Room): Promise<Batch> {
  const { messages } = room.scopes;
  const all = (await store.range<StoredMessage>("messages", messages)).map(({ value }) => value);
  const ids = all.flatMap(idsOf);
  const batch = new Batch().deleteScope("messages", messages).deleteScope("changes", messages);
  for (const { body } of all) if (body.type === "text" && body.picture) batch.delete("meta", await keptAt(store, room.id, body.picture));
  for (const scope of await Promise.all(ids.map((id) => store.blind(indexName(room, id))))) batch.delete("ids", scope);
  return batch;
}
