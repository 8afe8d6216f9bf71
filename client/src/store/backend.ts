/** Where sealed records lie: IndexedDB on a device, memory in tests. A backend sees no plaintext. */
import type { Bytes } from "../protocol/bytes.ts";

export const TABLES = ["plain", "meta", "rooms", "prefs", "people", "messages", "changes", "ids", "outbox"] as const;
export type Table = (typeof TABLES)[number];

/** Records are ordered within their scope. */
export type Key = readonly [scope: string, order: number];

export interface Row {
  key: Key;
  data: Bytes;
}

export type Operation =
  | { put: Table; key: Key; data: Bytes }
  | { delete: Table; key: Key }
  /** Every record of the scope. */
  | { deleteScope: Table; scope: string };

export interface Range {
  /** Only orders below this. */
  before?: number;
  /** At most so many, counted from the newest. */
  newest?: number;
}

export interface Backend {
  get(table: Table, key: Key): Promise<Bytes | null>;
  /** In ascending order. */
  range(table: Table, scope: string, range?: Range): Promise<Row[]>;
  all(table: Table): Promise<Row[]>;
  /** All of it, or nothing. Throws StorageFull when there is no room. */
  write(operations: readonly Operation[]): Promise<void>;
  close(): void;
  /** Deletes every record. The backend stays usable. */
  clear(): Promise<void>;
}

export class StorageFull extends Error {
  constructor() {
    super("storage full");
    this.name = "StorageFull";
  }
}
