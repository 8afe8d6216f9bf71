import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Actor, type Disk, until, World } from "../../test/actors.ts";
import type { Fields, ServerDevice } from "../../test/fake-server.ts";
import { randomBytes } from "../protocol/bytes.ts";
import { newUuid } from "../protocol/ids.ts";
import { Failure } from "./contract.ts";

vi.setConfig({ testTimeout: 60_000 });

let world: World;
beforeEach(async () => {
  world = await World.start();
});
afterEach(async () => {
  await world.end();
});

/** Ann and the others in one open room. */
async function together<const N extends readonly string[]>(...names: N): Promise<{ room: string; people: { [K in keyof N]: Actor } }> {
  const people = await Promise.all(names.map((name, index) => world.person(name, index === 0 ? "moderator" : "member")));
  const [first, ...others] = people;
  if (!first) throw new Error("nobody");
  const room = await first.engine.createOpenRoom("Welcome");
  for (const other of others) {
    await other.engine.joinOpenRoom(room);
  }
  for (const person of people) {
    await until(() => person.engine.members(room).length === names.length, () =>
      `${person.name} sees ${JSON.stringify(person.engine.members(room).map(({ name }) => name))}`);
  }
  return { room, people: people as { [K in keyof N]: Actor } };
}

/** Once: what `fault` says for the first frame of this kind from this person. */
function once(kind: string, who: Actor, fault: string): () => number {
  let times = 0;
  world.server.fault = (frame: Fields, device: ServerDevice) => {
    if (frame["t"] !== kind || device.account !== who.account || times > 0) return null;
    times += 1;
    return fault;
  };
  return () => times;
}

const numbers = (count: number, from = 0) => Array.from({ length: count }, (_, i) => String(i + from));

describe("a message", () => {
  it("written offline waits, is shown as waiting, and goes out once and in order", async () => {
    const { room, people: [ann, bea] } = await together("Ann", "Bea");
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
    const { room, people: [ann, bea] } = await together("Ann", "Bea");
    const happened = once("send", ann, "lose");
    for (const text of numbers(3)) await ann.engine.sendText(room, text);
    await bea.readsSoon(room, ["Ann: 0", "Ann: 1", "Ann: 2"]);
    await ann.readsSoon(room, ["me: 0", "me: 1", "me: 2"]);
    expect(happened()).toBe(1);
  });

  it("whose acknowledgement is lost and that comes back with fetched entries is recognised", async () => {
    const { room, people: [ann, bea] } = await together("Ann", "Bea");
    once("send", ann, "lose");
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
    const { room, people: [ann, bea] } = await together("Ann", "Bea");
    once("send", ann, "epoch_too_old");
    const key = await ann.engine.sendText(room, "again");
    await bea.readsSoon(room, ["Ann: again"]);
    expect((await bea.find(room, "again")).key).toBe(key);
    const sent = world.server.seen.filter(({ frame }) => frame["t"] === "send").map(({ frame }) => frame);
    const tries = sent.filter(({ tag }) => JSON.stringify(tag) === JSON.stringify(sent.at(-1)?.["tag"]));
    expect(tries).toHaveLength(2);
    expect(JSON.stringify(tries[0]?.["payload"])).not.toBe(JSON.stringify(tries[1]?.["payload"]));
  });

  it("that is refused is shown as failed, and can be sent again or given up", async () => {
    const { room, people: [ann, bea] } = await together("Ann", "Bea");
    once("send", ann, "too_large");
    const key = await ann.engine.sendText(room, "too much");
    await until(async () => (await ann.find(room, "too much")).state === "failed");
    await ann.engine.sendText(room, "next");
    await bea.readsSoon(room, ["Ann: next"]);
    await ann.engine.retry(room, key);
    await bea.readsSoon(room, ["Ann: next", "Ann: too much"]);
    once("send", ann, "too_large");
    const second = await ann.engine.sendText(room, "no");
    await until(async () => (await ann.find(room, "no")).state === "failed");
    await ann.engine.discard(room, second);
    expect(await ann.reads(room)).toEqual(["me: next", "me: too much"]);
  });

  it("can be changed, answered and reacted to while it waits, and taken back without a trace", async () => {
    const { room, people: [ann, bea] } = await together("Ann", "Bea");
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

  it("whose tag does not fit is not shown as text", async () => {
    const { room, people: [ann, bea] } = await together("Ann", "Bea");
    await ann.engine.sendText(room, "provable");
    await bea.readsSoon(room, ["Ann: provable"]);
    const append = world.server.append.bind(world.server);
    world.server.append = (place, entry, from) => append(place, entry.kind === 0 ? { ...entry, tag: randomBytes(32) } : entry, from);
    await ann.engine.sendText(room, "unprovable");
    await bea.readsSoon(room, ["Ann: provable", "Ann: (unchecked)"]);
  });
});

describe("catching up", () => {
  it("brings 500 missed messages, in order and once, with people coming and going between them", { timeout: 180_000 }, async () => {
    const { room, people: [ann, bea, cleo] } = await together("Ann", "Bea", "Cleo");
    cleo.offline();
    for (const text of numbers(250)) await ann.engine.sendText(room, text);
    await bea.readsSoon(room, numbers(250).map((text) => `Ann: ${text}`));
    await bea.engine.leave(room);
    await until(() => ann.engine.members(room).length === 2, undefined, 15_000);
    const dora = await world.person("Dora");
    await dora.engine.joinOpenRoom(room);
    for (const text of numbers(250, 250)) await dora.engine.sendText(room, text);
    await until(async () => (await dora.shown(room)).every(({ state }) => state !== "waiting"), undefined, 30_000);
    cleo.online();
    await cleo.readsSoon(room, [...numbers(250).map((text) => `Ann: ${text}`), ...numbers(250, 250).map((text) => `Dora: ${text}`)]);
    expect(cleo.engine.room(room)?.unread).toBe(500);
    expect(cleo.engine.members(room).map(({ name }) => name).sort()).toEqual(["Ann", "Cleo", "Dora"]);
    expect(cleo.engine.room(room)?.lost).toBe(false);
  });

  it("tells that entries were lost, and goes on after them", async () => {
    const { room, people: [ann, bea] } = await together("Ann", "Bea");
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
    const { room, people: [ann, bea] } = await together("Ann", "Bea");
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
    const { room, people: [ann, bea] } = await together("Ann", "Bea");
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
    const { room, people: [ann, bea] } = await together("Ann", "Bea");
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
    expect(Date.now() - start).toBeLessThan(3_000);
    await until(() => ann.engine.members(room).length === 2);
    expect(world.server.room(room).epoch).toBe(2);
  });

  it("made by many at once happens for each of them", async () => {
    const { room, people: [ann, bea] } = await together("Ann", "Bea");
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
    const { room, people: [ann, bea, cleo] } = await together("Ann", "Bea", "Cleo");
    expect(room).not.toBe("");
    once("commit", ann, "lose");
    const group = await ann.engine.createGroup("Tuesday", [bea.account]);
    once("commit", ann, "lose");
    await ann.engine.addMembers(group, [cleo.account]);
    await until(() => cleo.engine.room(group)?.title === "Tuesday");
    expect(ann.engine.members(group)).toHaveLength(3);
    expect(await ann.reads(group, true)).not.toContain("[rejoined]");
  });

  it("that was accepted while the app died is found out, and the device joins again", async () => {
    const { people: [ann, bea, cleo] } = await together("Ann", "Bea", "Cleo");
    const group = await ann.engine.createGroup("Tuesday", [bea.account]);
    await until(() => bea.engine.room(group)?.title === "Tuesday");
    once("commit", ann, "lose");
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
    const { room, people: [ann, bea, cleo] } = await together("Ann", "Bea", "Cleo");
    await world.server.remove(world.server.room(room), bea.account);
    await until(() => ann.engine.members(room).length === 2 && cleo.engine.members(room).length === 2, undefined, 15_000);
    await ann.engine.sendText(room, "after");
    await cleo.readsSoon(room, ["Ann: after"]);
    await bea.restart();
    await until(() => bea.engine.room(room)?.active !== true);
  });
});

describe("a room that was left", () => {
  it("can be joined again, and nothing from in between is called lost", async () => {
    const { room, people: [ann, bea] } = await together("Ann", "Bea");
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
    const { people: [ann, bea] } = await together("Ann", "Bea");
    bea.offline();
    const group = await ann.engine.createGroup("Tuesday", [bea.account]);
    await ann.engine.sendText(group, "for later");
    await until(async () => (await ann.shown(group)).every(({ state }) => state !== "waiting"));
    bea.online();
    await until(() => bea.engine.room(group)?.title === "Tuesday");
    await bea.readsSoon(group, ["Ann: for later"]);
  });

  it("for a used last-resort key package is made good by an external commit", async () => {
    const { people: [ann, bea] } = await together("Ann", "Bea");
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

describe("a device that no account certifies", () => {
  it("gets nothing, and the room says so", async () => {
    const { room, people: [ann, bea] } = await together("Ann", "Bea");
    const eve = await world.person("Eve");
    const device = [...world.server.devices.values()].find(({ account }) => account === eve.account);
    if (!device) throw new Error("no device");
    device.certificate = Buffer.from(randomBytes(64)).toString("base64url");
    await eve.engine.joinOpenRoom(room);
    await until(() => ann.engine.members(room).length === 3);
    await ann.engine.sendText(room, "not for Eve");
    await until(async () => (await ann.find(room, "not for Eve")).state === "failed");
    expect(await ann.reads(room, true)).toContain("[uncertified]");
    expect(await eve.reads(room)).toEqual([]);
    expect(await bea.reads(room)).toEqual([]);
  });
});

describe("an account", () => {
  it("joins once, though the answer to its first try was lost", async () => {
    const { server } = world;
    const invite = await server.invite();
    const actor = await world.person("Ann");
    await actor.engine.erase();
    const fetch = server.fetch;
    let lost = 0;
    Object.assign(server, { fetch: async (input: string, init: RequestInit) => {
      const answer = await fetch(input, init);
      if (!input.endsWith("/join") || lost > 0) return answer;
      lost += 1;
      throw new TypeError("connection reset");
    } });
    await actor.restart().catch(() => undefined);
    const choice = { name: "Ann", pin: "2580", conductVersion: 1 };
    await expect(actor.engine.join(invite, choice)).rejects.toEqual(new Failure("offline"));
    expect(actor.engine.phase()).toBe("fresh");
    await actor.engine.join(invite, { ...choice, name: "Anna", pin: "1470" });
    expect(actor.engine.me().name).toBe("Anna");
    expect([...server.invites.values()].at(-2)?.used).toBe(1);
    await actor.engine.lock();
    await expect(actor.engine.unlock("2580")).rejects.toEqual(new Failure("pin_mismatch"));
    await actor.engine.unlock("1470");
  });

  it("that is suspended is told so and gets nothing", async () => {
    const { room, people: [ann, bea] } = await together("Ann", "Bea");
    const account = world.server.accounts.get(bea.account);
    if (account) account.suspended = true;
    await bea.restart();
    await until(() => bea.engine.phase() === "suspended");
    await ann.engine.sendText(room, "hello");
    await until(async () => (await ann.shown(room)).every(({ state }) => state !== "waiting"));
    expect(await bea.reads(room)).toEqual([]);
  });
});
