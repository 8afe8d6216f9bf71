import { closeSync, openSync, readFileSync, readdirSync, readSync } from "node:fs";
import { until } from "../support/processes.ts";
import { type Form, standsAt } from "./forms.ts";

const stopMs = 60_000;

export interface Searched<F extends Form> {
  /** Each of the forms that stands anywhere, once. */
  found: Set<F>;
  processes: number;
  /** How many bytes were read. */
  bytes: number;
}

/**
 * Searches everything that the process `pid`, which `start` of tests/support/processes.ts started, and all that it started
 * can read and write: /proc/PID/maps and /proc/PID/mem (proc(5)). They are stopped meanwhile, so that nothing moves.
 *
 * Linux lets a process read those that it started itself, so this is no script of its own. Throws where it is not let, or
 * where there is nothing to be read: a search that saw nothing would find nothing.
 */
export async function searchMemory<F extends Form>(pid: number, forms: readonly F[]): Promise<Searched<F>> {
  const searcher = new Searcher(forms);
  const pids = sessionOf(pid);
  if (!pids.includes(pid)) throw new Error(`There is no process ${pid} that leads a session`);
  try {
    for (const one of pids) process.kill(one, "SIGSTOP");
    await until(async () => pids.every(stands), stopMs, () => "The server does not stop");
    let bytes = 0;
    for (const one of pids) bytes += readAll(one, searcher);
    return { found: searcher.found, processes: pids.length, bytes };
  } finally {
    for (const one of pids) process.kill(one, "SIGCONT");
  }
}

/** The fields of /proc/PID/stat from the third on: state, parent, group, session. */
function stat(pid: number | string): string[] {
  return readFileSync(`/proc/${pid}/stat`, "latin1").replace(/^.*\) /s, "").split(" ");
}

/** All processes of the session that `leader` began, also those whose parents are gone. */
function sessionOf(leader: number): number[] {
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => {
    try {
      return Number(stat(pid)[3]) === leader;
    } catch (error) {
      // Others come and go meanwhile.
      if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) return false;
      throw error;
    }
  });
}

/** Stopped, and each of its threads. */
function stands(pid: number): boolean {
  return readdirSync(`/proc/${pid}/task`).every((thread) => stat(`${pid}/task/${thread}`)[0] === "T");
}

function readAll(pid: number, searcher: Searcher<Form>): number {
  const regions = [...readFileSync(`/proc/${pid}/maps`, "latin1").matchAll(/^([\da-f]+)-([\da-f]+) rw/gm)];
  const memory = openSync(`/proc/${pid}/mem`, "r");
  let bytes = 0;
  try {
    for (const [region, from = "", to = ""] of regions) {
      const [start, end] = [parseInt(from, 16), parseInt(to, 16)];
      const content = Buffer.alloc(end - start);
      if (readSync(memory, content, 0, content.length, start) !== content.length) throw new Error(`${region} of process ${pid} could not be read whole`);
      searcher.look(content);
      bytes += content.length;
    }
  } finally {
    closeSync(memory);
  }
  if (bytes === 0) throw new Error(`Nothing of process ${pid} could be read`);
  return bytes;
}

const spread = 20;

/** Looks for many forms in one pass: wherever the four bytes with which one begins stand, the rest is compared. */
class Searcher<F extends Form> {
  readonly found = new Set<F>();
  private readonly byStart = new Map<number, F[]>();
  private readonly marked = new Uint8Array(1 << spread);

  constructor(forms: readonly F[]) {
    for (const form of forms) {
      const start = form.bytes.readUInt32LE();
      this.byStart.set(start, [...(this.byStart.get(start) ?? []), form]);
      this.marked[place(start)] = 1;
    }
  }

  look(bytes: Buffer): void {
    const { marked } = this;
    let word = 0;
    for (let end = 0; end < bytes.length; end++) {
      word = (word >>> 8) | ((bytes[end] ?? 0) << 24);
      if (marked[place(word)] === 1 && end >= 3) this.compare(bytes, end - 3, word >>> 0);
    }
  }

  private compare(bytes: Buffer, at: number, start: number): void {
    for (const form of this.byStart.get(start) ?? []) {
      if (standsAt(form.bytes, bytes, at)) this.found.add(form);
    }
  }
}

function place(word: number): number {
  return Math.imul(word, 0x9e3779b1) >>> (32 - spread);
}
