/** Says again what was said in a talk about a decision, for moderators who come later (docs/protocol.md, section 11.2). */
import { Batch, type Store } from "../../store/store.ts";
import { fold } from "../../content/fold.ts";
import type { Outbox, Room } from "../rooms/index.ts";
import type { StoredMessage } from "../../content/stored-message.ts";
import { LONGEST_RETOLD, type RetoldContent } from "../../content/retold-content.ts";

/** The newest alone of a talk that went on for so long. */
const MOST = 200;
const FIRST_EPOCH = 1;

export class Retelling {
  constructor(private readonly store: Store, private readonly outbox: Outbox) {}

  /** Whether this device has what was said: it was there from the start, or has some of it. */
  async any(room: Room): Promise<boolean> {
    return room.record.joinedEpoch <= FIRST_EPOCH || (await this.#said(room)).length > 0;
  }

  /** Durable when it resolves. */
  async passOn(room: Room): Promise<void> {
    const said = await this.#said(room);
    if (said.length > 0) await this.outbox.addAll(room, said.map((retold) => ({ type: "retold", retold })), new Batch());
  }

  /** The texts as they stand now, in the log's order. */
  async #said(room: Room): Promise<RetoldContent[]> {
    const rows = await this.store.range<StoredMessage>("messages", room.scopes.messages);
    const texts = rows.flatMap(({ value }): RetoldContent[] => {
      const { body } = fold(value);
      if (body.type !== "text" || body.text === "" || value.id === null) return [];
      const text = [...body.text].slice(0, LONGEST_RETOLD).join("");
      return [{ said: value.id, by: value.from, at: value.at, ...body.retold, text }];
    });
    return texts.slice(-MOST);
  }
}
