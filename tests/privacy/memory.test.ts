import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readWords } from "../../client/src/crypto/recovery-words.ts";
import { loadWords } from "../../client/src/crypto/word-lists.ts";
import { recoveryKeys } from "../../client/src/store/recovery-keys.ts";
import { insideOf } from "../../client/test/forger.ts";
import { headless, type Headless } from "../../client/test/headless.ts";
import { end, start, until } from "../support/processes.ts";
import { KindredServer } from "../support/server.ts";
import { dump } from "./database.ts";
import { formsOf, formsOfBytes } from "./forms.ts";
import { searchMemory } from "./memory.ts";
import { Recorder } from "./recorder.ts";
import { hold, Watch } from "./watch.ts";

const python = join(resolve(import.meta.dirname, "../.."), ".venv/bin/python");
const wait = 60_000;
/** What people type, by what it is. */
const typed = {
  "a name": "Ottiline gx53 Bräm",
  "a PIN": "618350",
  "a new PIN": "794206",
  "what a device is called": "Tablet vr27 by the window",
} as const;
const secret = ["the recovery words", "what they stand for", "the key of the backup", "the identity key"] as const;

let server: KindredServer;
let wire: Recorder;
let watch: Watch;
const devices: Headless[] = [];
const faults: unknown[] = [];

beforeAll(async () => {
  wire = await Recorder.listen("127.0.0.1");
  server = await KindredServer.start({ settings: { ORIGIN: wire.address, RATE_SCALE: "100", LOG_LEVEL: "DEBUG" } });
  wire.leadTo(server.port);
  watch = new Watch(() => server, wire, typed);
});
afterAll(async () => {
  for (const device of devices) await device.end();
  await Promise.all([server?.remove(), wire?.close()]);
  expect(faults).toEqual([]);
});

async function fresh(): Promise<Headless> {
  const device = await headless({ origin: wire.address, unexpected: (error) => faults.push(error) });
  devices.push(device);
  return device;
}

const online = ({ engine }: Headless): Promise<boolean> => until(async () => engine.connection() === "online", wait, () => "a device does not connect");

describe("the search of a server's memory", () => {
  test("finds each form of what a request brings, and nothing of what nobody sent", async () => {
    const forms = formsOf("Wörds ☂ 🦀 that nm31 came in plain");
    expect((await searchMemory(server.pid, forms)).found.size).toBe(0);
    const letGo = await hold(server.port, forms);
    try {
      const missing = async (): Promise<string[]> => {
        const { found } = await searchMemory(server.pid, forms);
        return forms.filter((form) => !found.has(form)).map(({ how }) => how);
      };
      await until(async () => (await missing()).length === 0, wait, async () => `Not found: ${(await missing()).join()}`);
    } finally {
      letGo();
    }
  });

  test("goes through every process that the server started", async () => {
    // Turned round, as each process has its command in its memory.
    const code = "import os, sys, time; child = os.fork(); held = None if child else sys.argv[1][::-1]; print(flush=True); time.sleep(600)";
    const child = start(python, ["-c", code, [..."Only ke64 a child has this"].reverse().join("")]);
    try {
      await until(async () => {
        const { found, processes, bytes } = await searchMemory(child.pid ?? 0, [{ how: "as it is", bytes: Buffer.from("Only ke64 a child has this") }]);
        return found.size === 1 && processes === 2 && bytes > 1_000_000;
      }, wait, () => "what a child has is not found");
    } finally {
      await end(child);
    }
  });

  test("fails where there is nothing that it could read", async () => {
    const child = start(python, ["-c", "pass"]);
    await until(async () => child.exitCode !== null, wait, () => "it does not end");
    await expect(searchMemory(child.pid ?? 0, formsOf("Nobody is there"))).rejects.toThrow("no process");
  });
});

describe("what opens an account", () => {
  beforeAll(async () => {
    const { members: [link = ""] } = await server.links();
    const phone = await fresh();
    await phone.engine.join(link, { name: typed["a name"], pin: typed["a PIN"], conductVersion: (await phone.engine.readInvite(link)).conduct?.version ?? 1 });
    await online(phone);
    watch.seek("the identity key", formsOfBytes(insideOf(phone.engine).profile.value.identity.seed));
    await watch.look("somebody joined");
    await phone.restart(typed["a PIN"]);
    await online(phone);
    await watch.look("they unlocked the app");
    await addTablet(phone);
    await watch.look("a device was added");
    const words = await keepWords(phone);
    await watch.look("a backup was saved");
    const found = await fresh();
    expect((await found.engine.recovery.recover(words, typed["a new PIN"])).name).toBe(typed["a name"]);
    await online(found);
    await watch.look("the words brought the account back");
  }, 300_000);

  async function addTablet(phone: Headless): Promise<void> {
    const tablet = await fresh();
    const { typed: code } = await tablet.engine.devices.offer();
    const came = tablet.engine.devices.receive({ pin: typed["a new PIN"], name: typed["what a device is called"] });
    await phone.engine.devices.readCode(code);
    await phone.engine.devices.send({ history: "all", pin: typed["a PIN"], ownName: "Phone" });
    await came;
    await online(tablet);
  }

  async function keepWords(phone: Headless): Promise<string[]> {
    const words = await phone.engine.recovery.make("en");
    const entropy = readWords(words, await loadWords(["en"]));
    if (entropy === null) throw new Error("The words do not belong together");
    for (const between of [" ", ",", '", "', '","']) watch.seek("the recovery words", formsOf(words.join(between)));
    watch.seek("what they stand for", formsOfBytes(entropy));
    const { key } = await recoveryKeys(entropy, insideOf(phone.engine).profile.value.domain);
    watch.seek("the key of the backup", formsOfBytes(key));
    await phone.engine.recovery.keep("all");
    return words;
  }

  test("was looked for where the server's memory holds what it is sent", async () => {
    expect((await dump(server.dataDir)).rows["chat_backup"], "there is a backup").toHaveLength(1);
    expect(watch.looks).toHaveLength(5);
    for (const { when, remains } of watch.looks) expect(remains, when).toBeGreaterThan(0);
  });

  test.each([...Object.keys(typed), ...secret])("%s is never in the server's memory (P1, P18)", (what) => {
    expect(watch.foundOf(what)).toEqual([]);
  });
});
