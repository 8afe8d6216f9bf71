/** What a person has asked moderators, on whichever of their devices: how it stands, who reads it, and what is told of it once. */
import { Failure, type Person, type Question } from "../../contract/index.ts";
import type { Asking } from "./asking.ts";
import type { Awaiting } from "./awaiting.ts";
import type { CaseMemory } from "./case-memory.ts";
import type { CaseNews } from "./case-news.ts";
import type { CaseReaders } from "./case-readers.ts";
import type { Emitter } from "../common/index.ts";
import type { OwnCases } from "./own-cases.ts";
import { isUnseen, toTell } from "./question-news.ts";
import type { CaseRecord } from "../records/index.ts";
import type { Reports } from "./reports.ts";
import type { Rooms } from "../rooms/index.ts";

export class Questions {
  constructor(
    private readonly memory: CaseMemory,
    private readonly mine: OwnCases,
    private readonly news: CaseNews,
    private readonly asking: Asking,
    private readonly awaiting: Awaiting,
    private readonly reading: CaseReaders,
    private readonly reports: Reports,
    private readonly rooms: Rooms,
    private readonly emitter: Emitter,
    private readonly me: string,
    /** There is a connection, if only to the rooms of this person's own cases. */
    private readonly connected: () => boolean,
  ) {}

  async all(): Promise<Question[]> {
    if (this.connected()) await this.news.look();
    const own = this.memory.all().sort((one, other) => other.openedAt - one.openedAt || other.order - one.order);
    return Promise.all(own.map(async (record) => ({ ...this.asking.question(record), answerFrom: await this.awaiting.since(record), unopened: this.mine.unopened(record), elsewhere: await this.#elsewhere(record), unseen: isUnseen(record, this.memory.stayed(record.id)) })));
  }

  async noticed(question: string): Promise<void> {
    const record = this.memory.get(question);
    const stayed = this.memory.stayed(question);
    if (!record || !isUnseen(record, stayed)) return;
    await this.memory.change(record, { looked: toTell(record, stayed) });
    this.emitter.emit("cases", null);
  }

  /** Throws Refusal, and Failure `not_found`. */
  async readers(question: string | null): Promise<Person[]> {
    return this.reading.people(question === null ? null : await this.#own(question));
  }

  async showMore(question: string, room: string, messages: readonly string[]): Promise<void> {
    await this.asking.showMore(await this.#own(question), room, messages);
  }

  async withdraw(question: string): Promise<void> {
    await this.asking.withdraw(await this.#own(question));
  }

  async #elsewhere({ room: id, state }: CaseRecord): Promise<boolean> {
    const room = this.rooms.get(id);
    return room?.active === true && state !== "closed" && room.record.empty === true && !(await this.reports.any(room, this.me));
  }

  /** One of this person's own, whichever of their devices opened it. */
  async #own(id: string): Promise<CaseRecord> {
    if (!this.memory.get(id)) await this.news.look();
    const record = this.memory.get(id);
    if (!record) throw new Failure("not_found");
    return record;
  }
}
