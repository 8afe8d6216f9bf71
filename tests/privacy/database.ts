import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const root = resolve(import.meta.dirname, "../..");

export type Value = string | number | null | { hex: string };
export type Row = Record<string, Value>;

export interface Dump {
  schema: Record<string, { columns: string[]; references: [string, string][] }>;
  rows: Record<string, Row[]>;
}

/** Everything in the server's SQLite database, all tables at one moment. */
export async function dump(dataDir: string): Promise<Dump> {
  const [file] = (await filesIn(dataDir)).filter((path) => /\.(sqlite3?|db)$/.test(path));
  if (file === undefined) throw new Error(`There is no database in ${dataDir}`);
  const python = join(root, ".venv/bin/python");
  const { stdout } = await run(python, [join(import.meta.dirname, "dump.py"), file], { maxBuffer: 1 << 28 });
  return JSON.parse(stdout) as Dump;
}

/** The bytes of every file below a folder, by path. */
export async function bytesBelow(folder: string): Promise<Map<string, Buffer>> {
  const files = await filesIn(folder);
  return new Map(await Promise.all(files.map(async (path) => [path, await readFile(path)] as const)));
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

export interface Change {
  table: string;
  /** `added`, `removed`, or the columns of a row that changed. */
  what: string;
  count: number;
}

/** What became different from `before` to `after`, without values and without saying in which row. */
export function changes(before: Dump, after: Dump): Change[] {
  const counts = new Map<string, number>();
  const note = (table: string, what: string): void => void counts.set(`${table}\0${what}`, (counts.get(`${table}\0${what}`) ?? 0) + 1);
  for (const [table, rows] of Object.entries(after.rows)) {
    const old = new Map((before.rows[table] ?? []).map((row) => [keyOf(row), row]));
    for (const row of rows) {
      const was = old.get(keyOf(row));
      old.delete(keyOf(row));
      const changed = was === undefined ? ["added"] : Object.keys(row).filter((name) => JSON.stringify(row[name]) !== JSON.stringify(was[name]));
      if (changed.length > 0) note(table, changed.join(" "));
    }
    for (let gone = old.size; gone > 0; gone--) note(table, "removed");
  }
  return [...counts].sort().map(([key, count]) => ({ table: key.split("\0")[0] ?? "", what: key.split("\0")[1] ?? "", count }));
}

function keyOf(row: Row): string {
  return JSON.stringify(row["id"] ?? row);
}
