import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { numbers, once, together, until, World } from "../../../test/actors.ts";
import { newUuid } from "../../protocol/ids.ts";
import { Failure } from "../../contract/index.ts";

vi.setConfig({ testTimeout: 120_000 });

let world: World;
beforeEach(async () => {
  world = await World.start();
});
afterEach(async () => {
  await world.end();
});

describe("a commit", () => {
  it("that founds a room which somebody else has founded gives way at once", async () => {
    const room = newUuid();
    world.server.rooms.set(room, {
      id: room, kind: "open", title: "Welcome", epoch: 0, creator: "", log: [], purged: 0, groupInfo: null, places: new Map(),
      removing: new Set(), delivered: 0,
    });
    const [ann, bea] = [await world.person("Ann"), await world.person("Bea")];
    for (const { engine } of [ann, bea]) await until(() => engine.room(room)?.members === 0);
    await ann.engine.joinOpenRoom(room);
    const start = Date.now();
    await bea.engine.joinOpenRoom(room);
    expect(Date.now() - start).toBeLessThan(10_000);
    await until(() => ann.engine.members(room).length === 2);
    expect(world.server.room(room).epoch).toBe(2);
  });

  it("made by many at once happens for each of them", async () => {
    const { room, people: [ann, bea] } = await together(world, "Ann", "Bea");
    const others = await Promise.all(numbers(10).map((name) => world.person(`P${name}`)));
    await Promise.all(others.map((person) => person.engine.joinOpenRoom(room)));
    for (const person of [ann, bea, ...others]) await until(() => person.engine.members(room).length === 12);
    await Promise.all(others.map((person) => person.engine.sendText(room, person.name)));
    await until(async () => (await ann.reads(room)).length === 10);
    const [expected] = await Promise.all([ann.reads(room)]);
    expect([...expected].sort()).toEqual(others.map(({ name }) => `${name}: ${name}`).sort());
    await bea.readsSoon(room, expected);
  });

  it("whose acknowledgement is lost is answered again", async () => {
    const { room, people: [ann, bea, cleo] } = await together(world, "Ann", "Bea", "Cleo");
    expect(room).not.toBe("");
    once(world, "commit", ann, "lose");
    const group = await ann.engine.createGroup("Tuesday", [bea.account]);
    once(world, "commit", ann, "lose");
    await ann.engine.addMembers(group, [cleo.account]);
    await until(() => cleo.engine.room(group)?.title === "Tuesday");
    expect(ann.engine.members(group)).toHaveLength(3);
    expect(await ann.reads(group, true)).not.toContain("[rejoined]");
  });

  it("of which the database did not say that it was kept is asked about again, and nothing is lost on anybody", async () => {
    const { people: [ann, bea, cleo] } = await together(world, "Ann", "Bea", "Cleo");
    const group = await ann.engine.createGroup("Tuesday", [bea.account]);
    await until(() => bea.engine.room(group)?.title === "Tuesday");
    const happened = once(world, "commit", ann, "keep");
    const adding = ann.engine.addMembers(group, [cleo.account]);
    await until(() => bea.engine.members(group).length === 3);
    await bea.engine.sendText(group, "do you hear me");
    await adding;
    expect(happened()).toBe(1);
    await ann.readsSoon(group, ["Bea: do you hear me"]);
    expect(await ann.reads(group, true)).not.toContain("[rejoined]");
    expect(ann.engine.room(group)?.lost).toBe(false);
  });

  it("that was accepted while the app died is found out, and the device joins again", async () => {
    const { people: [ann, bea, cleo] } = await together(world, "Ann", "Bea", "Cleo");
    const group = await ann.engine.createGroup("Tuesday", [bea.account]);
    await until(() => bea.engine.room(group)?.title === "Tuesday");
    once(world, "commit", ann, "lose");
    const adding = ann.engine.addMembers(group, [cleo.account]).catch((error: unknown) => error);
    await until(() => ann.engine.connection() !== "online");
    ann.offline();
    // As if the tab was closed: what core-crypto had not committed is gone.
    await ann.engine.lock();
    expect(await adding).toBeInstanceOf(Failure);
    await ann.restart();
    await until(async () => (await ann.reads(group, true)).includes("[rejoined]"));
    await ann.engine.sendText(group, "still here");
    await bea.readsSoon(group, ["Ann: still here"]);
    await until(() => ann.engine.members(group).length === 3 && bea.engine.members(group).length === 3);
  });

  it("that removes somebody is made by one member when the server asks", async () => {
    const { room, people: [ann, bea, cleo] } = await together(world, "Ann", "Bea", "Cleo");
    await world.server.remove(world.server.room(room), bea.account);
    await until(() => ann.engine.members(room).length === 2 && cleo.engine.members(room).length === 2);
    await ann.engine.sendText(room, "after");
    await cleo.readsSoon(room, ["Ann: after"]);
    await bea.restart();
    await until(() => bea.engine.room(room)?.active !== true);
  });
});

describe("somebody who has just gone", () => {
  it("is added again as soon as the others have taken them out, and not refused", async () => {
    const { people: [ann, bea, cleo] } = await together(world, "Ann", "Bea", "Cleo");
    const group = await ann.engine.createGroup("Tuesday", [bea.account, cleo.account]);
    await until(() => [bea, cleo].every(({ engine }) => engine.room(group)?.title === "Tuesday"));
    // Whose turn it would be first to take somebody out.
    ann.offline();
    await cleo.engine.leave(group);
    await bea.engine.addMembers(group, [cleo.account]);
    await until(() => cleo.engine.room(group)?.active === true);
    await bea.engine.sendText(group, "welcome back");
    await cleo.readsSoon(group, ["Bea: welcome back"]);
    ann.online();
    await ann.readsSoon(group, ["Bea: welcome back"]);
  });
});

describe("a room that was left", () => {
  it("goes from the device with everything said in it when the person says so, and only then", async () => {
    const { people: [ann, bea] } = await together(world, "Ann", "Bea");
    // What shows how Ann calls herself is kept in the room where she said so.
    await until(async () => (await bea.records("changes"))[0] === 1);
    const tables = ["rooms", "prefs", "messages", "changes", "ids", "outbox"] as const;
    const before = await bea.records(...tables);
    const group = await ann.engine.createGroup("Tuesday", [bea.account]);
    const key = await ann.engine.sendText(group, "a long story");
    await bea.readsSoon(group, ["Ann: a long story"]);
    await bea.engine.react(group, key, "❤");
    await bea.engine.markRead(group);
    await until(async () => (await ann.find(group, "a long story")).reactions.length === 1);
    await expect(bea.engine.forget(group)).rejects.toEqual(new Failure("conflict"));
    await bea.engine.leave(group);
    expect(await bea.reads(group)).toEqual(["Ann: a long story"]);
    await bea.engine.forget(group);
    expect(bea.engine.room(group)).toBeNull();
    expect(await bea.records(...tables)).toEqual(before);
    await bea.restart();
    expect(bea.engine.rooms().map(({ id }) => id)).not.toContain(group);
    await ann.engine.addMembers(group, [bea.account]);
    await until(() => bea.engine.room(group)?.title === "Tuesday");
    await ann.engine.sendText(group, "from here on");
    await bea.readsSoon(group, ["Ann: from here on"]);
  });

  it("can be joined again, and nothing from in between is called lost", async () => {
    const { room, people: [ann, bea] } = await together(world, "Ann", "Bea");
    await ann.engine.sendText(room, "before");
    await bea.readsSoon(room, ["Ann: before"]);
    await bea.engine.leave(room);
    await ann.engine.sendText(room, "without Bea");
    await until(async () => ann.engine.members(room).length === 1 && (await ann.find(room, "without Bea")).state !== "waiting");
    await bea.engine.joinOpenRoom(room);
    await ann.engine.sendText(room, "after");
    await bea.readsSoon(room, ["Ann: before", "Ann: after"]);
    expect(bea.engine.room(room)).toMatchObject({ lost: false, active: true });
    expect((await bea.reads(room, true)).filter((line) => line.startsWith("["))).toEqual(["[joined]", "[left]", "[joined]"]);
  });
});

describe("a Welcome", () => {
  it("waits for whoever is away", async () => {
    const { people: [ann, bea] } = await together(world, "Ann", "Bea");
    bea.offline();
    const group = await ann.engine.createGroup("Tuesday", [bea.account]);
    await ann.engine.sendText(group, "for later");
    await until(async () => (await ann.shown(group)).every(({ state }) => state !== "waiting"));
    bea.online();
    await until(() => bea.engine.room(group)?.title === "Tuesday");
    await bea.readsSoon(group, ["Ann: for later"]);
  });

  it("for a used last-resort key package is made good by an external commit", async () => {
    const { people: [ann, bea] } = await together(world, "Ann", "Bea");
    const device = [...world.server.devices.values()].find(({ account }) => account === bea.account);
    if (!device) throw new Error("no device");
    device.packages = [];
    const groups = [await ann.engine.createGroup("One", [bea.account]), await ann.engine.createGroup("Two", [bea.account])];
    for (const [index, group] of groups.entries()) {
      await until(() => bea.engine.room(group)?.title === ["One", "Two"][index]);
      await bea.engine.sendText(group, "hi");
      await ann.readsSoon(group, ["Bea: hi"]);
    }
  });
});
