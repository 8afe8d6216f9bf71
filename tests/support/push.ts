import type { ChildProcess } from "node:child_process";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { expect } from "vitest";
import { base64url, fromBase64url } from "../../client/src/protocol/bytes.ts";
import type { Note } from "../../client/src/contract/index.ts";
import type { Subscription, WakingPlatform } from "../../client/src/engine/common/platform.ts";
import { end, start } from "./processes.ts";

const root = resolve(import.meta.dirname, "../..");

/** A push service on loopback that decrypts what it gets, as the browser would (tests/push/push_service.py). */
export class PushService {
  private constructor(
    private readonly child: ChildProcess,
    readonly port: number,
  ) {}

  static async start(): Promise<PushService> {
    const child = start(join(root, ".venv/bin/python"), ["-m", "tests.push.push_service"], { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
    if (!child.stdout) throw new Error("the push service has no output");
    const { value } = await createInterface(child.stdout)[Symbol.asyncIterator]().next();
    return new PushService(child, Number(value));
  }

  get address(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** What was sent, to this browser or to all, opened. Fails when anything sent was against the standards. */
  async received(browser?: LocalBrowser): Promise<string[]> {
    const found = (await (await fetch(`${this.address}/control/received`)).json()) as { received: { id: string; plain: string }[]; faults: string[] };
    expect(found.faults).toEqual([]);
    return found.received.filter(({ id }) => browser === undefined || id === browser.id).map(({ plain }) => plain);
  }

  async end(): Promise<void> {
    await end(this.child);
  }
}

/** A browser whose push service is a local one, reached at `address`. */
export class LocalBrowser implements WakingPlatform {
  id: string | null = null;
  note: Note | null = null;
  answer: "granted" | "denied" | "default" = "default";

  constructor(private readonly address: string) {}

  able(): boolean {
    return true;
  }

  permission(): "granted" | "denied" | "default" {
    return this.answer;
  }

  async ask(): Promise<boolean> {
    if (this.answer === "default") this.answer = "granted";
    return this.answer === "granted";
  }

  async subscribe(key: Uint8Array): Promise<Subscription> {
    const answer = await fetch(`${this.address}/control/subscribe`, { method: "POST", body: JSON.stringify({ key: base64url(key) }) });
    const given = (await answer.json()) as { id: string; endpoint: string; p256dh: string; auth: string };
    this.id = given.id;
    return { endpoint: given.endpoint, p256dh: fromBase64url(given.p256dh), auth: fromBase64url(given.auth) };
  }

  async unsubscribe(): Promise<void> {
    this.id = null;
  }

  async keepNote(note: Note | null): Promise<void> {
    this.note = note;
  }
}
