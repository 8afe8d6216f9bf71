/** Sealed records in IndexedDB: one object store a table, keys [scope, order]. */
import { type DBSchema, deleteDB, type IDBPDatabase, openDB } from "idb";
import type { Bytes } from "../protocol/bytes.ts";
import {
  type Backend, type Key, type Operation, type Range, type Row, StorageFull, type Table, TABLES,
} from "./backend.ts";

interface Sealed {
  key: [string, number];
  value: Bytes;
}
type Schema = DBSchema & Record<Table, Sealed>;

const VERSION = 1;

export class IndexedDbBackend implements Backend {
  #database: Promise<IDBPDatabase<Schema>>;

  private constructor(private readonly name: string) {
    this.#database = this.#connect();
  }

  static async open(name: string): Promise<IndexedDbBackend> {
    const backend = new IndexedDbBackend(name);
    await backend.#database;
    return backend;
  }

  static destroy(name: string): Promise<void> {
    return deleteDB(name);
  }

  #connect(): Promise<IDBPDatabase<Schema>> {
    return openDB<Schema>(this.name, VERSION, {
      upgrade(opened) {
        for (const table of TABLES) opened.createObjectStore(table);
      },
      // Another tab wants to delete or upgrade it, and would wait for this one for ever.
      blocking(_current, _blocked, event) {
        (event.target as IDBDatabase).close();
      },
      // Some systems cut databases off from apps that were away for long.
      terminated: () => {
        this.#database = this.#connect();
        // Whoever asks next hears of a failure.
        this.#database.catch(() => undefined);
      },
    });
  }

  async get(table: Table, [scope, order]: Key): Promise<Bytes | null> {
    return (await (await this.#database).get(table, [scope, order])) ?? null;
  }

  async range(table: Table, scope: string, { before = Infinity, newest }: Range = {}): Promise<Row[]> {
    const store = (await this.#database).transaction(table).store;
    let low = -Infinity;
    if (newest !== undefined) {
      const everything = IDBKeyRange.bound([scope, -Infinity], [scope, before], false, true);
      // Walking keys backwards and reading values in one go is much faster than walking values.
      let cursor = await store.openKeyCursor(everything, "prev");
      for (let left = newest; cursor && left > 0; left -= 1) {
        low = cursor.key[1];
        if (left > 1) cursor = await cursor.continue();
      }
      if (low === -Infinity) return [];
    }
    const range = IDBKeyRange.bound([scope, low], [scope, before], false, true);
    const [keys, values] = await Promise.all([store.getAllKeys(range), store.getAll(range)]);
    return rows(keys, values);
  }

  async all(table: Table): Promise<Row[]> {
    const store = (await this.#database).transaction(table).store;
    const [keys, values] = await Promise.all([store.getAllKeys(), store.getAll()]);
    return rows(keys, values);
  }

  async write(operations: readonly Operation[]): Promise<void> {
    if (operations.length === 0) return;
    const tables = new Set(operations.map(tableOf));
    const transaction = (await this.#database).transaction([...tables], "readwrite");
    try {
      const requests = operations.map((operation) => {
        const store = transaction.objectStore(tableOf(operation));
        if ("put" in operation) return store.put(operation.data, [...operation.key]);
        if ("delete" in operation) return store.delete([...operation.key]);
        return store.delete(IDBKeyRange.bound([operation.scope, -Infinity], [operation.scope, Infinity]));
      });
      await Promise.all([...requests, transaction.done]);
    } catch (error) {
      if (error instanceof DOMException && error.name === "QuotaExceededError") throw new StorageFull();
      throw error;
    }
  }

  close(): void {
    void this.#database.then((database) => {
      database.close();
    });
  }

  async clear(): Promise<void> {
    const transaction = (await this.#database).transaction([...TABLES], "readwrite");
    await Promise.all([...TABLES.map((table) => transaction.objectStore(table).clear()), transaction.done]);
  }
}

function tableOf(operation: Operation): Table {
  if ("put" in operation) return operation.put;
  return "delete" in operation ? operation.delete : operation.deleteScope;
}

function rows(keys: Key[], values: Bytes[]): Row[] {
  return values.flatMap((data, index) => {
    const key = keys[index];
    return key ? [{ key, data }] : [];
  });
}
