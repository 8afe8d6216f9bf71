/** Asking the network's moderators for help, and helping: what `engine.cases` does (docs/protocol.md, section 11). */
import { type CaseBody, caseBody, staffBody } from "../protocol/api-cases.ts";
import { isRefusal } from "../protocol/errors.ts";
import { Batch, type Store } from "../store/store.ts";
import type { Http } from "../transport/http.ts";
import { Askers } from "./askers.ts";
import { Asking, type AskingHooks } from "./asking.ts";
import { Awaiting } from "./awaiting.ts";
import { CaseFiles } from "./case-files.ts";
import { CaseMemory } from "./case-memory.ts";
import { CaseTurns } from "./case-turns.ts";
import { Failure, type Person } from "./contract.ts";
import type { About, Around, Ask, Asker, CaseFile, Cases, Outcome, Question, Report, Showable } from "./contract-cases.ts";
import type { LoadedPicture } from "./contract-pictures.ts";
import type { Emitter } from "./emitter.ts";
import type { Proof } from "./evidence.ts";
import type { Entering } from "./entering.ts";
import type { Errands } from "./errands.ts";
import type { Introductions } from "./introductions.ts";
import { joined } from "./joined.ts";
import { LettingIn } from "./letting-in.ts";
import type { Membership } from "./membership.ts";
import type { Outbox } from "./outbox.ts";
import { OwnCases } from "./own-cases.ts";
import { allCases } from "./pages.ts";
import type { Pictures } from "./pictures.ts";
import type { Profile } from "./profile.ts";
import { PublishedKeys } from "./published-keys.ts";
import { isUnseen, toTell } from "./question-news.ts";
import { Referring } from "./referrals.ts";
import type { Self } from "./receiver.ts";
import type { CaseRecord } from "./records.ts";
import { Reports } from "./reports.ts";
import type { Room, Rooms } from "./rooms.ts";
import type { Services } from "./services.ts";
import { Showables } from "./showable.ts";
import type { Timeline } from "./timeline.ts";
import { accountsIn, type Views } from "./views.ts";

/** Who would see a case, as the server said last. */
const READERS = "case readers";

export interface CaseParts {
  http: Http;
  store: Store;
  pictures: Pictures;
  rooms: Rooms;
  views: Views;
  timeline: Timeline;
  outbox: Outbox;
  entering: Entering;
  membership: Membership;
  introductions: Introductions;
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
    this.#showables = new Showables(store, rooms, timeline, account);
    this.#keys = new PublishedKeys(http, store);
    this.#reports = new Reports(store, outbox, this.#keys, domain, parts.pictures);
    const turns = new CaseTurns(store);
    this.#awaiting = new Awaiting(http, rooms, this.#memory, turns, account);
    this.#files = new CaseFiles(http, rooms, turns, account, () => profile.value.role === "coordinator", (bodies, news) => this.#heard(bodies, news));
    this.#askers = new Askers(this.#files, rooms, this.#reports, account);
    this.referrals = new Referring({
      http, store, outbox, services: parts.services, me: account, place: (id) => this.#inside(id),
      pump: (room) => {
        parts.pump(room);
      },
    });
    this.#letting = new LettingIn(
      rooms, parts.membership, this.#reports, parts.self, (id) => this.#mine.latest(id) ?? this.#others(id), (room) => {
        parts.pump(room);
      }, (name, work) => {
        void parts.errands.run(name, work);
      },
    );
    const hooks: AskingHooks = {
      online: () => parts.online(), shutOut: () => parts.shutOut(), ownName: () => profile.value.name, bring: (from, to, content) => parts.pictures.bring(from, to, content),
      readers: (record) => this.#read(record), changed: () => {
        emitter.emit("cases", null);
      },
      go: () => {
        parts.spawn(this.#asking.pump());
      },
      pump: (room) => {
        parts.pump(room);
      },
    };
    this.#asking = new Asking(http, rooms, outbox, parts.entering, this.#memory, this.#showables, hooks);
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
    if (this.#mayHaveOpen() && (!this.#isStaff || this.parts.shutOut())) void this.parts.errands.run("own cases", () => this.#refreshOwn());
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
    await (this.#isStaff ? this.#files.refresh() : this.#refreshOwn());
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

  async readers(question: string | null): Promise<Person[]> {
    const staff = question === null ? await this.#wouldRead() : await this.#knownToRead(await this.#own(question));
    return staff.map((account) => this.parts.views.person(account) ?? stranger(account));
  }

  suggest(room: string, message: string, around?: Around): Promise<Showable[]> {
    return this.#showables.suggest(room, message, around);
  }

  ask(ask: Ask): Promise<string> {
    return this.#asking.ask(ask);
  }

  async showMore(question: string, room: string, messages: readonly string[]): Promise<void> {
    await this.#asking.showMore(await this.#own(question), room, messages);
  }

  async withdraw(question: string): Promise<void> {
    await this.#asking.withdraw(await this.#own(question));
  }

  async questions(): Promise<Question[]> {
    if (this.parts.online() || this.parts.shutOut()) await this.#tryRefreshing();
    const own = this.#memory.all().sort((one, other) => other.openedAt - one.openedAt || other.order - one.order);
    return Promise.all(own.map(async (record) => ({ ...this.#asking.question(record), answerFrom: await this.#awaiting.since(record), unopened: this.#mine.unopened(record), elsewhere: await this.#elsewhere(record), unseen: isUnseen(record, this.#memory.stayed(record.id)) })));
  }

  async noticed(question: string): Promise<void> {
    const record = this.#memory.get(question);
    const stayed = this.#memory.stayed(question);
    if (!record || !isUnseen(record, stayed)) return;
    await this.#memory.change(record, { looked: toTell(record, stayed) });
    this.parts.emitter.emit("cases", null);
  }

  async #elsewhere({ room: id, state }: CaseRecord): Promise<boolean> {
    const room = this.parts.rooms.get(id);
    return room?.active === true && state !== "closed" && room.record.empty === true && !(await this.#reports.any(room, this.#me));
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

  async #wouldRead(): Promise<string[]> {
    const { http, store } = this.parts;
    const scope = await store.scope(READERS);
    try {
      const { staff } = await http.get("/cases/staff", staffBody);
      await store.write(new Batch().put("meta", scope, staff));
      return staff;
    } catch (error) {
      if (!isRefusal(error, "unreachable", "unavailable", "suspended")) throw error;
      const known = (await store.get<string[]>("meta", scope)) ?? this.#knownStaff();
      // Whoever is shut out is told nothing by the server: none known is not none.
      if (known.length === 0 && isRefusal(error, "suspended")) throw error;
      return known;
    }
  }

  /** Those who may read it, and those who can as they are in its room. Throws Refusal. */
  async #read(record: CaseRecord): Promise<string[]> {
    const { staff } = await this.parts.http.get(`/cases/${record.id}`, caseBody);
    return [...new Set([...staff, ...this.#canRead(record)])].filter((account) => account !== this.#me);
  }

  /** The same as far as this device knows it without the server. */
  async #knownToRead(record: CaseRecord): Promise<string[]> {
    try {
      return await this.#read(record);
    } catch (error) {
      if (!isRefusal(error, "unreachable", "unavailable", "not_found")) throw error;
      return this.#canRead(record).filter((account) => account !== this.#me);
    }
  }

  #canRead({ room: place }: CaseRecord): string[] {
    const room = this.parts.rooms.get(place);
    return room ? [...new Set([...accountsIn(room), ...(room.record.founding ?? [])])] : [];
  }

  async #inside(id: string): Promise<{ room: Room | null; opener: string | null }> {
    const { opened_by: asker, room: place } = await this.#files.look(id);
    const room = place === null ? null : this.parts.rooms.get(place);
    return { room, opener: asker ?? room?.record.asker ?? (this.#memory.get(id) ? this.#me : null) };
  }

  /** One of this person's own, whichever of their devices opened it. */
  async #own(id: string): Promise<CaseRecord> {
    if (!this.#memory.get(id)) await this.#tryRefreshing();
    const record = this.#memory.get(id);
    if (!record) throw new Failure("not_found");
    return record;
  }

  readonly #refreshOwn = joined(() => this.#askOwn());

  /** For somebody who looks: without an answer they see what is known here. */
  async #tryRefreshing(): Promise<void> {
    try {
      await this.#refreshOwn();
    } catch (error) {
      if (!isRefusal(error, "unreachable", "unavailable", "rate_limited")) throw error;
    }
  }

  /** Throws Refusal. */
  async #askOwn(): Promise<void> {
    const { http } = this.parts;
    const before = this.#mine.open();
    // To staff the server tells their own with the others'.
    if (this.#isStaff) {
      await this.#files.refresh();
      return this.#over(before.filter((id) => this.#files.known(id) === null));
    }
    const [open, closed] = await Promise.all([allCases(http, { closed: false }), allCases(http, { closed: true })]);
    const bodies = [...open, ...closed];
    await this.#heard(bodies);
    return this.#over(before.filter((id) => !bodies.some((body) => body.id === id)));
  }

  async #over(ids: readonly string[]): Promise<void> {
    await this.#mine.over(ids);
    if (ids.length > 0) this.parts.emitter.emit("cases", null);
  }

  async #heard(bodies: readonly CaseBody[], changed = false): Promise<void> {
    let news = changed;
    for (const body of bodies) news = (await (body.mine ? this.#mine.heard(body) : this.#help(body))) || news;
    this.#letting.look(bodies);
    if (news) this.parts.emitter.emit("cases", null);
  }

  /** In the room of somebody else's case this person is there to help, and says who they are. */
  async #help({ room: id, opened_by: asker }: CaseBody): Promise<boolean> {
    const { rooms, introductions } = this.parts;
    const room = id === null ? null : rooms.get(id);
    if (!room?.active || room.record.kind !== "case") return false;
    // The server forgets it with the account; what they said and showed stays theirs.
    if (asker !== null && room.record.asker === undefined) {
      await rooms.update(room, (record) => {
        record.asker = asker;
      });
    }
    if (room.record.named === true) return false;
    await rooms.update(room, (record) => {
      record.named = true;
    });
    await introductions.greet(room);
    return true;
  }

  /** What the server said last of somebody else's case. */
  #others(id: string): CaseBody | null {
    const body = this.#files.known(id);
    return body?.mine === false ? body : null;
  }

  get #isStaff(): boolean {
    return this.parts.profile.value.role !== "member";
  }

  #knownStaff(): string[] {
    const people = this.parts.views.everyone();
    return people.filter(({ role }) => role === "moderator" || role === "coordinator").map(({ account }) => account);
  }
}

function stranger(account: string): Person {
  return { account, name: null, hearsay: false, me: false, role: null, sharedRooms: [], blocked: false };
}

/** The contract's side: whatever goes wrong becomes a Failure. */
export function guardedCases(cases: () => Casework, attempt: <T>(work: () => Promise<T>) => Promise<T>): Cases {
  return {
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
