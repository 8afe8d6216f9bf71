import { type ChildProcess, execFile } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { copyFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { end, freePort, start, until } from "./processes.ts";
import { madeOnce } from "./made_once.ts";
import { Wire } from "./wire.ts";

const root = resolve(import.meta.dirname, "../..");
const python = join(root, ".venv/bin/python");
const startMs = 120_000;
const database = "kindred.sqlite3";

/** The invite links of the demo network, as `manage.py serve` writes them to KINDRED_LINKS_JSON. */
export interface Links {
  address: string;
  coordinator: string;
  moderator: string;
  members: string[];
}

/** Makes a database without content. */
async function migrate(folder: string): Promise<void> {
  const child = start(python, ["manage.py", "migrate", "--verbosity=0"], {
    cwd: root, env: { ...process.env, DATA_DIR: folder }, stdio: ["ignore", "inherit", "inherit"],
  });
  const [status] = (await once(child, "exit")) as [number | null];
  if (status !== 0) throw new Error("The database could not be made; the lines above say why");
}

/** The real server, on a free port, with its data in a folder of its own. */
export class KindredServer {
  private child: ChildProcess | null = null;

  private constructor(
    readonly port: number,
    /** Holds everything the server keeps. */
    readonly dataDir: string,
    /** Only when asked for: the only way that browsers take to the server. */
    readonly wire: Wire | null,
    private readonly settings: Readonly<Record<string, string>>,
  ) {}

  /**
   * Starts a server with a demo network. `wire` puts a cable in front that a test can pull or listen to; `settings` are
   * further environment variables, as DATABASE_URL. With `empty` it has to make its database by itself, as on a first start.
   */
  static async start({ wire = false, empty = false, settings = {} }: { wire?: boolean; empty?: boolean; settings?: Record<string, string> } = {}): Promise<KindredServer> {
    const port = await freePort();
    const dataDir = await mkdtemp(join(tmpdir(), "kindred-server-"));
    // Making it takes as long as the rest of the start.
    if (!empty && !settings["DATABASE_URL"]) await copyFile(join(await madeOnce("database", migrate, startMs), database), join(dataDir, database));
    const server = new KindredServer(port, dataDir, wire ? await Wire.to(port) : null, settings);
    try {
      await server.run();
    } catch (error) {
      await server.remove();
      throw error;
    }
    return server;
  }

  /** Of its process; it has one alone unless settings say otherwise. */
  get pid(): number {
    if (this.child?.pid === undefined) throw new Error("The server does not run");
    return this.child.pid;
  }

  /** Where browsers go, without a slash at the end. */
  get address(): string {
    return `http://127.0.0.1:${this.wire?.port ?? this.port}`;
  }

  /** The links of the newest start; each is good for one person. */
  async links(): Promise<Links> {
    return JSON.parse(await readFile(this.linksFile, "utf8")) as Links;
  }

  /** What a command of manage.py prints. It is another process than the server, so that apps learn of it at their next connection. */
  async manage(...words: readonly string[]): Promise<string> {
    const env = { ...process.env, DATA_DIR: this.dataDir, ORIGIN: this.address };
    return (await promisify(execFile)(python, ["manage.py", ...words], { cwd: root, env })).stdout;
  }

  /** Everything the server has printed and logged. */
  log(): Promise<string> {
    return readFile(this.logFile, "utf8");
  }

  /** Ends it in the middle of whatever it does. */
  async kill(): Promise<void> {
    if (this.child !== null) await end(this.child);
    this.child = null;
  }

  /** Ends it as Ctrl-C does and gives its exit status. */
  async interrupt(): Promise<number | null> {
    if (this.child === null) throw new Error("The server does not run");
    const status = await end(this.child, "SIGINT");
    this.child = null;
    return status;
  }

  /** Starts it again on the same port and data. */
  async run(): Promise<void> {
    const log = openSync(this.logFile, "a");
    const child = start(python, ["manage.py", "serve"], {
      cwd: root,
      env: { ...process.env, ...this.environment(), ...this.settings },
      stdio: ["ignore", log, log],
    });
    closeSync(log);
    this.child = child;
    await until(
      async () => {
        if (child.exitCode !== null || child.signalCode !== null) throw new Error(`The server ended:\n${await this.log()}`);
        return fetch(`http://127.0.0.1:${this.port}/readyz`, { signal: AbortSignal.timeout(10_000) }).then(
          (response) => response.ok,
          () => false,
        );
      },
      startMs,
      async () => `The server did not get ready:\n${await this.log()}`,
    );
  }

  /** Ends it and deletes its data. */
  async remove(): Promise<void> {
    await this.kill();
    await this.wire?.close();
    await rm(this.dataDir, { recursive: true, force: true });
  }

  private get linksFile(): string {
    return join(this.dataDir, "links.json");
  }

  private get logFile(): string {
    return join(this.dataDir, "serve.log");
  }

  private environment(): Record<string, string> {
    return {
      HOST: "127.0.0.1",
      PORT: String(this.port),
      DATA_DIR: this.dataDir,
      ORIGIN: this.address,
      KINDRED_LINKS_JSON: this.linksFile,
      PYTHONUNBUFFERED: "1",
    };
  }
}
