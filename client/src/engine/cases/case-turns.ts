/**
 * Whose turn it is to write in a case that somebody has. Only devices that read its room can tell: the server knows no
 * senders (docs/adr/0002-no-sender-column.md).
 */
import type { CaseBody } from "../../protocol/api-cases.ts";
import type { Store } from "../../store/store.ts";
import type { RoomRecord } from "../records/index.ts";
import type { StoredMessage } from "../../content/stored-message.ts";
import type { Room } from "../rooms/index.ts";

/** The end of the talk in a case's room, by the server's times. */
export interface TalkEnd {
  /** When a moderator last wrote, and who. */
  answered: { at: number; by: string } | null;
  /** When whoever asked has written or shown something since then, the oldest first. */
  since: number[];
}

type Moved = Pick<CaseBody, "state" | "moved_at" | "answered" | "asked_at">;

const PAGE = 50;
const SAID: readonly StoredMessage["body"]["type"][] = ["text", "card"];
const ASKED: readonly StoredMessage["body"]["type"][] = [...SAID, "report", "unchecked", "unreadable"];

/** Since when it is the moderators' turn; null when it is not. Without `end` (this device cannot read the room) by what the server knows. */
export function answerFrom({ state, moved_at: moved, answered, asked_at: asked }: Moved, end: TalkEnd | null): number | null {
  if (state !== "claimed" && state !== "waiting") return null;
  // One that nobody has answered waits for nobody: that it was set to wait stops no clock.
  const begun = state === "claimed" || answered === false ? moved : null;
  if (!end) return answered === true ? asked : (begun ?? asked);
  if (begun !== null && (end.answered?.at ?? 0) < begun) return begun;
  // What came before it was set to wait was seen by whoever did that.
  return end.since.find((at) => state === "claimed" || at > (moved ?? 0)) ?? null;
}

/** The same for whoever asked, as far as their own device can tell: it does not learn when somebody took it. */
export function awaitedFrom(asked: number, end: TalkEnd): number | null {
  return end.answered ? (end.since[0] ?? null) : asked;
}

export class CaseTurns {
  readonly #ends = new Map<string, { record: RoomRecord; end: TalkEnd }>();

  constructor(private readonly store: Store) {}

  async end(room: Room, opener: string | null): Promise<TalkEnd> {
    // Whatever is said in the room changes its record.
    const { record } = room;
    const known = this.#ends.get(room.id);
    if (known?.record === record) return known.end;
    const end = await this.#read(room, opener);
    this.#ends.set(room.id, { record, end });
    return end;
  }

  async #read(room: Room, opener: string | null): Promise<TalkEnd> {
    const since: number[] = [];
    for (let before = Infinity; ; ) {
      const rows = await this.store.range<StoredMessage>("messages", room.scopes.messages, { before, newest: PAGE });
      for (const { value: { from, at, body } } of rows.toReversed()) {
        const asked = ASKED.includes(body.type) && !(body.type === "report" && body.again);
        if (from === opener && asked) since.unshift(at);
        else if (from !== opener && SAID.includes(body.type)) return { answered: { at, by: from }, since };
      }
      if (rows.length < PAGE) return { answered: null, since };
      before = rows[0]?.order ?? 0;
    }
  }
}
