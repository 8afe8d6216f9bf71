import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Disk, numbers, together, until, World } from "../../../test/actors.ts";

vi.setConfig({ testTimeout: 120_000 });

let world: World;
beforeEach(async () => {
  world = await World.start();
});
afterEach(async () => {
  await world.end();
});

describe("catching up", () => {
  it("brings 500 missed messages, in order and once, with people coming and going between them", { timeout: 180_000 }, async () => {
    const { room, people: [ann, bea, cleo] } = await together(world, "Ann", "Bea", "Cleo");
    cleo.offline();
    for (const text of numbers(250)) await ann.engine.sendText(room, text);
    await bea.readsSoon(room, numbers(250).map((text) => `Ann: ${text}`));
    await bea.engine.leave(room);
    await until(() => ann.engine.members(room).length === 2);
    const dora = await world.person("Dora");
    await dora.engine.joinOpenRoom(room);
    for (const text of numbers(250, 250)) await dora.engine.sendText(room, text);
    await until(async () => (await dora.shown(room)).every(({ state }) => state !== "waiting"));
    cleo.online();
    await cleo.readsSoon(room, [...numbers(250).map((text) => `Ann: ${text}`), ...numbers(250, 250).map((text) => `Dora: ${text}`)]);
    expect(cleo.engine.room(room)?.unread).toBe(500);
    expect(cleo.engine.members(room).map(({ name }) => name).sort()).toEqual(["Ann", "Cleo", "Dora"]);
    expect(cleo.engine.room(room)?.lost).toBe(false);
  });

  it("tells the server how far it is when the app is put away, without waiting for more", async () => {
    const { room, people: [ann, bea] } = await together(world, "Ann", "Bea");
    const log = world.server.room(room);
    const behind = () => [...log.places.values()].some(({ cursor }) => cursor < log.log.length);
    // Otherwise it would wait for up to two seconds.
    const waits: number[] = [];
    for (const text of numbers(7)) {
      await until(() => !behind());
      await ann.engine.sendText(room, text);
      await until(async () => (await bea.reads(room)).includes(`Ann: ${text}`));
      for (const { platform } of [ann, bea]) platform.putAway();
      const begun = performance.now();
      await until(() => !behind());
      waits.push(performance.now() - begun);
    }
    expect(waits.sort((one, other) => one - other)[3]).toBeLessThan(300);
  });

  it("tells that entries were lost, and goes on after them", async () => {
    const { room, people: [ann, bea] } = await together(world, "Ann", "Bea");
    bea.offline();
    for (const text of numbers(5)) await ann.engine.sendText(room, text);
    await until(async () => (await ann.shown(room)).every(({ state }) => state !== "waiting"));
    const log = world.server.room(room);
    world.server.purge(log, log.log.length - 2);
    bea.online();
    await bea.readsSoon(room, ["Ann: 3", "Ann: 4"]);
    expect(bea.engine.room(room)?.lost).toBe(true);
    expect(await bea.reads(room, true)).toContain("[lost]");
  });

  it("joins again when a lost commit left the group behind, and says so", async () => {
    const { room, people: [ann, bea] } = await together(world, "Ann", "Bea");
    bea.offline();
    const cleo = await world.person("Cleo");
    await cleo.engine.joinOpenRoom(room);
    await cleo.engine.sendText(room, "unreadable for Bea");
    await ann.readsSoon(room, ["Cleo: unreadable for Bea"]);
    const log = world.server.room(room);
    log.log = log.log.filter(({ kind, epoch }) => kind !== 1 || epoch !== log.epoch - 1);
    bea.online();
    await until(async () => (await bea.reads(room, true)).includes("[rejoined]"));
    expect(await bea.reads(room, true)).toContain("[lost]");
    await bea.engine.sendText(room, "back");
    await cleo.readsSoon(room, ["me: unreadable for Bea", "Bea: back"]);
    await ann.engine.sendText(room, "welcome back");
    await bea.readsSoon(room, ["me: back", "Ann: welcome back"]);
    expect(ann.engine.members(room)).toHaveLength(3);
  });
});

describe("a crash", () => {
  /** Bea has read what Ann wrote, with Cleo's coming in between; then her device is put back to what `older` says. */
  async function crashed(older: "keys" | "cursors" | "both") {
    const { room, people: [ann, bea] } = await together(world, "Ann", "Bea");
    await ann.engine.sendText(room, "one");
    await bea.readsSoon(room, ["Ann: one"]);
    let before: Disk | null = null;
    await bea.restart(async () => {
      before = await bea.disk();
    });
    const key = await ann.engine.sendText(room, "two");
    const cleo = await world.person("Cleo");
    await cleo.engine.joinOpenRoom(room);
    await until(() => ann.engine.members(room).length === 3);
    await ann.engine.edit(room, key, "two, better");
    await ann.engine.react(room, key, "❤");
    await ann.engine.sendText(room, "three");
    const everything = ["Ann: one", "Ann: two, better", "Ann: three"];
    await bea.readsSoon(room, everything);
    const unread = bea.engine.room(room)?.unread;
    const shown = await bea.shown(room);
    await bea.restart(async () => {
      const { keys = [], cursors = [] } = before ?? {};
      await bea.rewind(older === "both" ? { keys, cursors } : older === "keys" ? { keys } : { cursors });
    });
    await until(() => bea.engine.connection() === "online");
    return { room, ann, bea, cleo, everything, unread, shown };
  }

  it("after the messages were written and before core-crypto moved on changes nothing", async () => {
    const { room, ann, bea, everything, unread, shown } = await crashed("both");
    await ann.engine.sendText(room, "four");
    await bea.readsSoon(room, [...everything, "Ann: four"]);
    expect((await bea.shown(room)).slice(0, -1)).toEqual(shown);
    expect(bea.engine.room(room)?.unread).toBe((unread ?? 0) + 1);
    expect(bea.engine.members(room)).toHaveLength(3);
    expect(await bea.reads(room, true)).not.toContain("[rejoined]");
  });

  it("after core-crypto moved on and before that was noted changes nothing", async () => {
    const { room, ann, bea, everything, unread, shown } = await crashed("cursors");
    await ann.engine.sendText(room, "four");
    await bea.readsSoon(room, [...everything, "Ann: four"]);
    expect((await bea.shown(room)).slice(0, -1)).toEqual(shown);
    expect(bea.engine.room(room)?.unread).toBe((unread ?? 0) + 1);
    expect(await bea.reads(room, true)).not.toContain("[lost]");
  });

  it("that costs core-crypto what it had is healed by joining again", async () => {
    const { room, ann, bea, everything } = await crashed("keys");
    await ann.engine.sendText(room, "four");
    await until(async () => (await bea.reads(room, true)).includes("[rejoined]"));
    await ann.engine.sendText(room, "five");
    await until(async () => (await bea.reads(room)).at(-1) === "Ann: five");
    expect((await bea.reads(room)).slice(0, 3)).toEqual(everything);
    await bea.engine.sendText(room, "six");
    await until(async () => (await ann.reads(room)).at(-1) === "Bea: six");
  });

  it("of the store in the middle of a run is made good by the next try", async () => {
    const { room, people: [ann, bea] } = await together(world, "Ann", "Bea");
    await ann.engine.sendText(room, "one");
    await bea.readsSoon(room, ["Ann: one"]);
    bea.failNextWrites(2);
    await ann.engine.sendText(room, "two");
    await ann.engine.sendText(room, "three");
    await bea.readsSoon(room, ["Ann: one", "Ann: two", "Ann: three"]);
    expect(world.faults.splice(0)).not.toHaveLength(0);
    expect(bea.engine.room(room)?.unread).toBe(3);
  });
});
