import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { start } from "./processes.ts";

const root = resolve(import.meta.dirname, "../..");

/** A Redis or PostgreSQL server of `services.py`, on a free port. */
export class Service {
  private constructor(
    private readonly child: ChildProcess,
    private readonly lines: AsyncIterator<string>,
    /** For REDIS_URL or DATABASE_URL. */
    readonly url: string,
  ) {}

  static async start(name: "redis" | "postgres"): Promise<Service> {
    const child = start(join(root, ".venv/bin/python"), ["-m", "tests.support.services", name], {
      cwd: root,
      stdio: ["pipe", "pipe", "inherit"],
    });
    if (child.stdout === null) throw new Error("The service has no output");
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    return new Service(child, lines, await next(lines));
  }

  /** Ends it at once, as a crash does; its data stay. */
  kill(): Promise<void> {
    return this.obey("kill");
  }

  /** Starts it again on the same port and data. */
  restart(): Promise<void> {
    return this.obey("start");
  }

  /** Ends it and deletes its data. */
  async remove(): Promise<void> {
    this.child.stdin?.end();
    if (this.child.exitCode === null) await once(this.child, "exit");
  }

  private async obey(word: string): Promise<void> {
    this.child.stdin?.write(`${word}\n`);
    await next(this.lines);
  }
}

async function next(lines: AsyncIterator<string>): Promise<string> {
  const line = await lines.next();
  if (line.done === true) throw new Error("The service ended; the lines above say why");
  return line.value;
}
