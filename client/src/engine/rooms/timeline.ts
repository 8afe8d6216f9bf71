/** Messages as screens show them, read a page at a time. */
import type { Store } from "../../store/store.ts";
import type { MessagePage, Reaction, SendState, ShownMessage } from "../../contract/index.ts";
import { fold, type Folded, idsOf, isReadElsewhere } from "../../content/fold.ts";
import { findMessage, messageAt } from "./ledger.ts";
import { type Outbox, type OutboxItem, pendingChange } from "./outbox.ts";
import type { People } from "./people.ts";
import { shownPicture } from "./pictures.ts";
import { isShowable } from "./proven.ts";
import type { Change, StoredMessage } from "../../content/stored-message.ts";
import { type Room, showsBlocked } from "./rooms.ts";

const EXCERPT = 140;
const DEFAULT_PAGE = 50;
const SEARCH_PAGE = 500;

export class Timeline {
  /** Where the messages lie that were shown since the start: screens speak of no others. */
  readonly #shownAt = new Map<string, number>();

  constructor(
    private readonly store: Store,
    private readonly outbox: Outbox,
    private readonly people: People,
    private readonly me: string,
    private readonly ownName: () => string,
  ) {}

  /** `before` is what an earlier page gave. */
  async page(room: Room, before: string | null, limit = DEFAULT_PAGE): Promise<MessagePage> {
    // Before the records: what is sent in the meantime is then in both, and shown once, rather than in neither.
    const items = [...this.outbox.of(room.id)];
    const range = { newest: limit + 1, ...(before === null ? {} : { before: Number(before) }) };
    const rows = await this.store.range<StoredMessage>("messages", room.scopes.messages, range);
    const shown = rows.slice(Math.max(0, rows.length - limit));
    const oldest = shown[0]?.order;
    for (const { order, value } of shown) this.#shownAt.set(`${room.id} ${value.key}`, order);
    const messages = shown.map(({ value }) => value).filter(({ body }) => !isReadElsewhere(body));
    const page = await Promise.all(messages.map((message) => this.#shown(room, message, messages, items)));
    const sent = new Set(messages.map(({ key }) => key));
    const waiting = before === null ? await this.#waiting(room, messages, items.filter(({ record }) => !sent.has(record.id))) : [];
    const more = rows.length > shown.length && oldest !== undefined;
    return { messages: [...page.flat(), ...waiting], before: more ? String(oldest) : null };
  }

  /** The message that a screen shows under this key. */
  async find(room: Room, shownKey: string): Promise<StoredMessage | null> {
    // System notes that share an entry have a suffix of their own.
    const key = shownKey.split(":")[0] ?? shownKey;
    const order = this.#shownAt.get(`${room.id} ${key}`);
    if (order !== undefined) return messageAt(this.store, room, order);
    const { messages } = room.scopes;
    for (let before = Infinity; ; ) {
      const rows = await this.store.range<StoredMessage>("messages", messages, { before, newest: SEARCH_PAGE });
      const found = rows.find(({ value }) => value.key === key);
      if (found || rows.length < SEARCH_PAGE) return found?.value ?? null;
      before = rows[0]?.order ?? 0;
    }
  }

  /** The message as it is now, with what waits to be done to it. */
  folded(room: Room, message: StoredMessage): Folded {
    return fold(message, this.#pendingFor(message, this.outbox.of(room.id)));
  }

  stateOf(room: Room, seq: number): SendState {
    return seq <= room.record.deliveredTo ? "delivered" : "sent";
  }

  nameOf(account: string, atThatTime: string | null = null): string | null {
    return account === this.me ? this.ownName() : (this.people.get(account)?.name ?? atThatTime);
  }

  async #shown(
    room: Room, message: StoredMessage, page: readonly StoredMessage[], items: readonly OutboxItem[],
  ): Promise<ShownMessage[]> {
    const { key, seq, at, from, body } = message;
    const mine = from === this.me;
    const base = { room: room.id, seq, at, from, name: this.nameOf(from, message.name), mine, hidden: this.#hides(room, from) };
    if (body.type === "system") {
      return body.notes.map((note, index) => ({
        ...base, key: index === 0 ? key : `${key}:${String(index)}`, body: { type: "system", note },
        edited: false, replyTo: null, reactions: [], state: null,
      }));
    }
    const folded = fold(message, this.#pendingFor(message, items));
    return [{
      ...base, key, body: this.#body(folded.body, isShowable(message)), edited: folded.edited,
      replyTo: folded.body.type === "text" ? await this.#quote(room, message.inReplyTo, page) : null,
      reactions: this.#reactions(room, key, folded),
      state: mine ? this.stateOf(room, seq) : null,
    }];
  }

  /** What is written and not known to be on the server, in the order of writing. */
  async #waiting(room: Room, page: readonly StoredMessage[], items: readonly OutboxItem[]): Promise<ShownMessage[]> {
    const shown = items.map(async (item): Promise<ShownMessage[]> => {
      const message = this.asMessage(item);
      if (!message) return [];
      const folded = fold(message, this.#pendingFor(message, items));
      if (folded.body.type === "system") return [];
      return [{
        key: message.key, room: room.id, seq: null, at: message.at, from: this.me, name: this.ownName(), mine: true, hidden: false,
        body: this.#body(folded.body, false), edited: folded.edited, replyTo: await this.#quote(room, message.inReplyTo, page),
        reactions: this.#reactions(room, message.key, folded), state: item.record.state, ...(item.record.serverFull && { serverFull: true as const }),
      }];
    });
    return (await Promise.all(shown)).flat();
  }

  /** A waiting text as the message it will be; null for what is none. */
  asMessage({ record, meaning }: OutboxItem): StoredMessage | null {
    if (meaning.type !== "text" && meaning.type !== "card") return null;
    const body = meaning.type === "text" ? { type: "text" as const, text: meaning.text, ...(meaning.picture && { picture: meaning.picture }) } : { type: "card" as const, card: meaning.card };
    return {
      key: record.id, seq: Number.MAX_SAFE_INTEGER, at: record.at, from: this.me, name: null, id: record.messageId,
      body, inReplyTo: meaning.inReplyTo, changes: [], evidence: null,
    };
  }

  #pendingFor(message: StoredMessage, items: readonly OutboxItem[]): Change[] {
    if (items.length === 0) return [];
    const ids = idsOf(message);
    return items.flatMap((item) => {
      const pending = pendingChange(item, this.me);
      return pending && ids.includes(pending.target) && item.record.state === "waiting" ? [pending.change] : [];
    });
  }

  #hides(room: Room, account: string): boolean {
    return this.people.blocked(account) && !showsBlocked(room);
  }

  #reactions(room: Room, message: string, { reactions }: Folded): Reaction[] {
    return reactions.map(({ emoji, by }) => {
      const shown = by.filter(({ account }) => !this.#hides(room, account));
      const accounts = shown.map(({ account }) => account);
      return { emoji, accounts, keys: shown.map(({ seq }) => reactionKey(message, seq)), mine: accounts.includes(this.me) };
    }).filter(({ accounts }) => accounts.length > 0);
  }

  async #quote(room: Room, target: string | null, page: readonly StoredMessage[]): Promise<ShownMessage["replyTo"]> {
    if (target === null) return null;
    const waiting = this.outbox.of(room.id).find(({ record }) => record.messageId === target);
    const quoted = page.find((message) => idsOf(message).includes(target))
      ?? (waiting && this.asMessage(waiting))
      ?? (await findMessage(this.store, room, target));
    if (!quoted) return { key: null, name: null, excerpt: "", hidden: false };
    if (this.#hides(room, quoted.from)) return { key: quoted.key, name: null, excerpt: "", hidden: true };
    const { body } = this.folded(room, quoted);
    const excerpt = body.type === "text" ? [...body.text].slice(0, EXCERPT).join("") : "";
    const picture = body.type === "text" && body.picture !== undefined;
    const retold = body.type === "text" && body.retold;
    return { key: quoted.key, name: retold ? this.nameOf(retold.by) : this.nameOf(quoted.from, quoted.name), excerpt, hidden: false, ...(picture && { picture }) };
  }

  /** Without what opens its picture. */
  #body(body: Folded["body"], showable: boolean): ShownMessage["body"] {
    if (body.type === "system") return { type: "unchecked" };
    if (body.type === "deleted" || body.type === "unreadable") return { type: body.type, ...(showable && { showable }) };
    if (body.type !== "text") return body;
    const { text, picture, retold } = body;
    return { type: "text", text, ...(picture && { picture: shownPicture(picture) }), ...(retold && { retold: { by: retold.by, name: this.nameOf(retold.by), at: retold.at } }) };
  }
}

/** By which a reaction to a message is known when moderators are asked about it. */
export function reactionKey(message: string, seq: number): string {
  return `${message}~${String(seq)}`;
}
