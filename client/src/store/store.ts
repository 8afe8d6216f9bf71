/**
 * Records as the state layer sees them. Each is encrypted on its own, bound to its place, and found under a name that
 * only the holder of the index key can make; on disk no room, account, name or text can be read.
 */
import { decode, encode } from "@msgpack/msgpack";
import { base64url, type Bytes, concat, ownBytes, randomBytes, utf8 } from "../protocol/bytes.ts";
import type { Backend, Key, Operation, Range, Row, Table } from "./backend.ts";
import type { VaultKeys } from "./vault.ts";

/** A record was changed or moved behind the store's back. */
export class Tampered extends Error {
  constructor() {
    super("record cannot be opened");
    this.name = "Tampered";
  }
}

export interface Found<T> {
  order: number;
  value: T;
}

const NONCE_LENGTH = 12;

export class Store {
  readonly #scopes = new Map<string, Promise<string>>();
  #writes: Promise<unknown> = Promise.resolve();

  constructor(private readonly backend: Backend, private readonly keys: Pick<VaultKeys, "records" | "index">) {}

  /** The scope that stands for something on disk. The same again for the same `parts`. */
  scope(...parts: readonly string[]): Promise<string> {
    const name = parts.join("\0");
    let scope = this.#scopes.get(name);
    if (!scope) {
      scope = this.blind(name);
      this.#scopes.set(name, scope);
    }
    return scope;
  }

  /** As `scope`, for names that are too many to remember. */
  async blind(name: string): Promise<string> {
    const digest = await crypto.subtle.sign("HMAC", this.keys.index, utf8(name));
    return base64url(new Uint8Array(digest, 0, 16));
  }

  /** Throws Tampered. The caller names the type that it wrote. */
  async get<T>(table: Table, scope: string, order = 0): Promise<T | null> {
    const data = await this.backend.get(table, [scope, order]);
    return data && ((await this.#open(table, { key: [scope, order], data })) as T);
  }

  /** In ascending order. Throws Tampered. */
  async range<T>(table: Table, scope: string, range?: Range): Promise<Found<T>[]> {
    return this.#openAll(table, await this.backend.range(table, scope, range));
  }

  async all<T>(table: Table): Promise<Found<T>[]> {
    return this.#openAll(table, await this.backend.all(table));
  }

  /** Writes become visible in the order in which they were asked for, each whole or not at all. */
  write(batch: Batch): Promise<void> {
    // Encrypting starts at once and side by side; only the writing waits its turn.
    const sealed = Promise.all(batch.operations.map((operation) => this.#seal(operation)));
    const written = this.#writes.then(async () => {
      await this.backend.write(await sealed);
    });
    this.#writes = written.catch(() => undefined);
    // A failure of sealing reaches the caller through `written`.
    sealed.catch(() => undefined);
    return written;
  }

  async settled(): Promise<void> {
    await this.#writes;
  }

  async #seal(operation: BatchOperation): Promise<Operation> {
    if (!("value" in operation)) return operation;
    const { put, key, value } = operation;
    const nonce = randomBytes(NONCE_LENGTH);
    const parameters = { name: "AES-GCM", iv: nonce, additionalData: place(put, key) };
    const box = await crypto.subtle.encrypt(parameters, this.keys.records, ownBytes(encode(value)));
    return { put, key, data: concat(nonce, new Uint8Array(box)) };
  }

  async #open(table: Table, { key, data }: Row): Promise<unknown> {
    const parameters = { name: "AES-GCM", iv: data.subarray(0, NONCE_LENGTH), additionalData: place(table, key) };
    try {
      const plain = await crypto.subtle.decrypt(parameters, this.keys.records, data.subarray(NONCE_LENGTH));
      return decode(new Uint8Array(plain));
    } catch {
      throw new Tampered();
    }
  }

  #openAll<T>(table: Table, rows: readonly Row[]): Promise<Found<T>[]> {
    return Promise.all(rows.map(async (row) => ({ order: row.key[1], value: (await this.#open(table, row)) as T })));
  }
}

type BatchOperation =
  | { put: Table; key: Key; value: unknown }
  | { delete: Table; key: Key }
  | { deleteScope: Table; scope: string };

/** Changes that become durable together. Values are read when the batch is written. */
export class Batch {
  readonly operations: BatchOperation[] = [];

  /** `value` is anything that MessagePack can hold, without undefined. */
  put(table: Table, scope: string, value: unknown, order = 0): this {
    this.operations.push({ put: table, key: [scope, order], value });
    return this;
  }

  delete(table: Table, scope: string, order = 0): this {
    this.operations.push({ delete: table, key: [scope, order] });
    return this;
  }

  deleteScope(table: Table, scope: string): this {
    this.operations.push({ deleteScope: table, scope });
    return this;
  }
}

function place(table: Table, [scope, order]: Key): Bytes {
  return utf8(`${table}\0${scope}\0${String(order)}`);
}
