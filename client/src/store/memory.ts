/** The twin of the IndexedDB backend for tests and headless clients. */
import type { Bytes } from "../protocol/bytes.ts";
import { type Backend, type Key, type Operation, type Range, type Row, type Table, TABLES } from "./backend.ts";

type Scope = Map<number, Bytes>;

export class MemoryBackend implements Backend {
  readonly #tables = new Map<Table, Map<string, Scope>>(TABLES.map((table) => [table, new Map<string, Scope>()]));

  get(table: Table, [scope, order]: Key): Promise<Bytes | null> {
    return Promise.resolve(this.#scopes(table).get(scope)?.get(order) ?? null);
  }

  range(table: Table, scope: string, { before = Infinity, newest = Infinity }: Range = {}): Promise<Row[]> {
    const rows = this.#rows(scope, this.#scopes(table).get(scope)).filter(({ key: [, order] }) => order < before);
    return Promise.resolve(rows.slice(Math.max(0, rows.length - newest)));
  }

  all(table: Table): Promise<Row[]> {
    return Promise.resolve([...this.#scopes(table)].flatMap(([scope, records]) => this.#rows(scope, records)));
  }

  write(operations: readonly Operation[]): Promise<void> {
    for (const operation of operations) {
      if ("put" in operation) {
        const [scope, order] = operation.key;
        const scopes = this.#scopes(operation.put);
        scopes.set(scope, (scopes.get(scope) ?? new Map<number, Bytes>()).set(order, operation.data));
      } else if ("delete" in operation) {
        this.#scopes(operation.delete).get(operation.key[0])?.delete(operation.key[1]);
      } else {
        this.#scopes(operation.deleteScope).delete(operation.scope);
      }
    }
    return Promise.resolve();
  }

  close(): void {
    // Nothing to let go of.
  }

  clear(): Promise<void> {
    for (const scopes of this.#tables.values()) scopes.clear();
    return Promise.resolve();
  }

  #scopes(table: Table): Map<string, Scope> {
    return this.#tables.get(table) ?? new Map<string, Scope>();
  }

  #rows(scope: string, records: Scope = new Map<number, Bytes>()): Row[] {
    return [...records].sort(([left], [right]) => left - right).map(([order, data]) => ({ key: [scope, order], data }));
  }
}
