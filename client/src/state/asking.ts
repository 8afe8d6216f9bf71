/**
 * A member asks moderators for help (docs/protocol.md, section 11). Everything is stored first and goes out as far as
 * possible now: the case, its room with everybody in it who may read, then what is shown, each step once.
 */
import { attestationsBody, caseBody, type CaseBody } from "../protocol/api-cases.ts";
import { type Bytes, hex, randomBytes } from "../protocol/bytes.ts";
import { isRefusal, Refusal } from "../protocol/errors.ts";
import { newUuid } from "../protocol/ids.ts";
import { SerialQueue } from "../crypto/queue.ts";
import { Batch } from "../store/store.ts";
import { Backoff, sleep } from "../transport/backoff.ts";
import type { Http } from "../transport/http.ts";
import type { CaseMemory } from "./case-memory.ts";
import { Failure } from "./contract.ts";
import type { Ask, Question } from "./contract-cases.ts";
import type { Entering } from "./entering.ts";
import type { Outbox } from "./outbox.ts";
import type { CaseRecord, KeptMessage, ShowingRecord } from "./records.ts";
import { LONGEST_WISH, type ShownMessage, splitReport } from "./report-content.ts";
import type { Room, Rooms } from "./rooms.ts";
import type { Showables } from "./showable.ts";

const MOST_ATTESTED = 100;

export interface AskingHooks {
  online(): boolean;
  /** They are suspended: all that they can do is take back what they asked. */
  shutOut(): boolean;
  ownName(): string;
  /** Brings the pictures of these contents from one room to another. Throws Refusal. */
  bring(from: string, to: string, contents: readonly Bytes[]): Promise<void>;
  /** Something of a question changed. */
  changed(): void;
  /** Goes on with `pump`, which nobody waits for. */
  go(): void;
  /** Sends what waits in the room, as far as possible now. */
  pump(room: Room): void;
}

export class Asking {
  /** One step of one case at a time. */
  readonly #queue = new SerialQueue();
  readonly #backoff = new Backoff(3_000, 300_000);
  #waiting = false;

  constructor(
    private readonly http: Http,
    private readonly rooms: Rooms,
    private readonly outbox: Outbox,
    private readonly entering: Entering,
    private readonly memory: CaseMemory,
    private readonly showables: Showables,
    private readonly hooks: AskingHooks,
  ) {}

  async ask({ room: from, messages, concern, urgency, wish, named, keptFrom }: Ask): Promise<string> {
    if ([...wish].length > LONGEST_WISH) throw new Failure("too_large");
    const id = newUuid();
    await this.memory.add(
      {
        id, room: newUuid(), concern, urgency, openedAt: Date.now(), named, keptFrom: [...keptFrom], sent: "no", withdrawing: false,
        state: "unclaimed", closedAt: null, outcome: null,
      },
      await this.#showing(id, from, messages, named, wish),
    );
    this.hooks.changed();
    if (this.hooks.online()) await this.#openNow(id);
    this.hooks.go();
    return id;
  }

  async showMore(record: CaseRecord, room: string, messages: readonly string[]): Promise<void> {
    if (record.state === "closed" || record.withdrawing) throw new Failure("conflict");
    await this.memory.add(null, await this.#showing(record.id, room, messages, record.named, ""));
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

  question(record: CaseRecord): Omit<Question, "answerFrom" | "unopened"> {
    const { id, room, concern, urgency, openedAt, named, sent, withdrawing, outcome, closedAt } = record;
    const base = { id, room, concern, urgency, openedAt, named, unread: this.rooms.get(room)?.unread ?? 0 };
    if (withdrawing) return { ...base, state: "closed", closedAt, outcome: "withdrawn" };
    if (sent === "refused") return { ...base, state: "refused", closedAt: null, outcome: null };
    const underway = sent !== "yes" || (record.state === "unclaimed" && this.#underway(record));
    return { ...base, state: underway ? "sending" : record.state, closedAt, outcome };
  }

  /** Goes on with everything, as far as possible now. Whatever is in the way is tried again. */
  async pump(): Promise<void> {
    const shutOut = this.hooks.shutOut();
    if (!this.hooks.online() && !shutOut) return;
    let again: number | null = null;
    for (const { id, withdrawing } of this.memory.all()) {
      if (shutOut && !withdrawing) continue;
      try {
        await this.#queue.run(() => this.#advance(id));
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        // Without a connection, the next one goes on by itself.
        if (error.code !== "unreachable") again = Math.max(again ?? 0, error.detail.retryAfterMs ?? this.#backoff.next());
      }
    }
    if (again === null) this.#backoff.reset();
    if (again === null || this.#waiting) return;
    this.#waiting = true;
    await sleep(again);
    this.#waiting = false;
    await this.pump();
  }

  #underway({ id, room }: CaseRecord): boolean {
    return this.memory.showings(id).length > 0 || this.outbox.of(room).some(({ meaning }) => meaning.type === "report");
  }

  async #showing(id: string, from: string, keys: readonly string[], named: boolean, wish: string): Promise<Omit<ShowingRecord, "order">> {
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
    if (record.state === "closed") return this.memory.forget(record, false);
    if (record.sent !== "yes") await this.#open(id).catch((error: unknown) => {
      // It stands there for the person to see.
      if (this.memory.get(id)?.sent !== "refused") throw error;
    });
    const room = this.rooms.get(record.room);
    if (!room) return;
    if (room.record.state === "creating" && !room.underway) await room.during(() => this.entering.found(room));
    if (!room.active) return;
    for (const showing of this.memory.showings(id)) await this.#show(record, room, showing);
  }

  /** Tells the server of the case. The room is known here once the server has it. */
  async #open(id: string): Promise<void> {
    let record = this.memory.get(id);
    if (!record || record.sent === "yes") return;
    record = await this.memory.change(record, { sent: "tried" });
    const { room, concern, urgency, keptFrom } = record;
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
    const made = await this.rooms.ensure(room, "case");
    await this.rooms.update(made, (next) => {
      next.founding = [...body.staff];
      next.named = record.named;
    });
    await this.memory.change(record, { sent: "yes", openedAt: body.opened_at, state: body.state, keptFrom: [] });
    this.hooks.changed();
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

  /** The report goes to the outbox whole, and its record goes with it. */
  async #show(record: CaseRecord, room: Room, showing: ShowingRecord): Promise<void> {
    const batch = new Batch();
    const shown = await this.#attested(record.id, showing);
    if (showing.room && shown) await this.hooks.bring(showing.room.id, room.id, shown.map(({ content }) => content));
    await this.memory.stageRemoval([showing], batch);
    if (shown) {
      const { concern, urgency } = record;
      const head = { concern, urgency, wish: showing.wish, name: showing.name, room: showing.room, passed: null };
      const parts = splitReport(showing.report, head, shown);
      await this.outbox.addAll(room, parts.map((part) => ({ type: "report", part })), batch);
    } else {
      await this.memory.write(batch);
    }
    this.memory.drop([showing]);
    this.hooks.changed();
    this.hooks.pump(room);
  }

  /** The messages with the server's word for each. Null when the case was closed before. */
  async #attested(id: string, showing: ShowingRecord): Promise<ShownMessage[] | null> {
    let messages = showing.messages;
    const shown: ShownMessage[] = [];
    while (shown.length < messages.length) {
      const some = messages.slice(shown.length, shown.length + MOST_ATTESTED);
      try {
        const { attestations } = await this.http.post(`/cases/${id}/attest`, { messages: some.map((one) => stamped(showing, one)) }, attestationsBody);
        if (attestations.length !== some.length) throw new Refusal("unavailable");
        shown.push(...some.map(({ content, seq, time }, index) => ({ attestation: attestations[index] ?? "", content, seq, time })));
      } catch (error) {
        if (isRefusal(error, "case_closed")) return null;
        if (!isRefusal(error, "bad_frank")) throw error;
        // Not stamped by this server: it proves nothing.
        const bad = some[error.detail.index ?? 0] ?? some[0];
        messages = messages.filter((one) => one !== bad);
      }
    }
    return shown;
  }
}

function stamped({ room }: ShowingRecord, { sender, seq, time, tag, frank, key }: KeptMessage): object {
  return { sender, room: room?.id, seq, time, tag, frank, key };
}
