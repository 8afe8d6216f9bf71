import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Actor, together, until, World } from "../../../test/actors.ts";
import { contentsIn } from "../../../test/forger.ts";
import type { Ask, Question } from "../../contract/index.ts";

vi.setConfig({ testTimeout: 120_000 });

let world: World;
beforeEach(async () => {
  world = await World.start();
});
afterEach(async () => {
  await world.end();
});

const asking: Omit<Ask, "room" | "messages"> = { concern: "harassment", urgency: "soon", wish: "", named: false, keptFrom: [] };

/** A room with a moderator, Ann and Bea, in which Bea has said this. */
async function said(...texts: string[]): Promise<{ room: string; mod: Actor; ann: Actor; bea: Actor }> {
  const { room, people: [mod, ann, bea] } = await together(world, "Mod", "Ann", "Bea");
  for (const text of texts) await bea.engine.sendText(room, text);
  await ann.readsSoon(room, texts.map((text) => `Bea: ${text}`));
  return { room, mod, ann, bea };
}

async function only({ engine }: Actor): Promise<Question> {
  const [question, ...others] = await engine.cases.questions();
  if (!question || others.length > 0) throw new Error("not one question");
  return question;
}

const reports = async (mod: Actor, room: string) => (await contentsIn(mod.engine, room)).filter((content) => content.includes("report+cbor"));

describe("a question to moderators", () => {
  it("is asked for once, however many screens of a moderator look at the same moment, and again for those that look later", async () => {
    const { mod } = await said("ugly");
    const asked: string[] = [];
    world.server.httpFault = (path) => {
      if (path.includes("/cases")) asked.push(path);
      return null;
    };
    const { cases } = mod.engine;
    await Promise.all([cases.queue(false), cases.queue(true), cases.queue(false)]);
    expect(asked).toHaveLength(2);
    await cases.queue(false);
    expect(asked).toHaveLength(4);
  });

  it.each(["/cases", "/claim", "/attest"])("goes out once, though the answer of %s is lost and the app closed then", async (step) => {
    const { room, mod, ann } = await said("ugly");
    const key = (await ann.find(room, "ugly")).key;
    const lost: string[] = [];
    world.server.httpFault = (path) => {
      if (!path.endsWith(step) || lost.includes(step)) return null;
      lost.push(step);
      return "lose";
    };
    const id = await ann.engine.cases.ask({ ...asking, room, messages: [key] });
    await until(() => lost.length > 0);
    await ann.restart();
    await until(async () => (await only(ann)).state === "unclaimed");
    const found = await only(ann);
    expect(found.id).toBe(id);
    await until(async () => (await reports(mod, found.room)).length === 1);
    await ann.restart();
    await until(() => ann.engine.connection() === "online");
    await ann.engine.sendText(found.room, "hello");
    await until(async () => (await contentsIn(mod.engine, found.room)).some((content) => content.includes("hello")));
    expect(await reports(mod, found.room)).toHaveLength(1);
    expect(world.server.cases.size).toBe(1);
  });

  it("waits for a connection with what it shows, also when that was deleted by then", async () => {
    const { room, mod, ann, bea } = await said("ugly");
    const key = (await ann.find(room, "ugly")).key;
    ann.offline();
    await ann.engine.cases.ask({ ...asking, room, messages: [key] });
    const { room: place } = await only(ann);
    expect(await only(ann)).toMatchObject({ state: "sending", unread: 0 });
    expect(await ann.engine.messages(place)).toEqual({ messages: [], before: null });
    await bea.engine.remove(room, (await bea.find(room, "ugly")).key);
    ann.online();
    await until(async () => (await reports(mod, place)).some((content) => content.includes("ugly")));
    expect(ann.engine.rooms().map(({ id }) => id)).toEqual([room]);
    await until(() => ann.engine.people().map(({ name }) => name).sort().join() === "Bea,Mod");
  });

  it("is about what was taken back, too, which stands in the chat without its words", async () => {
    const { room, mod, ann, bea } = await said("ugly");
    await ann.engine.sendText(room, "mine");
    const { key } = await ann.find(room, "ugly");
    await bea.engine.remove(room, (await bea.find(room, "ugly")).key);
    const shown = async () => (await ann.engine.messages(room)).messages.find((one) => one.key === key);
    await until(async () => (await shown())?.body.type === "deleted");
    expect((await shown())?.body).toEqual({ type: "deleted", showable: true });
    const suggested = await ann.engine.cases.suggest(room, key);
    expect(suggested.filter(({ asked }) => asked)).toMatchObject([{ key, text: "ugly", removed: true }]);
    expect(suggested.filter(({ asked, removed }) => !asked && removed)).toEqual([]);
    await ann.engine.cases.ask({ ...asking, room, messages: [key] });
    const { room: place } = await only(ann);
    await until(async () => (await reports(mod, place)).some((content) => content.includes("ugly")));
  });

  it("is no place where blocking hides anybody: neither who helps from whoever asked, nor the other way round", async () => {
    const { room, mod, ann, bea } = await said("ugly");
    await ann.engine.roles.block(mod.account);
    await mod.engine.roles.block(ann.account);
    expect((await ann.engine.cases.readers(null)).map(({ account, blocked }) => [account, blocked])).toEqual([[mod.account, true]]);
    await ann.engine.cases.ask({ ...asking, room, messages: [(await ann.find(room, "ugly")).key] });
    const { room: place } = await only(ann);
    await until(async () => (await reports(mod, place)).length === 1);
    await until(() => mod.engine.room(place)?.unread === 1);
    const first = await mod.engine.sendText(place, "are you safe?");
    await until(async () => (await only(ann)).unread === 1);
    await ann.engine.sendText(place, "not at all", { replyTo: (await ann.find(place, "are you safe?")).key });
    await until(() => mod.engine.room(place)?.unread === 2);
    await ann.engine.react(place, (await ann.find(place, "are you safe?")).key, "🙏");
    await until(async () => (await mod.find(place, "are you safe?")).reactions.some(({ accounts }) => accounts.includes(ann.account)));
    for (const { engine } of [ann, mod]) expect((await engine.messages(place)).messages.filter(({ hidden, replyTo }) => hidden || replyTo?.hidden)).toEqual([]);
    expect((await mod.find(place, "not at all")).replyTo?.key).toBe(first);
    // Elsewhere it hides them as ever.
    await mod.engine.sendText(room, "hello all");
    await bea.readsSoon(room, ["me: ugly", "Mod: hello all"]);
    await until(async () => (await ann.engine.messages(room)).messages.some(({ hidden }) => hidden));
    expect((await ann.engine.messages(room)).messages.filter(({ hidden }) => hidden)).toMatchObject([{ from: mod.account }]);
  });

  it("that the server does not take is told at once, or stands there until the person forgets it", async () => {
    const { room, ann } = await said("ugly");
    world.server.refuseCases = "too_many";
    await expect(ann.engine.cases.ask({ ...asking, room, messages: [] })).rejects.toMatchObject({ code: "conflict" });
    expect(await ann.engine.cases.questions()).toEqual([]);
    ann.offline();
    const id = await ann.engine.cases.ask({ ...asking, room, messages: [] });
    ann.online();
    await until(async () => (await only(ann)).state === "refused");
    await ann.engine.cases.withdraw(id);
    expect(await ann.engine.cases.questions()).toEqual([]);
  });

  it("shows nothing of the person's own without their name, and of others what the server has stamped", async () => {
    const { room, ann } = await said("one", "two", "three", "four", "five");
    await ann.engine.sendText(room, "mine");
    await until(async () => (await ann.find(room, "mine")).seq !== null);
    const key = (await ann.find(room, "five")).key;
    const suggested = await ann.engine.cases.suggest(room, key);
    expect(suggested.map(({ text, asked, mine }) => [text, asked, mine])).toEqual([
      ["two", false, false], ["three", false, false], ["four", false, false], ["five", true, false], ["mine", false, true],
    ]);
    await expect(ann.engine.cases.ask({ ...asking, room, messages: [(await ann.find(room, "mine")).key] })).rejects.toMatchObject({ code: "not_found" });
    await expect(ann.engine.cases.ask({ ...asking, room, messages: [], wish: "x".repeat(2001) })).rejects.toMatchObject({ code: "too_large" });
    expect(world.server.cases.size).toBe(0);
  });

  it("offers as many messages around the one as are asked for", async () => {
    const { room, ann } = await said("one", "two", "three", "four", "five", "six");
    const texts = async (before: number, after: number) => (await ann.engine.cases.suggest(room, (await ann.find(room, "five")).key, { before, after })).map(({ text }) => text);
    expect(await texts(4, 0)).toEqual(["one", "two", "three", "four", "five"]);
    expect(await texts(1, 9)).toEqual(["four", "five", "six"]);
  });

  it.each(["while the device is there", "while it is away"])("that the server forgets %s is over, and stays readable where it was asked", async (when) => {
    const { room, mod, ann } = await said("ugly");
    await ann.engine.cases.ask({ ...asking, room, messages: [(await ann.find(room, "ugly")).key] });
    const { id, room: place } = await only(ann);
    await until(async () => (await reports(mod, place)).length === 1);
    await ann.engine.sendText(place, "thank you");
    await until(async () => (await ann.find(place, "thank you")).seq !== null);
    const texts = async () => (await ann.engine.messages(place)).messages.map(({ key, body }) => [key, body]);
    const shown = await texts();
    const made = world.server.cases.get(id);
    const where = world.server.rooms.get(place);
    if (!made || !where) throw new Error("no such case");
    const there = when === "while the device is there";
    if (there) {
      Object.assign(made.body, { state: "closed", outcome: "helped", closed_at: world.server.now() });
      await until(async () => (await only(ann)).state === "closed");
    } else ann.offline();
    world.server.cases.delete(id);
    world.server.rooms.delete(place);
    if (there) world.server.tell(where, "removed");
    else ann.online();
    await until(async () => ann.engine.room(place)?.removed === true && (await only(ann)).state === "closed");
    expect(await only(ann)).toMatchObject({ id, outcome: there ? "helped" : null });
    expect(await texts()).toEqual(shown);
    await ann.restart();
    await until(() => ann.engine.connection() === "online");
    expect(await only(ann)).toMatchObject({ id, state: "closed" });
    expect(await texts()).toEqual(shown);
  });

  it("has readers that its person can look up later, also without a connection", async () => {
    const { room, mod, ann } = await said("ugly");
    const id = await ann.engine.cases.ask({ ...asking, room, messages: [(await ann.find(room, "ugly")).key] });
    const { room: place } = await only(ann);
    const readers = async () => (await ann.engine.cases.readers(id)).map(({ account }) => account);
    expect(await readers()).toEqual([mod.engine.me().account]);
    await until(async () => (await reports(mod, place)).length === 1);
    ann.offline();
    expect(await readers()).toEqual([mod.engine.me().account]);
    await expect(ann.engine.cases.readers("00000000-0000-4000-8000-000000000000")).rejects.toMatchObject({ code: "not_found" });
  });
});
