/** Asking the network's moderators for help, and helping: what `engine.cases` does (docs/protocol.md, section 11). */
import type { CaseBody } from "../../protocol/api-cases.ts";
import type { Store } from "../../store/store.ts";
import type { Http } from "../../transport/http.ts";
import { Askers } from "./askers.ts";
import { Asking, type AskingHooks } from "./asking.ts";
import { Awaiting } from "./awaiting.ts";
import { CaseFiles } from "./case-files.ts";
import { CaseMemory } from "./case-memory.ts";
import { CaseNews } from "./case-news.ts";
import { CaseReaders } from "./case-readers.ts";
import { CaseTurns } from "./case-turns.ts";
import {
  type About,
  type Around,
  type Ask,
  type Asker,
  type CaseFile,
  type Cases,
  Failure,
  type LoadedPicture,
  type Outcome,
  type Person,
  type Question,
  type Report,
  type Showable,
} from "../../contract/index.ts";
import type { Emitter, Errands } from "../common/index.ts";
import type { Proof } from "./evidence.ts";
import type { Entering, Introductions, Membership } from "../groups/index.ts";
import { LettingIn } from "./letting-in.ts";
import type { Outbox, People, Pictures, Profile, Room, Rooms, Timeline, Views } from "../rooms/index.ts";
import { OwnCases } from "./own-cases.ts";
import { PublishedKeys, type StaffRoll } from "../trust/index.ts";
import { Questions } from "./questions.ts";
import { Referring } from "./referrals.ts";
import type { Self } from "../sync/index.ts";
import { Reports } from "./reports.ts";
import type { Services } from "./services.ts";
import { Showables } from "./showable.ts";

export interface CaseParts {
  http: Http;
  store: Store;
  pictures: Pictures;
  rooms: Rooms;
  views: Views;
  timeline: Timeline;
  people: Pick<People, "get">;
  outbox: Outbox;
  entering: Entering;
  membership: Membership;
  introductions: Introductions;
  roll: StaffRoll;
  profile: Profile;
  self: Self;
  emitter: Emitter;
  services: Services;
  online(): boolean;
  /** There is a connection, to the rooms of this person's own cases alone: they are suspended. */
  shutOut(): boolean;
  pump(room: Room): void;
  errands: Errands;
  /** Takes care of work that nobody waits for, and that tries again by itself. */
  spawn(work: Promise<unknown>): void;
}

export class Casework implements Cases {
  readonly #memory: CaseMemory;
  readonly #mine: OwnCases;
  readonly #files: CaseFiles;
  readonly #news: CaseNews;
  readonly #questions: Questions;
  readonly #awaiting: Awaiting;
  readonly #asking: Asking;
  readonly #showables: Showables;
  readonly #keys: PublishedKeys;
  readonly referrals: Referring;
  readonly #askers: Askers;
  readonly #reports: Reports;
  readonly #letting: LettingIn;
  readonly #me: string;

  constructor(private readonly parts: CaseParts) {
    const { http, store, rooms, timeline, outbox, profile, emitter } = parts;
    const { account, domain } = profile.value;
    this.#me = account;
    this.#memory = new CaseMemory(store);
    this.#mine = new OwnCases(rooms, this.#memory, account);
    this.#showables = new Showables(store, rooms, timeline, parts.people, account);
    this.#keys = new PublishedKeys(http, store);
    this.#reports = new Reports(store, outbox, this.#keys, domain, parts.pictures);
    const turns = new CaseTurns(store);
    this.#awaiting = new Awaiting(http, rooms, this.#memory, turns, account);
    this.#files = new CaseFiles(http, rooms, turns, account, () => profile.value.role === "coordinator", (bodies, news) => this.#news.heard(bodies, news));
    this.#askers = new Askers(this.#files, rooms, this.#reports, account);
    this.referrals = new Referring({
      http, store, outbox, services: parts.services, me: account, place: (id) => this.#inside(id),
      pump: (room) => {
        parts.pump(room);
      },
    });
    const readers = new CaseReaders(http, store, rooms, parts.views, parts.roll, account);
    this.#letting = new LettingIn(
      rooms, parts.membership, parts.roll, this.#reports, parts.self, (id) => this.#mine.latest(id) ?? this.#others(id), (room) => {
        parts.pump(room);
      }, (name, work) => {
        void parts.errands.run(name, work);
      },
    );
    this.#news = new CaseNews(http, rooms, this.#mine, this.#files, this.#letting, parts.introductions, emitter, () => this.#isStaff);
    const hooks: AskingHooks = {
      online: () => parts.online(), shutOut: () => parts.shutOut(), ownName: () => profile.value.name, certified: (one) => parts.roll.certified(one), bring: (from, to, content) => parts.pictures.bring(from, to, content),
      readers: (record) => readers.of(record), changed: () => {
        emitter.emit("cases", null);
      },
      go: () => {
        parts.spawn(this.#asking.pump());
      },
      pump: (room) => {
        parts.pump(room);
      },
    };
    this.#asking = new Asking(http, rooms, outbox, parts.entering, this.#memory, this.#showables, account, hooks);
    this.#questions = new Questions(
      this.#memory, this.#mine, this.#news, this.#asking, this.#awaiting, readers, this.#reports, rooms, emitter, account, () => parts.online() || parts.shutOut(),
    );
    emitter.on("room", (id) => {
      if (rooms.get(id)?.record.kind !== "case") return;
      emitter.emit("cases", null);
      const own = this.#memory.all().find((record) => record.room === id);
      if (own) this.#letting.changed(this.#mine.latest(own.id));
      if (this.#isStaff && parts.online()) void parts.errands.run(`answered ${id}`, () => this.#files.tellAnswers(id));
      if (parts.online() || parts.shutOut()) void parts.errands.run(`asked ${id}`, () => this.#awaiting.tell(id));
    });
  }

  /** The server's signing keys, pinned on this device. */
  get keys(): PublishedKeys {
    return this.#keys;
  }

  load(): Promise<void> {
    return this.#memory.load();
  }

  /** There is a connection: goes on with what waits, and looks after the rooms of other people's cases. */
  async ready(): Promise<void> {
    this.#letting.connected();
    this.parts.spawn(this.#asking.pump());
    void this.parts.errands.run("asked", () => this.#awaiting.tell());
    // Somebody may have come who waits to be let in.
    if (this.#mayHaveOpen() && (!this.#isStaff || this.parts.shutOut())) void this.parts.errands.run("own cases", () => this.#news.ask());
    if (!this.#isStaff || this.parts.shutOut()) return;
    await Promise.all([this.#keys.refresh(), this.#files.refresh()]);
    await this.#files.tellAnswers();
  }

  /** Another device of this account may have asked something that this one has not heard of. */
  #mayHaveOpen(): boolean {
    const strange = this.parts.rooms.all().some((room) => room.active && room.record.kind === "case" && room.record.asker === undefined && !this.knows(room.id));
    return strange || this.#mine.open().length > 0;
  }

  /** Some case of this account's, or of the network's for staff, is no longer as it was: itself, or what was proposed for it. */
  async refresh(): Promise<void> {
    await (this.#isStaff ? this.#files.refresh() : this.#news.ask());
    this.parts.emitter.emit("cases", null);
  }

  /** Somebody is certified as staff who was not: questions may go to them, and they into the rooms of open ones. */
  certified(): void {
    this.parts.spawn(this.#asking.pump());
    this.#letting.look([...this.#mine.bodies, ...this.#files.all]);
    this.parts.emitter.emit("cases", null);
  }

  /** This device has come into a case's room. */
  async entered(): Promise<void> {
    this.parts.spawn(this.#asking.pump());
    if (this.#isStaff) await this.#files.refresh();
  }

  /** The room of a question, though it may still be to be made. */
  knows(room: string): boolean {
    return this.#memory.all().some((record) => record.room === room);
  }

  /** As `knows`, or the room of a case that this person may work on. True while nobody can tell. */
  mayBeOfCase(room: string): boolean {
    return this.knows(room) || (this.#isStaff && this.#files.mayHave(room));
  }

  readers(question: string | null): Promise<Person[]> {
    return this.#questions.readers(question);
  }

  namesOf(account: string): Promise<{ room: string; message: string }[]> {
    return this.#showables.names(account);
  }

  suggest(room: string, message: string, around?: Around): Promise<Showable[]> {
    return this.#showables.suggest(room, message, around);
  }

  ask(ask: Ask): Promise<string> {
    return this.#asking.ask(ask);
  }

  showMore(question: string, room: string, messages: readonly string[]): Promise<void> {
    return this.#questions.showMore(question, room, messages);
  }

  withdraw(question: string): Promise<void> {
    return this.#questions.withdraw(question);
  }

  questions(): Promise<Question[]> {
    return this.#questions.all();
  }

  noticed(question: string): Promise<void> {
    return this.#questions.noticed(question);
  }

  queue(closed: boolean): Promise<CaseFile[]> {
    return this.#files.queue(closed);
  }

  file(id: string): Promise<CaseFile> {
    return this.#files.file(id);
  }

  async reports(id: string): Promise<Report[]> {
    const { room, opener } = await this.#inside(id);
    return room ? this.#reports.of(id, room, opener) : [];
  }

  /** What was shown in a case with what proves it, as far as this device can read it. */
  async proofs(id: string): Promise<Proof[]> {
    const { room, opener } = await this.#inside(id);
    return room ? this.#reports.proofs(id, room, opener) : [];
  }

  async picture(id: string, exhibit: string): Promise<LoadedPicture> {
    const { room, opener } = await this.#inside(id);
    if (!room) throw new Failure("not_found");
    return this.#reports.picture(id, room, opener, exhibit);
  }

  async asker(id: string): Promise<Asker | null> {
    return this.#askers.of(await this.#files.look(id));
  }

  about(account: string): Promise<About> {
    return this.#askers.about(account);
  }

  /** Whether whoever asked in a case that this person may work on gave their name. Throws Refusal. */
  async askerNamed(id: string): Promise<boolean> {
    return (await this.#askers.named(await this.#files.look(id))) === true;
  }

  claim(id: string): Promise<void> {
    return this.#files.claim(id);
  }

  handOver(id: string, to: string | null): Promise<void> {
    return this.#files.handOver(id, to);
  }

  setWaiting(id: string, waiting: boolean): Promise<void> {
    return this.#files.setWaiting(id, waiting);
  }

  close(id: string, outcome: Exclude<Outcome, "withdrawn">): Promise<void> {
    return this.#files.close(id, outcome);
  }

  /** What the server says of a case. */
  look(id: string): Promise<CaseBody> {
    return this.#files.look(id);
  }

  async #inside(id: string): Promise<{ room: Room | null; opener: string | null }> {
    const { opened_by: asker, room: place } = await this.#files.look(id);
    const room = place === null ? null : this.parts.rooms.get(place);
    return { room, opener: asker ?? room?.record.asker ?? (this.#memory.get(id) ? this.#me : null) };
  }

  /** What the server said last of somebody else's case. */
  #others(id: string): CaseBody | null {
    const body = this.#files.known(id);
    return body?.mine === false ? body : null;
  }

  get #isStaff(): boolean {
    return this.parts.profile.value.role !== "member";
  }

}

/** The contract's side: whatever goes wrong becomes a Failure. */
export function guardedCases(cases: () => Casework, attempt: <T>(work: () => Promise<T>) => Promise<T>): Cases {
  return {
    namesOf: (account) => attempt(() => cases().namesOf(account)),
    suggest: (room, message, around) => attempt(() => cases().suggest(room, message, around)),
    readers: (question) => attempt(() => cases().readers(question)),
    ask: (ask) => attempt(() => cases().ask(ask)),
    showMore: (question, room, messages) => attempt(() => cases().showMore(question, room, messages)),
    withdraw: (question) => attempt(() => cases().withdraw(question)),
    questions: () => attempt(() => cases().questions()),
    noticed: (question) => attempt(() => cases().noticed(question)),
    queue: (closed) => attempt(() => cases().queue(closed)),
    file: (id) => attempt(() => cases().file(id)),
    reports: (id) => attempt(() => cases().reports(id)),
    asker: (id) => attempt(() => cases().asker(id)),
    about: (account) => attempt(() => cases().about(account)),
    picture: (id, exhibit) => attempt(() => cases().picture(id, exhibit)),
    claim: (id) => attempt(() => cases().claim(id)),
    handOver: (id, to) => attempt(() => cases().handOver(id, to)),
    setWaiting: (id, waiting) => attempt(() => cases().setWaiting(id, waiting)),
    close: (id, outcome) => attempt(() => cases().close(id, outcome)),
  };
}
