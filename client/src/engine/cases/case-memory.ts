/** The person's own questions and what is still to be shown in them: sealed on the device before anybody is told. */
import { Batch, type Store } from "../../store/store.ts";
import type { Stayed, StayedFor } from "../../contract/index.ts";
import type { CaseRecord, ShowingRecord } from "../records/index.ts";

const CASES = "own cases";
const SHOWINGS = "showings";

export class CaseMemory {
  readonly #cases = new Map<string, CaseRecord>();
  #showings: ShowingRecord[] = [];
  #lastOrder = 0;

  constructor(private readonly store: Store) {}

  async load(): Promise<void> {
    const [cases, showings] = await Promise.all([
      this.store.range<CaseRecord>("meta", await this.store.scope(CASES)), this.store.range<ShowingRecord>("meta", await this.store.scope(SHOWINGS)),
    ]);
    for (const { value } of cases) this.#cases.set(value.id, value);
    this.#showings = showings.map(({ value }) => value);
    this.#lastOrder = Math.max(0, ...[...cases, ...showings].map(({ order }) => order));
  }

  /** In the order of asking. */
  all(): CaseRecord[] {
    return [...this.#cases.values()];
  }

  get(id: string): CaseRecord | null {
    return this.#cases.get(id) ?? null;
  }

  /** What is still to be shown in the case, oldest first. */
  showings(id: string): ShowingRecord[] {
    return this.#showings.filter((showing) => showing.case === id && showing.step !== "over");
  }

  /** What was to be shown in the case, and was not. */
  stayed(id: string): Stayed {
    const all: Stayed = {};
    for (const { case: of, stayed = {} } of this.#showings) if (of === id) addTo(all, stayed);
    return all;
  }

  /** The two become durable together. */
  async add(made: Omit<CaseRecord, "order"> | null, showing: Omit<ShowingRecord, "order">): Promise<void> {
    const record = made && { ...made, order: this.#nextOrder() };
    const shown = { ...showing, order: this.#nextOrder() };
    const batch = new Batch().put("meta", await this.store.scope(SHOWINGS), shown, shown.order);
    if (record) batch.put("meta", await this.store.scope(CASES), record, record.order);
    await this.store.write(batch);
    if (record) this.#cases.set(record.id, record);
    this.#showings.push(shown);
  }

  /** A case that another device of the account has opened. */
  async learn(made: Omit<CaseRecord, "order">): Promise<CaseRecord> {
    const record = { ...made, order: this.#nextOrder() };
    await this.#save(record);
    return record;
  }

  async change(record: CaseRecord, change: Partial<CaseRecord>): Promise<CaseRecord> {
    const next = { ...record, ...change };
    await this.#save(next);
    return next;
  }

  /** Adds to the batch how far a showing has come; `adopt` follows once that is durable. */
  async stage(showing: ShowingRecord, batch: Batch): Promise<void> {
    const scope = await this.store.scope(SHOWINGS);
    if (isDone(showing)) batch.delete("meta", scope, showing.order);
    else batch.put("meta", scope, showing, showing.order);
  }

  adopt(showing: ShowingRecord): void {
    this.#showings = this.#showings.flatMap((one) => (one.order !== showing.order ? [one] : isDone(showing) ? [] : [showing]));
  }

  async keep(showing: ShowingRecord): Promise<void> {
    const batch = new Batch();
    await this.stage(showing, batch);
    await this.store.write(batch);
    this.adopt(showing);
  }

  /** Forgets what was to be shown, and with `whole` the case itself. */
  async forget(record: CaseRecord, whole: boolean): Promise<void> {
    const scope = await this.store.scope(SHOWINGS);
    const batch = new Batch();
    for (const { case: id, order } of this.#showings) if (id === record.id) batch.delete("meta", scope, order);
    if (whole) batch.delete("meta", await this.store.scope(CASES), record.order);
    await this.store.write(batch);
    this.#showings = this.#showings.filter((showing) => showing.case !== record.id);
    if (whole) this.#cases.delete(record.id);
  }

  async #save(record: CaseRecord): Promise<void> {
    await this.store.write(new Batch().put("meta", await this.store.scope(CASES), record, record.order));
    this.#cases.set(record.id, record);
  }

  #nextOrder(): number {
    this.#lastOrder = Math.max(this.#lastOrder + 1, Date.now());
    return this.#lastOrder;
  }
}

/** All of it went. */
function isDone({ step, stayed = {} }: ShowingRecord): boolean {
  return step === "over" && Object.keys(stayed).length === 0;
}

export function addTo(all: Stayed, more: Stayed): Stayed {
  for (const [why, count] of Object.entries(more) as [StayedFor, number][]) if (count > 0) all[why] = (all[why] ?? 0) + count;
  return all;
}
