import { readdir, readFile } from "node:fs/promises";

/** Milliseconds that all threads of a process have spent on a processor so far (Linux: schedstat, in nanoseconds). */
export async function processorMs(pid: number): Promise<number> {
  const threads = await readdir(`/proc/${pid}/task`);
  const each = await Promise.all(threads.map(async (thread) => {
    try {
      return Number((await readFile(`/proc/${pid}/task/${thread}/schedstat`, "utf8")).split(" ")[0]);
    } catch {
      // It ended since it was listed.
      return 0;
    }
  }));
  return each.reduce((sum, ns) => sum + ns, 0) / 1e6;
}
