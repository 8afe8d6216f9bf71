import { resolve } from "node:path";
import { buildWorker } from "../../client/build/service-worker.ts";
import type { Stages } from "../../client/build/stages.ts";
import type { Stage } from "./stage.ts";

const client = resolve(import.meta.dirname, "../../client");

/** The stage's files in the stages in which the app's own are fetched, with its page as the app's. */
export async function stagesOn(stage: Stage): Promise<Stages> {
  const files = (await stage.files()).map((name) => (name === "/dev.html" ? "/" : name));
  const soon = files.filter((name) => name.includes("/More-"));
  const needed = files.filter((name) => name.includes("/ForStaff-"));
  return { first: files.filter((name) => !soon.includes(name) && !needed.includes(name)), soon, needed };
}

/** The script of the service worker that keeps `stages` as this version of the app. */
export async function workerFor(stages: Stages, version: string): Promise<string> {
  const output = await buildWorker(client, stages, version, { write: false });
  const [made] = [output].flat();
  const chunk = made !== undefined && "output" in made ? made.output[0] : undefined;
  if (chunk === undefined) throw new Error("no service worker was built");
  return chunk.code;
}
