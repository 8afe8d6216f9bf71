/** The person's own questions and what is still to be shown in them: sealed on the device before anybody is told. */
import { Batch, type Store } from "../store/store.ts";
import type { CaseRecord, ShowingRecord } from "./records.ts";

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
    return this.#showings.filter((showing) => showing.case === id);
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

  async changeShowing(showing: ShowingRecord, change: Partial<ShowingRecord>): Promise<ShowingRecord> {
    const next = { ...showing, ...change };
    await this.store.write(new Batch().put("meta", await this.store.scope(SHOWINGS), next, next.order));
    this.#showings = this.#showings.map((one) => (one.order === next.order ? next : one));
    return next;
  }

  /** Adds the removal to the batch; `drop` follows once that is durable. */
  async stageRemoval(showings: readonly ShowingRecord[], batch: Batch): Promise<Batch> {
    const scope = await this.store.scope(SHOWINGS);
    for (const { order } of showings) batch.delete("meta", scope, order);
    return batch;
  }

  write(batch: Batch): Promise<void> {
    return this.store.write(batch);
  }

  drop(showings: readonly ShowingRecord[]): void {
    const gone = new Set(showings.map(({ order }) => order));
    this.#showings = this.#showings.filter(({ order }) => !gone.has(order));
  }

  /** Forgets what was to be shown, and with `whole` the case itself. */
  async forget(record: CaseRecord, whole: boolean): Promise<void> {
    const showings = this.showings(record.id);
    const batch = await this.stageRemoval(showings, new Batch());
    if (whole) batch.delete("meta", await this.store.scope(CASES), record.order);
    await this.store.write(batch);
    this.drop(showings);
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
