import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { contentsIn, Forger } from "../../client/test/forger.ts";
import { headless, type Headless } from "../../client/test/headless.ts";
import { unpack } from "../../client/src/evidence/container.ts";
import { utf8Text } from "../../client/src/protocol/bytes.ts";
import type { Ask, Exhibit, Question, Report } from "../../client/src/contract/index.ts";
import { KindredServer } from "../support/server.ts";

let server: KindredServer;
let staff: Headless;
let ann: Headless;
let bea: Headless;
let mod: Headless;
let open: string;
const PSEUDONYM = "Quillfeather";
const people: Headless[] = [];
const faults: unknown[] = [];

beforeAll(async () => {
  server = await KindredServer.start();
  staff = await join("Staff", (await server.links()).coordinator);
  mod = await invite("Mo", "moderator");
  [ann, bea] = [await invite(PSEUDONYM, "member"), await invite("Bea", "member")];
  open = staff.engine.rooms().find(({ kind }) => kind === "open")?.id ?? "";
  for (const { engine } of [staff, ann, bea]) {
    await until(() => engine.room(open) !== null);
    if (engine.room(open)?.joined !== true) await engine.joinOpenRoom(open);
  }
});
afterAll(async () => {
  for (const person of people) await person.end();
  await server.remove();
});

async function join(name: string, link: string): Promise<Headless> {
  const person = await headless({ origin: server.address, unexpected: (error) => faults.push(error) });
  people.push(person);
  const { conduct } = await person.engine.readInvite(link);
  await person.engine.join(link, { name, pin: "2580", conductVersion: conduct?.version ?? 1 });
  await until(() => person.engine.connection() === "online");
  return person;
}

async function invite(name: string, role: "member" | "moderator"): Promise<Headless> {
  const link = await staff.engine.createInvite({ role, uses: 1, days: 1 });
  return join(name, link.slice(link.indexOf("#")));
}

async function until(condition: () => boolean | Promise<boolean>, withinMs = 60_000): Promise<void> {
  const end = Date.now() + withinMs;
  while (!(await condition())) {
    if (Date.now() > end || faults.length > 0) throw new Error(`not in time: ${condition.toString()}`, { cause: faults[0] });
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The message with this text, once it is in the log. */
async function sent({ engine }: Headless, room: string, text: string): Promise<string> {
  const find = async () => (await engine.messages(room, { limit: 1000 })).messages.find(({ body, seq }) => body.type === "text" && body.text === text && seq !== null);
  await until(async () => (await find()) !== undefined);
  return (await find())?.key ?? "";
}

async function shownTo({ engine }: Headless, id: string, count = 1): Promise<Report[]> {
  const found = async () => {
    const file = (await engine.cases.queue(false)).find((one) => one.id === id);
    return file?.inside === true ? engine.cases.reports(id) : [];
  };
  await until(async () => (await found()).filter(({ complete }) => complete).length === count);
  return found();
}

async function question({ engine }: Headless, id: string): Promise<Question> {
  const found = (await engine.cases.questions()).find((one) => one.id === id);
  if (!found) throw new Error("no such question");
  return found;
}

const account = ({ engine }: Headless) => engine.me().account;
const brief = (exhibits: Exhibit[]) => exhibits.map(({ text, doubt, skipped, from }) => ({ text, doubt, skipped, from }));
const asking: Omit<Ask, "room" | "messages"> = { concern: "threats", urgency: "today", wish: "make it stop", named: false, keptFrom: [] };

describe("asking moderators for help", () => {
  it("shows them, even from a phone that was offline and closed in between, what the server proves, and their name to nobody", async () => {
    await bea.engine.sendText(open, "pay me or else");
    await sent(bea, open, "pay me or else");
    await ann.engine.sendText(open, "stop it");
    await sent(ann, open, "stop it");
    await bea.engine.sendText(open, "you will see");
    const threat = await sent(ann, open, "pay me or else");
    await sent(ann, open, "you will see");
    await bea.engine.edit(open, await sent(bea, open, "you will see"), "just joking");
    const edited = await sent(ann, open, "just joking");
    const suggested = await ann.engine.cases.suggest(open, threat);
    expect(suggested.map(({ text, asked, mine }) => ({ text, asked, mine })).slice(-3)).toEqual([
      { text: "pay me or else", asked: true, mine: false }, { text: "stop it", asked: false, mine: true }, { text: "just joking", asked: false, mine: false },
    ]);
    expect((await ann.engine.cases.readers(null)).map(({ account }) => account).sort()).toEqual([account(staff), account(mod)].sort());
    ann.network(false);
    const id = await ann.engine.cases.ask({ ...asking, room: open, messages: suggested.map(({ key }) => key) });
    expect(await question(ann, id)).toMatchObject({ state: "sending", concern: "threats", named: false });
    await ann.restart("2580");
    await until(async () => (await question(ann, id)).state === "unclaimed");
    const [report] = await shownTo(mod, id);
    expect(report).toMatchObject({ by: account(ann), passedOnBy: null, concern: "threats", urgency: "today", wish: "make it stop", name: null, roomKind: "open" });
    const shown = report?.exhibits ?? [];
    expect(edited).not.toBe("");
    expect(brief(shown).map(({ text, doubt }) => ({ text, doubt })).slice(-3)).toEqual([
      { text: "pay me or else", doubt: null }, { text: "you will see", doubt: null }, { text: "just joking", doubt: null },
    ]);
    expect(shown.at(-1)?.changes).toBe(shown.at(-2)?.key);
    expect(shown.at(-2)?.skipped).toBe((shown.at(-2)?.seq ?? 0) - (shown.at(-3)?.seq ?? 0) - 1);
    expect(shown.every(({ from, room }) => from === account(bea) && room === open)).toBe(true);

    const { room } = await question(ann, id);
    expect(ann.engine.rooms().some((one) => one.id === room)).toBe(false);
    await ann.engine.sendText(room, "are you there?");
    await sent(mod, room, "are you there?");
    await ann.engine.setName(`${PSEUDONYM}ed`);
    expect((await mod.engine.messages(room)).messages.filter(({ from }) => from === account(ann)).map(({ name }) => name)).not.toContain(PSEUDONYM);
    await mod.engine.cases.claim(id);
    expect(await mod.engine.cases.file(id)).toMatchObject({ state: "claimed", mine: true, inside: true, subjects: [account(bea)] });
    await expect(staff.engine.cases.claim(id)).rejects.toMatchObject({ code: "conflict" });
    await mod.engine.sendText(room, "yes, I read it");
    await sent(ann, room, "yes, I read it");
    expect((await question(ann, id)).unread).toBeGreaterThan(0);
    await until(() => ann.engine.person(account(mod))?.name === "Mo");
    const read = await contentsIn(mod.engine, room);
    expect(read.filter((content) => content.includes("report+cbor"))).toHaveLength(1);
    expect(read.filter((content) => content.includes(PSEUDONYM))).toEqual([]);
    await mod.engine.cases.setWaiting(id, true);
    await until(async () => (await question(ann, id)).state === "waiting");
    await mod.engine.cases.handOver(id, account(staff));
    await expect(mod.engine.cases.close(id, "helped")).rejects.toMatchObject({ code: "conflict" });
    await staff.engine.cases.close(id, "helped");
    await until(async () => (await question(ann, id)).outcome === "helped");
    expect((await mod.engine.cases.queue(true)).map((one) => one.id)).toContain(id);
    await expect(ann.engine.cases.showMore(id, open, [threat])).rejects.toMatchObject({ code: "conflict" });
  });

  it("takes any length, more of it later, and the person's own words and name where they agree", async () => {
    const long = ["a", "b", "c"].map((letter) => letter.repeat(30_000));
    for (const text of long) {
      await bea.engine.sendText(open, text);
      await sent(ann, open, text);
    }
    await ann.engine.sendText(open, "too long for me");
    const keys = await Promise.all([...long, "too long for me"].map((text) => sent(ann, open, text)));
    const id = await ann.engine.cases.ask({ ...asking, urgency: "now", named: true, room: open, messages: keys });
    const [report] = await shownTo(staff, id);
    expect(report).toMatchObject({ name: `${PSEUDONYM}ed`, complete: true });
    expect(report?.exhibits.map(({ text, doubt, from }) => [text.length, doubt, from])).toEqual([
      ...long.map(({ length }) => [length, null, account(bea)]), ["too long for me".length, null, account(ann)],
    ]);
    await ann.engine.cases.showMore(id, open, keys.slice(0, 1));
    expect((await shownTo(staff, id, 2)).map(({ exhibits }) => exhibits.length)).toEqual([4, 1]);
    await until(async () => (await question(ann, id)).state === "unclaimed");
    const other = (await staff.engine.cases.queue(true)).find(({ subjects }) => subjects.includes(account(bea)));
    expect((await staff.engine.cases.file(id)).related).toEqual([other?.id]);
  });

  it("gives who may have it evidence that anybody can check, without those who are withheld", async () => {
    const id = (await staff.engine.cases.queue(false)).find(({ urgency }) => urgency === "now")?.id ?? "";
    const shown = (await shownTo(staff, id, 2)).flatMap(({ exhibits }) => exhibits);
    const withhold = shown.filter(({ from }) => from === account(ann)).map(({ key }) => ({ key, reason: "uninvolved" as const }));
    await expect(mod.engine.evidence.export(id, { withhold })).rejects.toMatchObject({ code: "conflict" });
    const { name, bytes, leftOut } = await staff.engine.evidence.export(id, { withhold });
    expect([shown.length, withhold.length, leftOut]).toEqual([5, 1, []]);
    const folder = await mkdtemp(resolve(tmpdir(), "kindred-evidence-"));
    const keys = await (await fetch(`${server.address}/.well-known/kindred-keys.json`)).text();
    await Promise.all([writeFile(resolve(folder, name), bytes), writeFile(resolve(folder, "keys.json"), keys)]);
    const root = resolve(import.meta.dirname, "../..");
    const command = ["manage.py", "verify_evidence", resolve(folder, name), "--keys", resolve(folder, "keys.json")];
    const { stdout } = await promisify(execFile)(resolve(root, ".venv/bin/python"), command, { cwd: root });
    await rm(folder, { recursive: true });
    expect(stdout).toContain("Whole. 3 messages as the server stamped them, 1 withheld.");
    expect(stdout).toContain("nobody's consent is recorded in it");
    for (const file of unpack(bytes).values()) for (const secret of [account(ann), "too long for me"]) expect(utf8Text(file)).not.toContain(secret);
  });

  it("is taken back before it went, or after, and goes to nobody when nobody would be left", async () => {
    ann.network(false);
    const unsent = await ann.engine.cases.ask({ ...asking, room: open, messages: [] });
    await ann.engine.cases.withdraw(unsent);
    ann.network(true);
    await until(() => ann.engine.connection() === "online");
    expect((await ann.engine.cases.questions()).map(({ id }) => id)).not.toContain(unsent);
    const id = await ann.engine.cases.ask({ ...asking, room: open, messages: [] });
    await until(async () => (await question(ann, id)).state === "unclaimed");
    await ann.engine.cases.withdraw(id);
    expect(await question(ann, id)).toMatchObject({ state: "closed", outcome: "withdrawn" });
    await until(async () => (await mod.engine.cases.queue(true)).some((one) => one.id === id && one.outcome === "withdrawn"));
    const before = (await ann.engine.cases.questions()).length;
    const everyone = (await ann.engine.cases.readers(null)).map((reader) => reader.account);
    await expect(ann.engine.cases.ask({ ...asking, room: open, messages: [], keptFrom: everyone })).rejects.toMatchObject({ code: "forbidden" });
    expect(await ann.engine.cases.questions()).toHaveLength(before);
  });

  it("reaches moderators who come later by itself, verified just the same, and says in the case who was let in", async () => {
    await bea.engine.sendText(open, "last warning");
    const id = await ann.engine.cases.ask({ ...asking, room: open, messages: [await sent(ann, open, "last warning")] });
    await shownTo(mod, id);
    const late = await invite("Late", "moderator");
    const [passed] = await shownTo(late, id);
    const [first] = await shownTo(mod, id);
    expect(first?.passedOnBy).toBeNull();
    expect([account(mod), account(staff)]).toContain(passed?.passedOnBy);
    expect(passed).toEqual({ ...first, passedOnBy: passed?.passedOnBy });
    const { room } = await question(ann, id);
    for (const { engine } of [ann, mod]) await until(async () => (await engine.messages(room)).messages.some(
      ({ body }) => body.type === "system" && body.note.type === "joined" && body.note.account === account(late) && body.note.by === passed?.passedOnBy,
    ));
    expect(passed?.exhibits.map(({ text, doubt }) => [text, doubt])).toEqual([["last warning", null]]);
    await until(async () => ann.engine.members(room).length === 4);
  });

  it("names each forgery", async () => {
    const group = await ann.engine.createGroup("Tuesday", [account(bea)]);
    await until(() => bea.engine.room(group)?.title === "Tuesday");
    await bea.engine.sendText(group, "elsewhere");
    const texts = ["one", "two", "three", "four", "five", "six"];
    for (const text of texts) {
      await bea.engine.sendText(open, text);
      await sent(ann, open, text);
    }
    await ann.engine.sendText(open, "mine");
    const id = await ann.engine.cases.ask({ ...asking, room: open, messages: [] });
    const otherCase = await ann.engine.cases.ask({ ...asking, room: open, messages: [] });
    for (const one of [id, otherCase]) await until(async () => (await question(ann, one)).state === "unclaimed");
    const forger = new Forger(ann.engine);
    const honest = async (text: string, room = open, of = id) => forger.honest(of, room, await sent(ann, room, text));
    const [one, two, three, four, five, six] = await Promise.all(texts.map((text) => honest(text)));
    if (!one || !two || !three || !four || !five || !six) throw new Error("nothing to forge");
    const mine = await honest("mine");
    const rewritten = new Uint8Array(two.content);
    rewritten[rewritten.length - 1] = "n".charCodeAt(0);
    const forged = [
      one, { ...two, content: rewritten }, { ...three, attestation: mine.attestation }, await honest("elsewhere", group),
      { ...(await honest("four", open, otherCase)) }, one, six, five, { ...four, seq: four.seq + 1 },
      { ...four, attestation: four.attestation.replace(/\.[^.~]{20}/, `.${"A".repeat(20)}`) },
    ];
    const { room } = await question(ann, id);
    await forger.show(room, { concern: "threats", urgency: "today", wish: "", name: null, room: { id: open, kind: "open" }, passed: { by: account(bea), at: 1 } }, forged);
    const reports = await shownTo(mod, id, 2);
    const forgery = reports.find(({ exhibits }) => exhibits.length > 0);
    expect(forgery).toMatchObject({ by: account(ann), passedOnBy: null });
    const doubts = new Map(forgery?.exhibits.map(({ key, doubt }) => [Number(key.split(":")[1]), doubt]));
    expect(forged.map((_, index) => doubts.get(index))).toEqual([
      null, "edited", "wrong_sender", "wrong_room", "wrong_case", "twice", null, "wrong_place", "wrong_place", "unsigned",
    ]);
  });
});
