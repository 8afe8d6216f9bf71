import type { Engine, MessagePage, RoomId, ShownMessage } from "../../contract/index.ts";

export const pageSize = 60;

/** Asked with `before`, the engine answers with messages older than `key`. */
interface Anchor {
  key: string;
  before: string;
}

export type Source = Pick<Engine, "messages">;

/**
 * The messages of one room that are loaded now, oldest first: the newest page at first, older ones as they are asked
 * for. After a change only the newest page and what is in view are read again, however much is loaded.
 */
export class Transcript {
  messages: readonly ShownMessage[] = [];
  /** False once everything that this device has is loaded. */
  more = true;
  #before: string | null = null;
  #anchors: Anchor[] = [];

  constructor(
    private readonly source: Source,
    private readonly room: RoomId,
  ) {}

  async open(): Promise<void> {
    const page = await this.source.messages(this.room, { limit: pageSize });
    this.messages = page.messages;
    this.#reached(page);
  }

  /** Loads the page before the oldest one; answers how many messages it brought. */
  async older(): Promise<number> {
    if (this.#before === null) return 0;
    const page = await this.source.messages(this.room, { before: this.#before, limit: pageSize });
    const oldest = this.messages[0]?.key;
    const fresh = page.messages.filter((message) => message.key !== oldest);
    this.messages = [...fresh, ...this.messages];
    this.#reached(page);
    return fresh.length;
  }

  /** Reads the newest messages again, and back to the first one that is known when many are new. */
  async refreshNewest(): Promise<void> {
    const known = new Map(this.messages.map((message, index) => [message.key, index]));
    let page = await this.source.messages(this.room, { limit: pageSize });
    let fresh = page.messages;
    this.#keep(page);
    let start = known.get(fresh[0]?.key ?? "");
    while (start === undefined && page.before !== null && fresh.length < 5000) {
      page = await this.source.messages(this.room, { before: page.before, limit: pageSize });
      this.#keep(page);
      fresh = [...page.messages, ...fresh];
      start = known.get(page.messages[0]?.key ?? "");
    }
    if (start === undefined) this.#reached(page);
    this.messages = start === undefined ? fresh : [...this.messages.slice(0, start), ...fresh];
  }

  /** Reads again what stands between two messages, both included. */
  async refreshBetween(firstKey: string, lastKey: string): Promise<void> {
    const at = new Map(this.messages.map((message, index) => [message.key, index]));
    const first = at.get(firstKey);
    const last = at.get(lastKey);
    if (first === undefined || last === undefined) return;
    const next = this.#anchors
      .map((anchor) => ({ anchor, index: at.get(anchor.key) ?? -1 }))
      .filter(({ index }) => index > last)
      .sort((a, b) => a.index - b.index)[0];
    if (!next) return;
    const page = await this.source.messages(this.room, { before: next.anchor.before, limit: next.index - first });
    const from = this.messages.findIndex((message) => message.key === page.messages[0]?.key);
    const to = this.messages.findIndex((message) => message.key === next.anchor.key);
    if (from < 0 || to < from) return;
    this.messages = [...this.messages.slice(0, from), ...page.messages, ...this.messages.slice(to)];
  }

  #reached(page: MessagePage): void {
    this.#before = page.before;
    this.more = page.before !== null;
    this.#keep(page);
  }

  #keep(page: MessagePage): void {
    const first = page.messages[0];
    if (!first || page.before === null || this.#anchors.some((anchor) => anchor.key === first.key)) return;
    this.#anchors.push({ key: first.key, before: page.before });
    // Anchors only serve to find a place quickly; a long session must not gather one for each message.
    if (this.#anchors.length > 400) this.#anchors = this.#anchors.filter((_, index) => index % 2 === 0);
  }
}
