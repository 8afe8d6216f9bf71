/** Answers that a moderator has ready: their own, on their devices alone, and those that the staff share (docs/protocol.md, section 11.4). */
import { staffBody } from "../../protocol/api-cases.ts";
import { hex, randomBytes } from "../../protocol/bytes.ts";
import { count, nullable, object, text } from "../../protocol/shape.ts";
import { Batch, type Store } from "../../store/store.ts";
import type { Http } from "../../transport/http.ts";
import { Failure, type SavedAnswer } from "../../contract/index.ts";
import type { Membership } from "../groups/index.ts";
import type { Outbox, Room, Rooms } from "../rooms/index.ts";
import type { Own } from "../account/index.ts";
import { type AnswerContent, isTooLong, LONGEST_ANSWER, LONGEST_ANSWER_TITLE } from "../../content/staff-content.ts";
import { saidIn } from "./staff-room.ts";

/** By the answer's id. */
export type OwnAnswers = Record<string, Omit<AnswerContent, "answer">>;

const SCOPE = "answers";
const KIND = "answer";
const itemBody = object({ answer: text, at: count, title: text, text: nullable(text) });

export async function saveOwnAnswers(store: Store, answers: OwnAnswers): Promise<void> {
  await store.write(new Batch().put("meta", await store.scope(SCOPE), answers));
}

export class Answers {
  #own: OwnAnswers = {};

  constructor(
    private readonly http: Http, private readonly store: Store, private readonly rooms: Rooms, private readonly outbox: Outbox,
    private readonly own: Own, private readonly membership: Membership, private readonly me: string,
    private readonly pump: (room: Room) => void, private readonly changed: () => void,
  ) {
    own.on(KIND, ({ value }) => {
      const { answer, ...said } = itemBody(value, KIND);
      return this.#keep(answer, said);
    });
  }

  async load(): Promise<void> {
    this.#own = (await this.store.get<OwnAnswers>("meta", await this.store.scope(SCOPE))) ?? {};
  }

  /** What another device of the account starts with. */
  get kept(): Readonly<OwnAnswers> {
    return this.#own;
  }

  async list(): Promise<SavedAnswer[]> {
    const own = Object.entries(this.#own).flatMap(([id, { title, text }]) => (text === null ? [] : [{ id, title, text, shared: false }]));
    const shared = (await this.#shared()).flatMap(({ answer: id, title, text }) => (text === null ? [] : [{ id, title, text, shared: true }]));
    // One that was just shared is for a moment both.
    const everyone = new Set(shared.map(({ id }) => id));
    return [...own.filter(({ id }) => !everyone.has(id)), ...shared].sort((one, other) => one.title.localeCompare(other.title) || (one.id < other.id ? -1 : 1));
  }

  async save({ id, title, text, shared }: Omit<SavedAnswer, "id"> & { id: string | null }): Promise<void> {
    const said = { title: title.trim(), text: text.trim(), at: Date.now() };
    if (isTooLong(said.title, LONGEST_ANSWER_TITLE) || isTooLong(said.text, LONGEST_ANSWER)) throw new Failure("too_large");
    const answer = id ?? hex(randomBytes(16));
    if (shared) {
      await this.#tell(await this.#room(), { answer, ...said });
      if (this.#isOwn(answer)) await this.#say(answer, { ...said, text: null });
    } else {
      await this.#say(answer, said);
      await this.#unshare(answer, said.at);
    }
    this.changed();
  }

  async remove(id: string): Promise<void> {
    const at = Date.now();
    if (this.#isOwn(id)) await this.#say(id, { at, title: "", text: null });
    await this.#unshare(id, at);
    this.changed();
  }

  async toldSince(room: Room, since: number): Promise<boolean> {
    const said = await saidIn(this.store, this.outbox, room, "answer", this.me);
    return said.some(({ seq }) => (seq ?? Infinity) > since);
  }

  /** Says once more every answer that the staff share. Durable when it resolves. */
  async passOn(room: Room): Promise<void> {
    const there = (await this.#shared()).filter(({ text }) => text !== null);
    if (there.length === 0) return;
    await this.outbox.addAll(room, there.map((answer) => ({ type: "answer", answer })), new Batch());
    this.pump(room);
  }

  #isOwn(id: string): boolean {
    return typeof this.#own[id]?.text === "string";
  }

  async #unshare(answer: string, at: number): Promise<void> {
    const room = this.#known();
    const there = (await this.#shared()).some((one) => one.answer === answer && one.text !== null);
    if (room?.active && there) await this.#tell(room, { answer, at, title: "", text: null });
  }

  async #tell(room: Room, answer: AnswerContent): Promise<void> {
    await this.outbox.add(room, { type: "answer", answer });
    this.pump(room);
  }

  async #say(answer: string, said: OwnAnswers[string]): Promise<void> {
    await this.#keep(answer, said);
    await this.own.share(KIND, { answer, ...said });
  }

  async #keep(answer: string, said: OwnAnswers[string]): Promise<void> {
    if (said.at < (this.#own[answer]?.at ?? 0)) return;
    this.#own = { ...this.#own, [answer]: said };
    await saveOwnAnswers(this.store, this.#own);
    this.changed();
  }

  #known(): Room | null {
    return this.rooms.all().find(({ record }) => record.kind === "staff" && record.state !== "creating") ?? null;
  }

  async #room(): Promise<Room> {
    const known = this.#known();
    if (known?.active) return known;
    const { staff } = await this.http.get("/cases/staff", staffBody);
    const room = this.rooms.get(await this.membership.staffRoom(staff));
    if (!room?.active) throw new Failure("forbidden");
    return room;
  }

  /** The latest version of each. A time that lies after the log's own counts as that. */
  async #shared(): Promise<AnswerContent[]> {
    const room = this.#known();
    const latest = new Map<string, AnswerContent>();
    for (const { meaning: { answer }, at } of room ? await saidIn(this.store, this.outbox, room, "answer", this.me) : []) {
      const said = { ...answer, at: Math.min(answer.at, at) };
      if (said.at >= (latest.get(answer.answer)?.at ?? 0)) latest.set(answer.answer, said);
    }
    return [...latest.values()];
  }
}
