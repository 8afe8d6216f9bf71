import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { inject } from "vitest";
import { until } from "./processes.ts";
import "./run_folder.ts";

/**
 * A folder that `make` fills once for all files of a run: whoever comes first does it, the others wait, at most `ms` long.
 * When making it fails, so does everyone who waits.
 */
export async function madeOnce(name: string, make: (folder: string) => Promise<void>, ms: number): Promise<string> {
  const place = join(inject("run"), name);
  const [folder, done] = [join(place, "made"), join(place, "done")];
  const first = await mkdir(place).then(() => true, (problem: NodeJS.ErrnoException) => {
    if (problem.code !== "EEXIST") throw problem;
    return false;
  });
  if (first) {
    await mkdir(folder);
    await make(folder);
    await mkdir(done);
  }
  await until(async () => existsSync(done), ms, () => `${name} was not made by the file that began it`);
  return folder;
}
