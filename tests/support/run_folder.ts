import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** A folder that the files of one run share, for what one of them makes and all use. */
    run: string;
  }
}

/** Vitest calls this before the first file of a project and what it answers after the last. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "kindred-run-"));
  project.provide("run", folder);
  return () => rm(folder, { recursive: true, force: true });
}
