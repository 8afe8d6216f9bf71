import {
  type About,
  type Ask,
  type Asker,
  type CaseFile,
  type CaseId,
  type Cases,
  type Exhibit,
  Failure,
  type LoadedPicture,
  type Outcome,
  type Person,
  type Question,
  type Report,
  type Showable,
  type ShownMessage,
} from "../../contract/index.ts";
import { canBeAskedAbout } from "../logic/sayings.ts";
import { takenBy } from "../logic/cases.ts";
import { drawn, shown } from "./fake-pictures.ts";
import { note, text, type Cast } from "./fake-data.ts";
import { shelter } from "./fake-referrals.ts";
import type { FakeRooms } from "./fake-rooms.ts";

interface Around {
  cast: Cast;
  rooms: FakeRooms;
  empty: boolean;
  ask(): Promise<void>;
  changed(): void;
}

const minute = 60_000;
const day = 1440 * minute;

/** Two questions of the person's own, and a queue as a moderator may find it. */
export class FakeCases implements Cases {
  #questions: Question[] = [];
  #files: CaseFile[] = [];
  readonly #reports = new Map<CaseId, Report[]>();

  constructor(private readonly around: Around) {
    if (around.empty) return;
    const now = Date.now();
    const { rooms } = around;
    const question = (id: string, more: Partial<Question>): Question => ({ id, room: `case-${id}`, concern: "threats", urgency: "today", state: "claimed", openedAt: now - 90 * minute, closedAt: null, outcome: null, named: false, unread: 0, answerFrom: null, unopened: false, unreadable: false, elsewhere: false, underway: null, stayed: {}, unseen: false, ...more });
    this.#questions = [question("q1", { unread: 1 }), question("q2", { concern: "harassment", state: "closed", openedAt: now - 9 * day, closedAt: now - 8 * day, outcome: "acted", unseen: true, stayed: { closed: 1, reader: 2, unproven: 1, picture: 1 } })];
    rooms.write("case-q1", () => [text("case-q1", this.#person("mira"), now - 20 * minute, "Thank you for telling us. I have read it. Are you safe at the moment?"), text("case-q1", this.#person("mira"), now - 10 * minute, "", { body: { type: "card", card: { kind: "service", service: shelter } } })]);
    const file = (id: string, more: Partial<CaseFile>): CaseFile => ({
      id, room: `case-${id}`, concern: "threats", urgency: "today", state: "unclaimed", openedAt: now - 30 * minute, dueAt: now + 210 * minute, answerFrom: null, closedAt: null, outcome: null,
      openedBy: "tala", asker: "tala", claimedBy: null, mine: false, staff: ["me", "asha", "mira"], subjects: ["long"], related: [], unread: 0, unreadNotes: 0, notesRoom: null, inside: true, ...more,
    });
    this.#files = [
      file("1", { concern: "danger", urgency: "now", openedAt: now - 20 * minute, dueAt: now - 5 * minute, related: ["2"] }),
      file("2", { concern: "recruitment", related: ["1"], subjects: ["long", "new"] }),
      file("3", { state: "claimed", claimedBy: "me", mine: true, unread: 2, openedBy: "bibi", asker: "bibi", openedAt: now - 300 * minute, answerFrom: now - 220 * minute, subjects: ["amal"], notesRoom: "notes-3" }),
      file("4", { concern: "harassment", state: "claimed", claimedBy: "asha", openedAt: now - day, answerFrom: now - 60 * minute, inside: false }),
      file("5", { concern: "self_harm", state: "waiting", claimedBy: "me", mine: true, openedAt: now - 2 * day, openedBy: null, subjects: [] }),
      file("7", { concern: "harassment", urgency: "now", state: "claimed", claimedBy: "me", mine: true, openedAt: now - 90 * minute, answerFrom: now - 35 * minute, unread: 1 }),
      file("8", { concern: "other", state: "claimed", claimedBy: "me", mine: true, openedAt: now - 200 * minute }),
      file("6", { concern: "other", state: "closed", claimedBy: "mira", openedAt: now - 5 * day, closedAt: now - 4 * day, outcome: "helped" }),
    ];
    for (const { id, concern, urgency, openedAt, asker } of this.#files) {
      const named = id === "3";
      const report: Report = { id, at: openedAt, by: asker ?? "", passedOnBy: null, roomKind: "group", concern, urgency, wish: "I want him to stop writing to the new ones. Please don’t tell him it was me.", name: named ? "Bibi" : null, complete: id !== "2", exhibits: [...exhibits(openedAt), ...(id === "2" ? pictures(openedAt) : [])] };
      // Two can come in one moment.
      this.#reports.set(id, id === "8" ? [report, { ...report, id: "8 more", wish: "", exhibits: pictures(openedAt) }] : [report]);
      rooms.write(`case-${id}`, () => [note(`case-${id}`, openedAt, { type: "joined", account: "me", by: null }), text(`case-${id}`, { ...this.#person(asker), name: named ? "Bibi" : null }, openedAt + minute, "Thank you for looking. I can talk for the next hour.")]);
    }
  }

  async suggest(room: string, message: string, { before, after } = { before: 3, after: 3 }): Promise<Showable[]> {
    await Promise.resolve();
    const log = this.around.rooms.log(room).filter(canBeAskedAbout);
    const at = log.findIndex(({ key }) => key === message);
    return at < 0 ? [] : log.slice(Math.max(0, at - before), at + after + 1).map((one) => showable(one, one.key === message));
  }

  async readers(): Promise<Person[]> {
    await this.around.ask();
    return this.around.cast.people.filter(({ role }) => role !== "member");
  }

  async ask({ concern, urgency, named }: Ask): Promise<CaseId> {
    const id = `q${this.#questions.length + 1}`;
    await Promise.resolve();
    const made: Question = { id, room: `case-${id}`, concern, urgency, state: "unclaimed", openedAt: Date.now(), closedAt: null, outcome: null, named, unread: 0, answerFrom: null, unopened: false, unreadable: false, elsewhere: false, underway: null, stayed: {}, unseen: false };
    this.#questions = [made, ...this.#questions];
    this.around.changed();
    return id;
  }

  showMore(): Promise<void> {
    return Promise.resolve();
  }

  async withdraw(id: CaseId): Promise<void> {
    await this.around.ask();
    this.#questions = this.#questions.map((one) => (one.id === id ? { ...one, state: "closed", closedAt: Date.now(), outcome: "withdrawn" } : one));
    this.around.changed();
  }

  async questions(): Promise<Question[]> {
    await Promise.resolve();
    return this.#questions;
  }

  async noticed(id: CaseId): Promise<void> {
    await Promise.resolve();
    if (this.#questions.every((one) => one.id !== id || !one.unseen)) return;
    this.#questions = this.#questions.map((one) => (one.id === id ? { ...one, unseen: false } : one));
    this.around.changed();
  }

  async namesOf(): Promise<never[]> {
    await Promise.resolve();
    return [];
  }

  async queue(closed: boolean): Promise<CaseFile[]> {
    await this.around.ask();
    return this.#files.filter(({ state }) => (state === "closed") === closed).sort((a, b) => (a.dueAt ?? takenBy(a)) - (b.dueAt ?? takenBy(b)));
  }

  async file(id: CaseId): Promise<CaseFile> {
    await this.around.ask();
    const found = this.#files.find((one) => one.id === id);
    if (!found) throw new Failure("not_found");
    return found;
  }

  async reports(id: CaseId): Promise<Report[]> {
    await this.around.ask();
    return this.#reports.get(id) ?? [];
  }

  async asker(id: CaseId): Promise<Asker | null> {
    await this.around.ask();
    const account = this.#files.find((one) => one.id === id)?.openedBy ?? null;
    if (account === null) return null;
    const named = this.#named(id);
    const alike = this.#files.filter((one) => one.openedBy === account && this.#named(one.id) === named);
    const outcomes: Asker["outcomes"] = {};
    for (const { outcome } of alike) if (outcome) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    return { account, named, times: alike.length, outcomes };
  }

  async about(account: string): Promise<About> {
    await this.around.ask();
    const all = [...this.#files].sort((one, other) => other.openedAt - one.openedAt);
    return { shown: all.filter(({ subjects }) => subjects.includes(account)), asked: all.filter(({ id, openedBy }) => openedBy === account && this.#named(id)) };
  }

  async picture(_id: CaseId, exhibit: string): Promise<LoadedPicture> {
    await this.around.ask();
    return exhibit.endsWith("forged") ? { state: "unchecked" } : { state: "here", picture: drawn() };
  }

  async claim(id: CaseId): Promise<void> {
    await this.around.ask();
    if (this.#files.some((one) => one.id === id && one.claimedBy !== null && !one.mine)) throw new Failure("conflict");
    this.#change(id, { state: "claimed", claimedBy: "me", mine: true, answerFrom: Date.now() });
  }

  async handOver(id: CaseId, to: string | null): Promise<void> {
    await this.around.ask();
    this.#change(id, { state: to === null ? "unclaimed" : "claimed", claimedBy: to, mine: false, answerFrom: to === null ? null : Date.now() });
  }

  async setWaiting(id: CaseId, waiting: boolean): Promise<void> {
    await this.around.ask();
    this.#change(id, { state: waiting ? "waiting" : "claimed" });
  }

  async close(id: CaseId, outcome: Exclude<Outcome, "withdrawn">): Promise<void> {
    await this.around.ask();
    this.#change(id, { state: "closed", closedAt: Date.now(), outcome });
  }

  /** For the engine: what is said in a case's room was seen. */
  read(room: string): void {
    this.#questions = this.#questions.map((one) => (one.room === room ? { ...one, unread: 0 } : one));
    this.#files = this.#files.map((one) => (one.room === room ? { ...one, unread: 0 } : one));
    this.around.changed();
  }

  #named(id: CaseId): boolean {
    return (this.#reports.get(id) ?? []).some(({ name }) => name !== null);
  }

  #change(id: CaseId, change: Partial<CaseFile>): void {
    this.#files = this.#files.map((one) => (one.id === id ? { ...one, ...change } : one));
    this.around.changed();
  }

  #person(account: string | null): Person {
    const found = this.around.cast.people.find((one) => one.account === account);
    if (!found) throw new Error("nobody of that name is in the cast");
    return found;
  }
}

function showable(message: ShownMessage, asked: boolean): Showable {
  const { key, seq, at, from, name, mine, body } = message;
  const removed = body.type === "deleted";
  return { key, seq: seq ?? 0, at, from, name, mine, text: body.type === "text" ? body.text : removed ? "Come alone, and tell nobody." : "", ...(removed && { removed }), ...(body.type === "text" && body.picture && { picture: true }), asked };
}

type Showing = (seq: number, body: string, more?: Partial<Exhibit>) => Exhibit;

const showing = (openedAt: number): Showing => (seq, body, more = {}) => ({ key: `x${seq}`, room: "group-1", seq, at: openedAt - (60 - seq) * minute, from: "long", text: body, changes: null, doubt: null, skipped: 0, ...more });

/** One that is what was sent, and one that is not. */
function pictures(openedAt: number): Exhibit[] {
  const exhibit = showing(openedAt);
  return [exhibit(52, "", { picture: shown("Where you could live") }), exhibit(53, "Look how nice it is", { key: "x53-forged", picture: shown("") })];
}

function exhibits(openedAt: number): Exhibit[] {
  const exhibit = showing(openedAt);
  return [
    exhibit(41, "I know someone who has a room and work for you. No papers needed."),
    exhibit(42, "You can pay me back later. Don’t tell the others, they only get jealous.", { skipped: 3 }),
    exhibit(47, "Who did you talk to?", { doubt: "edited" }),
    exhibit(48, "I know where your sister lives.", { from: "new", skipped: 0, picture: shown("A house behind trees") }),
    exhibit(51, "", { changes: "x48", from: "new", skipped: 2 }),
  ];
}
