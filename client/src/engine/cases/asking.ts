/**
 * A member asks moderators for help (docs/protocol.md, section 11). Everything is stored first and goes out as far as
 * possible now: the case, its room with everybody in it who may read, then what is shown, each step once.
 */
import { caseBody, type CaseBody, staffBody } from "../../protocol/api-cases.ts";
import { hex, randomBytes } from "../../protocol/bytes.ts";
import { isRefusal, Refusal } from "../../protocol/errors.ts";
import { newUuid } from "../../protocol/ids.ts";
import { SerialQueue } from "../../crypto/queue.ts";
import { Backoff, sleep } from "../../transport/backoff.ts";
import type { Http } from "../../transport/http.ts";
import type { CaseMemory } from "./case-memory.ts";
import { type Ask, Failure, type Question } from "../../contract/index.ts";
import type { Entering } from "../groups/index.ts";
import type { Outbox, Room, Rooms } from "../rooms/index.ts";
import type { CaseRecord, ShowingRecord } from "../records/index.ts";
import { LONGEST_WISH } from "../../content/report-content.ts";
import type { Showables } from "./showable.ts";
import { givenUp, Showing, type ShowingHooks } from "./showing.ts";

export interface AskingHooks extends ShowingHooks {
  online(): boolean;
  /** They are suspended: they can ask nothing new, but take back what they asked, and say it to the end. */
  shutOut(): boolean;
  ownName(): string;
  /** Whether a coordinator has confirmed that they are staff. */
  certified(account: string): boolean;
  /** Goes on with `pump`, which nobody waits for. */
  go(): void;
}

export class Asking {
  /** One step of one case at a time. */
  readonly #queue = new SerialQueue();
  /** One picture at a time, and nothing else waits for it. */
  readonly #pictures = new SerialQueue();
  readonly #backoff = new Backoff(3_000, 300_000);
  readonly #showing: Showing;
  /** Cases of which the server has just said who may read them. */
  readonly #fresh = new Set<string>();
  #waiting = false;

  constructor(
    private readonly http: Http,
    private readonly rooms: Rooms,
    private readonly outbox: Outbox,
    private readonly entering: Entering,
    private readonly memory: CaseMemory,
    private readonly showables: Showables,
    private readonly me: string,
    private readonly hooks: AskingHooks,
  ) {
    this.#showing = new Showing(http, outbox, memory, hooks);
  }

  async ask({ room: from, messages, concern, urgency, wish, named, keptFrom, letIn = [] }: Ask): Promise<string> {
    if ([...wish].length > LONGEST_WISH) throw new Failure("too_large");
    const id = newUuid();
    await this.memory.add(
      {
        id, room: newUuid(), concern, urgency, openedAt: Date.now(), named, keptFrom: [...keptFrom], letIn: [...letIn], sent: "no",
        withdrawing: false, state: "unclaimed", closedAt: null, outcome: null,
      },
      await this.#collect(id, from, messages, named, wish),
    );
    this.hooks.changed();
    if (this.hooks.online()) await this.#openNow(id);
    this.hooks.go();
    return id;
  }

  async showMore(record: CaseRecord, room: string, messages: readonly string[]): Promise<void> {
    if (record.state === "closed" || record.withdrawing) throw new Failure("conflict");
    await this.memory.add(null, await this.#collect(record.id, room, messages, record.named, ""));
    this.hooks.changed();
    this.hooks.go();
  }

  /** What is not out yet stays here. */
  async withdraw(record: CaseRecord): Promise<void> {
    await this.#queue.run(async () => {
      const now = this.memory.get(record.id);
      if (!now || now.state === "closed") return;
      const unknown = now.sent === "no" || now.sent === "refused";
      await this.memory.forget(now, unknown);
      const room = this.rooms.get(now.room);
      for (const item of room ? this.outbox.of(room.id) : []) {
        if (room && item.meaning.type === "report" && !item.record.attempted) await this.outbox.discard(room, item);
      }
      if (!unknown) await this.memory.change(now, { withdrawing: true });
    });
    this.hooks.changed();
    this.hooks.go();
  }

  question(record: CaseRecord): Omit<Question, "answerFrom" | "unopened" | "elsewhere" | "unseen"> {
    const { id, room, concern, urgency, openedAt, named, sent, withdrawing, outcome, closedAt } = record;
    const base = { id, room, concern, urgency, openedAt, named, unread: this.rooms.get(room)?.unread ?? 0, underway: null, unreadable: false, stayed: this.memory.stayed(id) };
    if (withdrawing) return { ...base, state: "closed", closedAt, outcome: "withdrawn" };
    if (sent === "refused") return { ...base, state: "refused", closedAt: null, outcome: null };
    const underway = this.#underway(record);
    const unreadable = this.#unreadable(record);
    const sending = sent !== "yes" || (record.state === "unclaimed" && underway === "messages");
    return { ...base, underway, unreadable, state: sending ? "sending" : record.state, closedAt, outcome };
  }

  /** Goes on with everything, as far as possible now. Whatever is in the way is tried again. */
  async pump(): Promise<void> {
    const shutOut = this.hooks.shutOut();
    if (!this.hooks.online() && !shutOut) return;
    let again: number | null = null;
    const attempt = async (work: Promise<void>): Promise<void> => {
      try {
        await work;
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        // Without a connection, the next one goes on by itself; but a large picture can fail on a line that holds otherwise.
        if (error.code !== "unreachable" || this.hooks.online()) again = Math.max(again ?? 0, error.detail.retryAfterMs ?? this.#backoff.next());
      }
    };
    // Whoever is shut out keeps what the server has: its words go on, and pictures wait for the room that they are in.
    const cases = this.memory.all().filter(({ withdrawing, sent }) => !shutOut || withdrawing || sent === "yes");
    for (const { id } of cases) await attempt(this.#queue.run(() => this.#advance(id)));
    for (const { id } of shutOut ? [] : cases) await attempt(this.#pictures.run(() => this.#bring(id)));
    if (again === null) this.#backoff.reset();
    if (again === null || this.#waiting) return;
    this.#waiting = true;
    await sleep(again);
    this.#waiting = false;
    await this.pump();
  }

  /** Its room is not there yet, and would have nobody in it. */
  #unreadable({ sent, room: id }: CaseRecord): boolean {
    const room = this.rooms.get(id);
    return sent === "yes" && room?.record.state === "creating" && !room.record.founding.some((account) => this.hooks.certified(account));
  }

  #underway({ id, room }: CaseRecord): Question["underway"] {
    const left = this.memory.showings(id);
    const words = left.some(({ step }) => step === undefined) || this.outbox.of(room).some(({ meaning }) => meaning.type === "report");
    return words ? "messages" : left.length > 0 ? "pictures" : null;
  }

  async #collect(id: string, from: string, keys: readonly string[], named: boolean, wish: string): Promise<Omit<ShowingRecord, "order">> {
    const room = keys.length > 0 ? this.showables.room(from) : null;
    const messages = room ? await this.showables.collect(room, keys, named) : [];
    if (room && messages.length === 0) throw new Failure("not_found");
    const { kind } = room?.record ?? { kind: "self" };
    if (kind === "case" || kind === "staff" || kind === "notes") throw new Failure("forbidden");
    return {
      case: id, report: hex(randomBytes(16)), wish, name: named ? this.hooks.ownName() : null, messages,
      room: room && kind !== "self" ? { id: room.id, kind } : null,
    };
  }

  /** While somebody waits for it. What the server does not want is forgotten, and they hear of it. */
  async #openNow(id: string): Promise<void> {
    await this.#queue.run(async () => {
      try {
        await this.#open(id);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        const record = this.memory.get(id);
        if (record?.sent !== "refused") return;
        await this.memory.forget(record, true);
        this.hooks.changed();
        throw error;
      }
    });
  }

  async #advance(id: string): Promise<void> {
    const record = this.memory.get(id);
    if (!record || record.sent === "refused") return;
    if (record.withdrawing) return this.#takeBack(record);
    if (record.state === "closed") return this.#giveUp(id);
    if (record.sent !== "yes") await this.#open(id).catch((error: unknown) => {
      // It stands there for the person to see.
      if (this.memory.get(id)?.sent !== "refused") throw error;
    });
    const room = this.rooms.get(record.room);
    if (!room) return;
    if (room.record.state === "creating" && !room.underway) await room.during(() => this.#found(record, room));
    if (!room.active) return;
    await this.#showing.say(this.memory.get(id) ?? record, room);
  }

  async #found(record: CaseRecord, room: Room): Promise<void> {
    // Another try: who looks after the network may have changed since the last one.
    if (!this.#fresh.delete(record.id)) await this.#place(record, await this.http.get(`/cases/${record.id}`, caseBody));
    await this.entering.found(room);
  }

  /** Its room, and who is to be in it. */
  async #place({ room, named }: CaseRecord, { staff }: CaseBody): Promise<void> {
    await this.rooms.update(await this.rooms.ensure(room, "case"), (next) => {
      next.founding = [...staff];
      next.person = this.me;
      next.named = named;
    });
  }

  async #bring(id: string): Promise<void> {
    const record = this.memory.get(id);
    const room = record && this.rooms.get(record.room);
    if (room?.active) await this.#showing.bring(id, room, (work) => this.#queue.run(work));
  }

  /** It was closed before all was shown. */
  async #giveUp(id: string): Promise<void> {
    const left = this.memory.showings(id);
    for (const showing of left) await this.memory.keep(givenUp(showing));
    if (left.length > 0) this.hooks.changed();
  }

  /** Tells the server of the case. The room is known here once the server has it. */
  async #open(id: string): Promise<void> {
    let record = this.memory.get(id);
    if (!record || record.sent === "yes") return;
    const keptFrom = await this.#keptFrom(record);
    record = await this.memory.change(this.memory.get(id) ?? record, { sent: "tried" });
    const { room, concern, urgency } = record;
    let body: CaseBody;
    try {
      body = await this.http.post("/cases", { id, room, concern, urgency, kept_from: keptFrom }, caseBody);
    } catch (error) {
      if (error instanceof Refusal && !isRefusal(error, "unreachable", "unavailable", "rate_limited", "unauthenticated")) {
        await this.memory.change(record, { sent: "refused" });
        this.hooks.changed();
      }
      throw error;
    }
    await this.#place(record, body);
    this.#fresh.add(id);
    await this.memory.change(record, { sent: "yes", openedAt: body.opened_at, state: body.state, keptFrom: [] });
    this.hooks.changed();
  }

  /** Whom it is kept from by hand, and all who would read what is shown of themselves, but for those who were let in by hand. */
  async #keptFrom({ id, keptFrom, letIn = [] }: CaseRecord): Promise<string[]> {
    const senders = this.memory.showings(id).flatMap(({ messages }) => messages.map(({ sender }) => sender)).filter((sender) => !letIn.includes(sender));
    if (senders.length === 0) return keptFrom;
    const { staff } = await this.http.get("/cases/staff", staffBody);
    return [...new Set([...keptFrom, ...staff.filter((account) => senders.includes(account))])];
  }

  async #takeBack(record: CaseRecord): Promise<void> {
    const ended = await this.#ended(record.id);
    await this.memory.change(record, { withdrawing: false, sent: "yes", state: "closed", outcome: ended?.outcome ?? "withdrawn", closedAt: ended?.closed_at ?? Date.now() });
    this.hooks.changed();
  }

  /** How it ended, which may be otherwise: a moderator closed it just before. Null when it never was there. */
  async #ended(id: string): Promise<CaseBody | null> {
    try {
      return await this.http.post(`/cases/${id}/withdraw`, {}, caseBody);
    } catch (error) {
      if (isRefusal(error, "not_found")) return null;
      if (!isRefusal(error, "case_closed")) throw error;
      return this.http.get(`/cases/${id}`, caseBody);
    }
  }
}
