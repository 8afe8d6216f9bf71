/** Which messages can be shown to moderators, and what proves them: those that the server has stamped. */
import type { Store } from "../store/store.ts";
import { Failure } from "./contract.ts";
import type { Around, Showable } from "./contract-cases.ts";
import { isProven, isShowable } from "./proven.ts";
import { meaningIn } from "./reading.ts";
import type { Evidence, KeptMessage, StoredChange, StoredMessage } from "./records.ts";
import type { Room, Rooms } from "./rooms.ts";
import type { Timeline } from "./timeline.ts";

/** Messages that are suggested before and after the one that is asked about, unless more are asked for. */
const AROUND: Around = { before: 3, after: 3 };
/** How far in the log they are looked for: at least, and for each of them. */
const REACH = 200;
const REACH_EACH = 20;

export class Showables {
  constructor(
    private readonly store: Store, private readonly rooms: Rooms, private readonly timeline: Timeline, private readonly me: string,
  ) {}

  async suggest(id: string, key: string, { before, after }: Around = AROUND): Promise<Showable[]> {
    const room = this.room(id);
    const asked = await this.timeline.find(room, key);
    if (!asked) throw new Failure("not_found");
    const reach = Math.max(REACH, REACH_EACH * Math.max(before, after));
    const rows = await this.store.range<StoredMessage>("messages", room.scopes.messages, { before: asked.seq + reach, newest: 2 * reach });
    const shown = rows.map(({ value }) => value).filter((message) => message.key === asked.key || isShowable(message));
    const place = shown.findIndex((message) => message.key === asked.key);
    return shown.slice(Math.max(0, place - before), place + after + 1).filter(isShowable).map((message) => ({
      key: message.key, seq: message.seq, at: message.at, from: message.from, name: this.timeline.nameOf(message.from, message.name),
      mine: message.from === this.me, ...this.#said(room, message), asked: message.key === asked.key,
    }));
  }

  /** What proves these messages and what their writers changed of them, in the log's order. Without `named`, none of the own ones: they bear the name. */
  async collect(room: Room, keys: readonly string[], named: boolean): Promise<KeptMessage[]> {
    const kept = new Map<number, KeptMessage>();
    for (const key of keys) {
      const message = await this.timeline.find(room, key);
      if (!message || !isShowable(message) || (message.from === this.me && !named)) continue;
      for (const one of [keep(message.from, message.seq, message.at, message.evidence), ...(await this.#changes(room, message))]) {
        if (one) kept.set(one.seq, one);
      }
    }
    return [...kept.values()].sort((one, other) => one.seq - other.seq);
  }

  /** Throws Failure. */
  room(id: string): Room {
    const room = this.rooms.get(id);
    if (!room) throw new Failure("not_found");
    return room;
  }

  #changes(room: Room, { from, changes }: StoredMessage): Promise<(KeptMessage | null)[]> {
    const own = changes.filter((change) => change.from === from && (change.type === "edit" || change.type === "delete"));
    return Promise.all(own.map(async ({ seq, at }) => {
      const stored = await this.store.get<StoredChange>("changes", room.scopes.messages, seq);
      return keep(from, seq, at, stored?.evidence ?? null);
    }));
  }

  /** As it reads now; of what its writer took back, as it was. */
  #said(room: Room, message: StoredMessage): Pick<Showable, "text" | "picture" | "removed" | "unreadable"> {
    const { body } = this.timeline.folded(room, message);
    const removed = body.type === "deleted";
    const meaning = body.type !== "text" && message.evidence ? meaningIn(message.evidence.content) : body;
    if (meaning.type === "unreadable") return { text: "", unreadable: true, ...(removed && { removed }) };
    if (meaning.type !== "text") return { text: "", ...(removed && { removed }) };
    return { text: meaning.text, ...(meaning.picture && { picture: true }), ...(removed && { removed }) };
  }
}

function keep(sender: string, seq: number, time: number, evidence: Evidence | null): KeptMessage | null {
  if (!isProven(evidence)) return null;
  const { content, tag, frank, hubKey: key } = evidence;
  return { sender, seq, time, content, tag, frank, key };
}
