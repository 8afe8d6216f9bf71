import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { numbers, once, together, until, World } from "../../../test/actors.ts";
import { randomBytes } from "../../protocol/bytes.ts";

vi.setConfig({ testTimeout: 120_000 });

let world: World;
beforeEach(async () => {
  world = await World.start();
});
afterEach(async () => {
  await world.end();
});

describe("a message", () => {
  it("written offline waits, is shown as waiting, and goes out once and in order", async () => {
    const { room, people: [ann, bea] } = await together(world, "Ann", "Bea");
    ann.offline();
    await until(() => ann.engine.connection() === "offline");
    for (const text of numbers(20)) await ann.engine.sendText(room, text);
    const waiting = await ann.shown(room);
    expect(waiting.filter(({ state }) => state === "waiting")).toHaveLength(20);
    expect(ann.engine.room(room)?.last).toMatchObject({ text: "19", state: "waiting" });
    await ann.restart();
    await bea.readsSoon(room, numbers(20).map((text) => `Ann: ${text}`));
    await until(async () => (await ann.shown(room)).every(({ state }) => state === null || state !== "waiting"));
    expect((await ann.shown(room)).map(({ key }) => key).sort()).toEqual(waiting.map(({ key }) => key).sort());
  });

  it("whose acknowledgement is lost is sent once all the same", async () => {
    const { room, people: [ann, bea] } = await together(world, "Ann", "Bea");
    const happened = once(world, "send", ann, "lose");
    for (const text of numbers(3)) await ann.engine.sendText(room, text);
    await bea.readsSoon(room, ["Ann: 0", "Ann: 1", "Ann: 2"]);
    await ann.readsSoon(room, ["me: 0", "me: 1", "me: 2"]);
    expect(happened()).toBe(1);
  });

  it("whose acknowledgement is lost and that comes back with fetched entries is recognised", async () => {
    const { room, people: [ann, bea] } = await together(world, "Ann", "Bea");
    once(world, "send", ann, "lose");
    const key = await ann.engine.sendText(room, "mine");
    await until(() => ann.engine.connection() !== "online");
    ann.offline();
    await bea.readsSoon(room, ["Ann: mine"]);
    await bea.engine.sendText(room, "theirs");
    await until(async () => (await bea.shown(room)).every(({ state }) => state !== "waiting"));
    await ann.restart();
    await ann.readsSoon(room, ["me: mine", "Bea: theirs"]);
    expect((await ann.find(room, "mine")).key).toBe(key);
  });

  it("of an epoch that is too old is encrypted again under the same id", async () => {
    const { room, people: [ann, bea] } = await together(world, "Ann", "Bea");
    once(world, "send", ann, "epoch_too_old");
    const key = await ann.engine.sendText(room, "again");
    await bea.readsSoon(room, ["Ann: again"]);
    expect((await bea.find(room, "again")).key).toBe(key);
    const sent = world.server.seen.filter(({ frame }) => frame["t"] === "send").map(({ frame }) => frame);
    const tries = sent.filter(({ tag }) => JSON.stringify(tag) === JSON.stringify(sent.at(-1)?.["tag"]));
    expect(tries).toHaveLength(2);
    expect(JSON.stringify(tries[0]?.["payload"])).not.toBe(JSON.stringify(tries[1]?.["payload"]));
  });

  it("for which the server has no space says so, keeps no later one waiting, and can be sent again", async () => {
    const { room, people: [ann, bea] } = await together(world, "Ann", "Bea");
    once(world, "send", ann, "quota");
    const key = await ann.engine.sendText(room, "full");
    await until(async () => (await ann.find(room, "full")).state === "failed");
    expect(await ann.find(room, "full")).toMatchObject({ serverFull: true });
    await ann.engine.sendText(room, "next");
    await bea.readsSoon(room, ["Ann: next"]);
    await ann.engine.retry(room, key);
    await bea.readsSoon(room, ["Ann: next", "Ann: full"]);
    expect(await ann.find(room, "full")).not.toHaveProperty("serverFull");
  });

  it("that is refused is shown as failed, and can be sent again or given up", async () => {
    const { room, people: [ann, bea] } = await together(world, "Ann", "Bea");
    once(world, "send", ann, "too_large");
    const key = await ann.engine.sendText(room, "too much");
    await until(async () => (await ann.find(room, "too much")).state === "failed");
    await ann.engine.sendText(room, "next");
    await bea.readsSoon(room, ["Ann: next"]);
    await ann.engine.retry(room, key);
    await bea.readsSoon(room, ["Ann: next", "Ann: too much"]);
    once(world, "send", ann, "too_large");
    const second = await ann.engine.sendText(room, "no");
    await until(async () => (await ann.find(room, "no")).state === "failed");
    await ann.engine.discard(room, second);
    expect(await ann.reads(room)).toEqual(["me: next", "me: too much"]);
  });

  it("can be changed, answered and reacted to while it waits, and taken back without a trace", async () => {
    const { room, people: [ann, bea] } = await together(world, "Ann", "Bea");
    ann.offline();
    const key = await ann.engine.sendText(room, "helo");
    await ann.engine.edit(room, key, "hello");
    await ann.engine.react(room, key, "👋");
    await ann.engine.sendText(room, "me again", { replyTo: key });
    const never = await ann.engine.sendText(room, "regretted");
    await ann.engine.remove(room, never);
    expect(await ann.reads(room)).toEqual(["me: hello", "me: me again"]);
    ann.online();
    await bea.readsSoon(room, ["Ann: hello", "Ann: me again"]);
    expect(await bea.find(room, "hello")).toMatchObject({ edited: true, reactions: [{ emoji: "👋" }] });
    expect((await bea.find(room, "me again")).replyTo).toMatchObject({ key, excerpt: "hello" });
  });

  it("whose tag does not fit is not shown as text, and cannot be shown to moderators", async () => {
    const { room, people: [ann, bea] } = await together(world, "Ann", "Bea");
    await ann.engine.sendText(room, "provable");
    await bea.readsSoon(room, ["Ann: provable"]);
    const append = world.server.append.bind(world.server);
    world.server.append = (place, entry, from) => append(place, entry.kind === 0 ? { ...entry, tag: randomBytes(32) } : entry, from);
    await ann.engine.sendText(room, "unprovable");
    await bea.readsSoon(room, ["Ann: provable", "Ann: (unchecked)"]);
    const key = (await bea.shown(room)).find(({ body }) => body.type === "unchecked")?.key ?? "";
    const { cases } = bea.engine;
    expect((await cases.suggest(room, key)).map(({ text, asked }) => [text, asked])).toEqual([["provable", false]]);
    await expect(cases.ask({ room, messages: [key], concern: "other", urgency: "soon", wish: "", named: false, keptFrom: [] })).rejects.toMatchObject({ code: "not_found" });
    expect(await cases.questions()).toEqual([]);
  });
});
