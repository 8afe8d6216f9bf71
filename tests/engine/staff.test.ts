import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { contentsIn } from "../../client/test/forger.ts";
import { headless, type Headless } from "../../client/test/headless.ts";
import type { Ask, CaseNote, SavedAnswer } from "../../client/src/contract/index.ts";
import { KindredServer } from "../support/server.ts";

let server: KindredServer;
let staff: Headless;
let mod: Headless;
let ann: Headless;
const people: Headless[] = [];
const faults: unknown[] = [];
const asking: Ask = { room: "", messages: [], concern: "threats", urgency: "today", wish: "", named: false, keptFrom: [] };

beforeAll(async () => {
  server = await KindredServer.start();
  staff = await join("Staff", (await server.links()).coordinator);
  mod = await invite("Mo", "moderator");
  ann = await invite("Ann", "member");
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

const account = ({ engine }: Headless) => engine.me().account;

/** A case of this person's that these can read. */
async function caseOf(person: Headless, readers: readonly Headless[], keptFrom: string[] = []): Promise<string> {
  const id = await person.engine.cases.ask({ ...asking, keptFrom });
  for (const { engine } of readers) await until(async () => (await engine.cases.queue(false)).some((one) => one.id === id && one.inside));
  return id;
}

async function notes({ engine }: Headless, id: string, count: number): Promise<CaseNote[]> {
  await until(async () => (await engine.staff.notes(id)).filter(({ waiting }) => !waiting).length === count);
  return engine.staff.notes(id);
}

async function answers({ engine }: Headless, texts: string[]): Promise<SavedAnswer[]> {
  await until(async () => JSON.stringify((await engine.staff.answers()).map(({ text }) => text)) === JSON.stringify(texts));
  return engine.staff.answers();
}

const brief = (list: CaseNote[]) => list.map(({ by, text, passedOnBy }) => ({ by, text, passedOnBy }));

describe("notes on a case", () => {
  it("are read by every moderator, by those who come later too, and never by whoever asked", async () => {
    const id = await caseOf(ann, [staff, mod]);
    await mod.engine.staff.writeNote(id, "  she is safe until Monday ");
    expect(brief(await notes(staff, id, 1))).toEqual([{ by: account(mod), text: "she is safe until Monday", passedOnBy: null }]);
    expect((await staff.engine.staff.notes(id))[0]?.name).toBe("Mo");
    await until(async () => (await staff.engine.cases.file(id)).unreadNotes === 1);
    await staff.engine.staff.notesRead(id);
    expect((await staff.engine.cases.file(id)).unreadNotes).toBe(0);
    staff.network(false);
    await staff.engine.staff.writeNote(id, "I call the shelter");
    expect((await staff.engine.staff.notes(id)).map(({ waiting }) => waiting)).toEqual([false, true]);
    staff.network(true);
    await notes(mod, id, 2);

    const late = await invite("Late", "moderator");
    const passed = await notes(late, id, 2);
    expect(passed.map(({ by, text }) => ({ by, text }))).toEqual(brief(await notes(mod, id, 2)).map(({ by, text }) => ({ by, text })));
    expect(passed.every(({ passedOnBy }) => passedOnBy === account(mod) || passedOnBy === account(staff))).toBe(true);
    expect(passed.map(({ at }) => at)).toEqual((await mod.engine.staff.notes(id)).map(({ at }) => at));
    expect((await late.engine.cases.file(id)).unreadNotes).toBe(0);
    await late.engine.staff.writeNote(id, "thank you, I take over");
    // What was passed on does not stand there twice.
    expect(brief(await notes(mod, id, 3)).map(({ passedOnBy }) => passedOnBy)).toEqual([null, null, null]);

    await expect(ann.engine.staff.notes(id)).resolves.toEqual([]);
    await expect(ann.engine.staff.writeNote(id, "what do they say?")).rejects.toMatchObject({ code: "forbidden" });
    const { room } = (await ann.engine.cases.questions()).find((one) => one.id === id) ?? { room: "" };
    expect((await contentsIn(ann.engine, room)).filter((content) => content.includes("Monday") || content.includes("note+cbor"))).toEqual([]);
    for (const { engine } of [mod, staff, late]) expect(engine.rooms().filter(({ kind }) => kind !== "open")).toEqual([]);
  });

  it("stay among those from whom the case is not kept", async () => {
    const id = await caseOf(ann, [staff], [account(mod)]);
    await staff.engine.staff.writeNote(id, "Mo must not know");
    await notes(staff, id, 1);
    await expect(mod.engine.staff.notes(id)).rejects.toMatchObject({ code: "not_found" });
    const own = await caseOf(mod, [staff]);
    await staff.engine.staff.writeNote(own, "this one is about Mo");
    await notes(staff, own, 1);
    expect(await mod.engine.staff.notes(own)).toEqual([]);
    await expect(mod.engine.staff.writeNote(own, "?")).rejects.toMatchObject({ code: "forbidden" });
    // Neither does another connection lead there.
    await mod.restart("2580");
    await until(() => mod.engine.connection() === "online");
    expect(await mod.engine.staff.notes(own)).toEqual([]);
  });

  it("are written by two at once into one room", async () => {
    const id = await caseOf(ann, [staff, mod]);
    await Promise.all([staff.engine.staff.writeNote(id, "one"), mod.engine.staff.writeNote(id, "two")]);
    for (const person of [staff, mod]) expect((await notes(person, id, 2)).map(({ text }) => text).sort()).toEqual(["one", "two"]);
    await expect(mod.engine.staff.writeNote(id, "x".repeat(4_001))).rejects.toMatchObject({ code: "too_large" });
  });
});

describe("answers that moderators have ready", () => {
  it("are a moderator's own until they are shared, then everybody's to change, and newcomers get them", async () => {
    await mod.engine.staff.saveAnswer({ id: null, title: "Hour", text: "I need an hour.", shared: false });
    const [own] = await answers(mod, ["I need an hour."]);
    expect(own).toMatchObject({ title: "Hour", shared: false });
    expect(await staff.engine.staff.answers()).toEqual([]);
    await mod.engine.staff.saveAnswer({ id: own?.id ?? null, title: "Hour", text: "I need an hour.", shared: true });
    const [shared] = await answers(staff, ["I need an hour."]);
    expect(shared).toEqual({ ...own, shared: true });
    await answers(mod, ["I need an hour."]);
    await staff.engine.staff.saveAnswer({ id: shared?.id ?? null, title: "Hour", text: "I need two hours.", shared: true });
    await answers(mod, ["I need two hours."]);
    await staff.engine.staff.saveAnswer({ id: null, title: "Any", text: "Anything.", shared: true });
    const newer = await invite("Newer", "moderator");
    await answers(newer, ["Anything.", "I need two hours."]);
    await newer.restart("2580");
    const [any] = await answers(newer, ["Anything.", "I need two hours."]);
    await newer.engine.staff.removeAnswer(any?.id ?? "");
    for (const person of [staff, mod, newer]) await answers(person, ["I need two hours."]);
    // Taken back for oneself, it is nobody else's any more.
    await mod.engine.staff.saveAnswer({ id: shared?.id ?? null, title: "Hour", text: "I need three hours.", shared: false });
    await answers(mod, ["I need three hours."]);
    for (const person of [staff, newer]) await answers(person, []);
  });
});

describe("how much a moderator has uncovered in a shift", () => {
  it("is there again when the app is opened anew, on their device alone", async () => {
    const exposed = { seen: 12, offered: 0, last: Date.now() };
    expect(await mod.engine.staff.exposed()).toBeNull();
    await mod.engine.staff.keepExposed(exposed);
    await mod.restart("2580");
    expect(await mod.engine.staff.exposed()).toEqual(exposed);
    expect(await staff.engine.staff.exposed()).toBeNull();
  });
});
