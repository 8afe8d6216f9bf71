/** Which messages can be shown to moderators, and what proves them: those that the server has stamped. */
import type { Store } from "../../store/store.ts";
import { type Around, Failure, type Showable } from "../../contract/index.ts";
import {
  isProven,
  isShowable,
  type People,
  reactionKey,
  type Room,
  type Rooms,
  type Timeline,
} from "../rooms/index.ts";
import { meaningIn } from "../../content/reading.ts";
import type { KeptMessage, RoomRecord } from "../records/index.ts";
import type { Evidence, StoredChange, StoredMessage } from "../../content/stored-message.ts";

/** Messages that are suggested before and after the one that is asked about, unless more are asked for. */
const AROUND: Around = { before: 3, after: 3 };
/** How far in the log they are looked for: at least, and for each of them. */
const REACH = 200;
const REACH_EACH = 20;

/** Rooms from which something can be shown. */
const CHATS: readonly RoomRecord["kind"][] = ["open", "group", "direct"];

interface Given {
  from: string;
  at: number;
  seq: number;
  name: string;
  /** With which it came; null when it came by itself. */
  message: StoredMessage | null;
  evidence: Evidence | null;
}

export class Showables {
  constructor(
    private readonly store: Store, private readonly rooms: Rooms, private readonly timeline: Timeline, private readonly people: Pick<People, "get">,
    private readonly me: string,
  ) {}

  /** The key is of a message, of a reaction to one (`reactionKey`), or of where a name was given (`name`). */
  async suggest(id: string, key: string, around: Around = AROUND): Promise<Showable[]> {
    const room = this.room(id);
    const [message, seq] = apart(key);
    if (message === "") return this.#named(room, key, seq);
    if (seq === null) return this.#around(room, message, around, true);
    const found = await this.#around(room, message, { ...around, before: Math.max(0, around.before - 1) }, false);
    const stored = await this.#stored(room, seq);
    if (!stored || stored.change.type !== "react" || !isProven(stored.evidence)) return found;
    const { from, at, emoji } = stored.change;
    const reaction: Showable = { key, seq, at, from, name: this.timeline.nameOf(from), mine: from === this.me, text: emoji, as: "reaction", asked: true };
    return found.toSpliced(found.findIndex((one) => one.key === message) + 1, 0, reaction);
  }

  /** Where they gave themselves a name that moderators can be shown: the newest of each room, the newest room first. */
  async names(account: string): Promise<{ room: string; message: string }[]> {
    const found = new Map<string, string>();
    for (const { room: id, seq } of (this.people.get(account)?.namesIn ?? []).toReversed()) {
      const room = this.rooms.get(id);
      if (room && CHATS.includes(room.record.kind) && !found.has(id) && (await this.#given(room, seq))) found.set(id, reactionKey("", seq));
    }
    return [...found].map(([room, message]) => ({ room, message }));
  }

  /** The names that they gave themselves there: each by itself, or with the message with which it came. */
  async #named(room: Room, key: string, seq: number | null): Promise<Showable[]> {
    const asked = seq === null ? null : await this.#given(room, seq);
    if (!asked) throw new Failure("not_found");
    const places = (this.people.get(asked.from)?.namesIn ?? []).filter((place) => place.room === room.id && place.seq <= asked.seq);
    const given = await Promise.all(places.map((place) => this.#given(room, place.seq)));
    return given.filter((one) => one !== null).map(({ from, at, seq: place, name, message }): Showable => ({
      key: reactionKey("", place), seq: place, at, from, name: this.timeline.nameOf(from, name), mine: from === this.me,
      ...(message ? this.#said(room, message) : { text: "" }), as: "name", given: name, asked: reactionKey("", place) === key,
    }));
  }

  async #given(room: Room, seq: number): Promise<Given | null> {
    const stored = await this.#stored(room, seq);
    if (stored?.change.type === "named" && isProven(stored.evidence)) {
      const { from, at, name } = stored.change;
      return { from, at, seq, name, message: null, evidence: stored.evidence };
    }
    const message = await this.store.get<StoredMessage>("messages", room.scopes.messages, seq);
    if (!message || message.name === null || !isShowable(message)) return null;
    return { from: message.from, at: message.at, seq, name: message.name, message, evidence: message.evidence };
  }

  async #around(room: Room, key: string, { before, after }: Around, asks: boolean): Promise<Showable[]> {
    const asked = await this.timeline.find(room, key);
    if (!asked) throw new Failure("not_found");
    const reach = Math.max(REACH, REACH_EACH * Math.max(before, after));
    const rows = await this.store.range<StoredMessage>("messages", room.scopes.messages, { before: asked.seq + reach, newest: 2 * reach });
    const shown = rows.map(({ value }) => value).filter((message) => message.key === asked.key || isShowable(message));
    const place = shown.findIndex((message) => message.key === asked.key);
    return shown.slice(Math.max(0, place - before), place + after + 1).filter(isShowable).map((message) => ({
      key: message.key, seq: message.seq, at: message.at, from: message.from, name: this.timeline.nameOf(message.from, message.name),
      mine: message.from === this.me, ...this.#said(room, message), asked: asks && message.key === asked.key,
    }));
  }

  /** What proves these messages and what their writers changed of them, in the log's order. Without `named`, none of the own ones: they bear the name. */
  async collect(room: Room, keys: readonly string[], named: boolean): Promise<KeptMessage[]> {
    const kept = new Map<number, KeptMessage>();
    for (const key of keys) {
      const [base, seq] = apart(key);
      if (seq !== null) {
        const one = await this.#alone(room, base, seq);
        if (one && (one.sender !== this.me || named)) kept.set(one.seq, one);
        continue;
      }
      const message = await this.timeline.find(room, base);
      if (!message || !isShowable(message) || (message.from === this.me && !named)) continue;
      for (const one of [keep(message.from, message.seq, message.at, message.evidence), ...(await this.#changes(room, message))]) {
        if (one) kept.set(one.seq, one);
      }
    }
    return [...kept.values()].sort((one, other) => one.seq - other.seq);
  }

  /** A reaction, or where a name was given. */
  async #alone(room: Room, base: string, seq: number): Promise<KeptMessage | null> {
    if (base === "") {
      const given = await this.#given(room, seq);
      return given && keep(given.from, seq, given.at, given.evidence);
    }
    const stored = await this.#stored(room, seq);
    return stored?.change.type === "react" ? keep(stored.change.from, seq, stored.change.at, stored.evidence) : null;
  }

  #stored(room: Room, seq: number): Promise<StoredChange | null> {
    return this.store.get<StoredChange>("changes", room.scopes.messages, seq);
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
      const stored = await this.#stored(room, seq);
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

/** The message of a key, and where in the log stands what is meant besides it. */
function apart(key: string): [message: string, seq: number | null] {
  const [message = "", seq] = key.split("~");
  return [message, seq === undefined ? null : Number(seq)];
}
