import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { headless, type Headless } from "../../client/test/headless.ts";
import { Failure } from "../../client/src/contract/index.ts";
import { dump } from "../privacy/database.ts";
import { formsOf, found } from "../privacy/forms.ts";
import { KindredServer } from "../support/server.ts";

let server: KindredServer;
let invites: string[] = [];
let people: Headless[] = [];
const faults: unknown[] = [];

beforeAll(async () => {
  // One machine plays everyone here, and fetches more backups in a minute than a household does.
  server = await KindredServer.start({ settings: { RATE_SCALE: "100" } });
});
afterAll(() => server.remove());
beforeEach(async () => {
  people = [];
  if (invites.length < 3) {
    // Each start makes new ones.
    await server.interrupt();
    await server.run();
    invites = [...(await server.links()).members];
  }
});
afterEach(async () => {
  for (const person of people) await person.end();
  expect(faults).toEqual([]);
});

/** A device that nobody has used yet. */
async function device(): Promise<Headless> {
  const made = await headless({ origin: server.address, unexpected: (error) => faults.push(error) });
  people.push(made);
  return made;
}

async function join(name: string, link = invites.pop() ?? ""): Promise<Headless> {
  const person = await device();
  await person.engine.join(link, { name, pin: "2580", conductVersion: 1 });
  await until(() => person.engine.connection() === "online");
  return person;
}

/** Two people in a private group. */
async function pair(): Promise<{ ann: Headless; bea: Headless; group: string }> {
  const [ann, bea] = [await join("Ann"), await join("Bea")];
  await until(() => ann.engine.rooms().length > 0 && bea.engine.rooms().length > 0);
  const open = ann.engine.rooms()[0]?.id ?? "";
  for (const { engine } of [ann, bea]) await engine.joinOpenRoom(open);
  await until(() => ann.engine.members(open).some(({ name }) => name === "Bea"));
  const group = await ann.engine.createGroup("Tuesday", [bea.engine.me().account]);
  await until(() => bea.engine.room(group)?.title === "Tuesday");
  return { ann, bea, group };
}

async function wordsOf({ engine }: Headless, history: "none" | "recent" | "all" = "all"): Promise<string[]> {
  const words = await engine.recovery.make("en");
  await engine.recovery.keep(history);
  return words;
}

async function until(condition: () => boolean | Promise<boolean>, withinMs = 60_000): Promise<void> {
  const end = Date.now() + withinMs;
  while (!(await condition())) {
    if (Date.now() > end || faults.length > 0) throw new Error(`not in time: ${condition.toString()}`, { cause: faults[0] });
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const texts = async ({ engine }: Headless, room: string) =>
  (await engine.messages(room, { limit: 1000 })).messages.flatMap(({ body }) => (body.type === "text" ? [body.text] : []));
const says = async (person: Headless, room: string, text: string) => (await texts(person, room)).includes(text);

describe("recovery words", () => {
  it("bring everything back on a new device, while the lost one is cut off", async () => {
    const { ann, bea, group } = await pair();
    await bea.engine.sendText(group, "before the phone was lost");
    await until(() => says(ann, group, "before the phone was lost"));
    await ann.engine.setMuted(group, true);
    const account = ann.engine.me().account;
    const words = await wordsOf(ann);
    expect(await ann.engine.recovery.state()).toMatchObject({ words: "here", history: "all" });

    const phone = await device();
    expect(await phone.engine.recovery.recover(words, "1470")).toMatchObject({ name: "Ann", rooms: 2 });
    expect(phone.engine.me()).toMatchObject({ account, name: "Ann" });
    expect(await says(phone, group, "before the phone was lost")).toBe(true);
    await until(() => phone.engine.room(group)?.active === true);
    expect(phone.engine.room(group)).toMatchObject({ title: "Tuesday", muted: true });
    expect(phone.engine.people().map(({ name }) => name)).toContain("Bea");

    await until(async () => (await phone.engine.recovery.others()) === 1);
    await phone.engine.recovery.cutOffOthers();
    expect(await phone.engine.recovery.others()).toBe(0);
    await until(() => ann.engine.phase() === "signedout");
    await phone.engine.sendText(group, "I am back");
    await until(() => says(bea, group, "I am back"));
    await bea.engine.sendText(group, "good to have you");
    await until(() => says(phone, group, "good to have you"));
    await phone.restart("1470");
    await until(() => says(phone, group, "good to have you"));
    // It goes on keeping the backup that it came from.
    expect(await phone.engine.recovery.state()).toMatchObject({ words: "here" });
  });

  it("that are wrong open nothing, and cost nothing", async () => {
    const ann = await join("Ann");
    const words = await wordsOf(ann);
    const phone = await device();
    const swapped = words.with(0, words[1] ?? "").with(1, words[0] ?? "");
    const others = await phone.engine.recovery.make("en");
    for (const wrong of [words.slice(1), words.with(3, "kindred"), swapped, others]) {
      await expect(phone.engine.recovery.recover(wrong, "1470")).rejects.toEqual(new Failure("not_found"));
    }
    expect(phone.engine.phase()).toBe("fresh");
    expect((await phone.engine.recovery.recover(words, "1470")).name).toBe("Ann");
  });

  it("stop working when new ones are made, on whichever device", async () => {
    const ann = await join("Ann");
    const first = await wordsOf(ann);
    const second = await wordsOf(ann);
    const phone = await device();
    await expect(phone.engine.recovery.recover(first, "1470")).rejects.toEqual(new Failure("not_found"));
    await phone.engine.recovery.recover(second, "1470");
    // The old device hears of it at its next save, and can no longer put its own back.
    const third = await wordsOf(phone);
    await expect(ann.engine.recovery.save()).rejects.toEqual(new Failure("conflict"));
    expect(await ann.engine.recovery.state()).toMatchObject({ words: "elsewhere" });
    const tablet = await device();
    await expect(tablet.engine.recovery.recover(second, "1470")).rejects.toEqual(new Failure("not_found"));
    expect((await tablet.engine.recovery.recover(third, "1470")).name).toBe("Ann");
  });

  it("open a backup that keeps up with new people and rooms by itself", async () => {
    const ann = await join("Ann");
    const words = await wordsOf(ann);
    const bea = await join("Bea");
    await until(() => ann.engine.rooms().length > 0 && bea.engine.rooms().length > 0);
    const open = ann.engine.rooms()[0]?.id ?? "";
    for (const { engine } of [ann, bea]) await engine.joinOpenRoom(open);
    await until(() => ann.engine.people().some(({ name }) => name === "Bea"));
    const saved = (await ann.engine.recovery.state()).savedAt ?? 0;
    const group = await ann.engine.createGroup("Garden", [bea.engine.me().account]);
    await until(async () => ((await ann.engine.recovery.state()).savedAt ?? 0) > saved);
    // Whatever came after that save has its own.
    await until(async () => {
      const before = (await ann.engine.recovery.state()).savedAt;
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      return (await ann.engine.recovery.state()).savedAt === before;
    });
    const phone = await device();
    await phone.engine.recovery.recover(words, "1470");
    expect(phone.engine.rooms().map(({ title }) => title)).toContain("Garden");
    expect(phone.engine.people().map(({ name }) => name)).toContain("Bea");
    await until(() => phone.engine.room(group)?.active === true);
  });

  it("hand on as much of what was said as was chosen, or nothing once they are forgotten", async () => {
    const { ann, group } = await pair();
    await ann.engine.sendText(group, "a secret");
    await until(async () => (await ann.engine.messages(group)).messages.some(({ state }) => state === "sent" || state === "delivered"));
    const words = await wordsOf(ann, "none");
    const phone = await device();
    await phone.engine.recovery.recover(words, "1470");
    expect(await says(phone, group, "a secret")).toBe(false);
    await phone.engine.erase();
    await ann.engine.recovery.setHistory("recent");
    await phone.engine.recovery.recover(words, "1470");
    expect(await says(phone, group, "a secret")).toBe(true);
    await phone.engine.erase();
    await ann.engine.recovery.forget();
    expect(await ann.engine.recovery.state()).toEqual({ words: "none", history: null, savedAt: null });
    await expect(phone.engine.recovery.recover(words, "1470")).rejects.toEqual(new Failure("not_found"));
  });

  it("and what lies behind them are nothing that the server could read", async () => {
    const { ann, bea, group } = await pair();
    await ann.engine.sendText(group, "canary-of-the-backup");
    await until(() => says(bea, group, "canary-of-the-backup"));
    const words = await wordsOf(ann);
    const { rows } = await dump(server.dataDir);
    const kept = Buffer.concat((rows["chat_backup"] ?? []).map(({ sealed }) => Buffer.from((sealed as { hex: string }).hex, "hex")));
    expect(kept.length).toBeGreaterThanOrEqual(64 * 1024);
    for (const secret of ["canary-of-the-backup", "Tuesday", "Ann", ann.engine.me().account, words.join(" ")]) {
      // Short ones would turn up in random bytes.
      if (secret.length > 5) expect(found(formsOf(secret), kept)).toEqual([]);
    }
    const all = Buffer.from(JSON.stringify(rows));
    for (const secret of [words.join(" "), words.slice(0, 3).join(" "), "canary-of-the-backup"]) expect(found(formsOf(secret), all)).toEqual([]);
  });
});

describe("deleting an account", () => {
  it("erases the device and the server's rows, and the rooms see that the person left", async () => {
    const { ann, bea, group } = await pair();
    const words = await wordsOf(bea);
    await bea.engine.sendText(group, "goodbye");
    await until(() => says(ann, group, "goodbye"));
    const { account } = bea.engine.me();
    await bea.engine.recovery.deleteAccount();
    expect(bea.engine.phase()).toBe("fresh");
    await until(() => ann.engine.members(group).length === 1);
    const left = (await ann.engine.messages(group)).messages.flatMap(({ body }) => (body.type === "system" ? [body.note] : []));
    expect(left).toContainEqual({ type: "left", account, by: null });
    await ann.engine.sendText(group, "she left");
    await until(async () => (await ann.engine.messages(group)).messages.some(({ state }) => state === "delivered"));

    // Within a minute. Of the log's handshakes members still need what they say; nothing else may hold the account in any form.
    const forms = [account, account.replaceAll("-", "")].flatMap(formsOf);
    await until(async () => {
      const others = Object.fromEntries(Object.entries((await dump(server.dataDir)).rows).filter(([table]) => table !== "chat_entry"));
      return found(forms, Buffer.concat([Buffer.from(JSON.stringify(others)), ...blobs(others)])).length === 0;
    }, 60_000);

    const phone = await device();
    await expect(phone.engine.recovery.recover(words, "1470")).rejects.toEqual(new Failure("not_found"));
  });

  it("keeps everything when the server cannot be reached", async () => {
    const ann = await join("Ann");
    ann.network(false);
    await expect(ann.engine.recovery.deleteAccount()).rejects.toEqual(new Failure("offline"));
    expect(ann.engine.phase()).toBe("open");
    ann.network(true);
    await until(() => ann.engine.connection() === "online");
    await ann.engine.recovery.deleteAccount();
    expect(ann.engine.phase()).toBe("fresh");
  });
});

/** Every byte column, as it is. */
function blobs(rows: Awaited<ReturnType<typeof dump>>["rows"]): Buffer[] {
  return Object.values(rows).flat().flatMap((row) => Object.values(row)).flatMap((value) =>
    typeof value === "object" && value !== null ? [Buffer.from(value.hex, "hex")] : []);
}
