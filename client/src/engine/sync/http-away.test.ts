import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Actor, together, until, World } from "../../../test/actors.ts";

vi.setConfig({ testTimeout: 180_000 });

let world: World;
beforeEach(async () => {
  world = await World.start();
});
afterEach(async () => {
  await world.end();
});

const isSent = ({ engine }: Actor, room: string) => until(async () => (await engine.messages(room)).messages.every(({ seq }) => seq !== null));

/** Nothing is taken that this person sends, or anybody: later messages would show them that they miss something. */
function silence(who?: Actor): void {
  world.server.fault = (frame, { account }) => (frame["t"] === "send" && (!who || account === who.account) ? "unavailable" : null);
}

/** As somebody who opens the room as soon as it is in their list. */
async function readsIn(who: Actor, room: string, texts: string[]): Promise<void> {
  await until(() => who.engine.room(room)?.active === true);
  await who.readsSoon(room, texts);
}

/** The room that a request asks about, if it is none of these. */
function newRoomIn(path: string, known: ReadonlySet<string>): string | null {
  const [, room] = /^\/rooms\/([0-9a-f-]{36})$/.exec(path) ?? [];
  return room !== undefined && !known.has(room) ? room : null;
}

describe("a Welcome", () => {
  it.each(["drop", 502, 503] as const)("that cannot be looked up (%s) is opened in the end, whatever comes after it, and nothing is lost", async (fault) => {
    const { people: [ann, bea] } = await together(world, "Ann", "Bea");
    const known = new Set(world.server.rooms.keys());
    let first: string | null = null;
    let asked = 0;
    world.server.httpFault = (path) => {
      const room = newRoomIn(path, known);
      first ??= room;
      if (room === null || room !== first) return null;
      asked += 1;
      return fault;
    };
    const one = await ann.engine.createGroup("One", [bea.account]);
    await ann.engine.sendText(one, "before");
    // Ann asks as well, once, for what the server knows of the room that she has made.
    await until(() => asked >= 2);
    const two = await ann.engine.createGroup("Two", [bea.account]);
    await ann.engine.sendText(two, "hello");
    await readsIn(bea, two, ["Ann: hello"]);
    await ann.engine.sendText(one, "after");
    await isSent(ann, one);
    const inbox = () => [...world.server.devices.values()].find(({ account }) => account === bea.account)?.inbox ?? [];
    expect(inbox().map(({ room }) => room)).toContain(one);
    world.server.httpFault = () => null;
    await readsIn(bea, one, ["Ann: before", "Ann: after"]);
    await until(() => inbox().length === 0);
    expect(await bea.reads(one, true)).not.toContain("[lost]");
  });

  it("lets nothing be missed that is said while the room is looked up", async () => {
    const { people: [ann, bea] } = await together(world, "Ann", "Bea");
    const known = new Set(world.server.rooms.keys());
    silence(bea);
    let goOn: () => void = () => undefined;
    const said = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    world.server.beforeAnswer = (path) => (newRoomIn(path, known) === null ? Promise.resolve() : said);
    const group = await ann.engine.createGroup("Tuesday", [bea.account]);
    await ann.engine.sendText(group, "in between");
    await isSent(ann, group);
    goOn();
    await readsIn(bea, group, ["Ann: in between"]);
  });

  it("for a used key package tells that what was said before the device came in is lost", async () => {
    const { people: [ann, bea] } = await together(world, "Ann", "Bea");
    const device = [...world.server.devices.values()].find(({ account }) => account === bea.account);
    if (!device) throw new Error("no device");
    device.packages = [];
    bea.offline();
    const [one, two] = [await ann.engine.createGroup("One", [bea.account]), await ann.engine.createGroup("Two", [bea.account])];
    for (const group of [one, two]) {
      await ann.engine.sendText(group, "early");
      await isSent(ann, group);
    }
    bea.online();
    await readsIn(bea, one, ["Ann: early"]);
    await readsIn(bea, two, []);
    await until(async () => (await bea.reads(two, true)).includes("[lost]"));
    await ann.engine.sendText(two, "late");
    await readsIn(bea, two, ["Ann: late"]);
    expect(await bea.reads(one, true)).not.toContain("[lost]");
  });
});

describe("a room that somebody joins", () => {
  it("lets nothing be missed that is said while the device still writes down that it is in", async () => {
    const ann = await world.person("Ann", "moderator");
    const bea = await world.person("Bea");
    const room = await ann.engine.createOpenRoom("Welcome");
    silence(bea);
    const commit = world.server.commit.bind(world.server);
    let goOn: () => void = () => undefined;
    world.server.commit = (device, frame) => {
      if (device.account === bea.account) goOn = bea.holdWrites();
      return commit(device, frame);
    };
    const joining = bea.engine.joinOpenRoom(room);
    await until(() => ann.engine.members(room).length === 2);
    await ann.engine.sendText(room, "in between");
    await isSent(ann, room);
    silence();
    goOn();
    await joining;
    await readsIn(bea, room, ["Ann: in between"]);
  });
});

describe("a room whose group is behind", () => {
  it("is come back into as soon as requests are answered again, however often they failed", async () => {
    const { room, people: [ann, bea] } = await together(world, "Ann", "Bea");
    bea.offline();
    const cleo = await world.person("Cleo");
    await cleo.engine.joinOpenRoom(room);
    await until(() => ann.engine.members(room).length === 3);
    const log = world.server.room(room);
    log.log = log.log.filter(({ kind, epoch }) => kind !== 1 || epoch !== log.epoch - 1);
    await cleo.engine.sendText(room, "unreadable for Bea");
    // More than two tries, after which those that others have to hear of wait for half a minute.
    let failures = 11;
    world.server.httpFault = (path) => {
      if (!path.endsWith("/group-info") || failures === 0) return null;
      failures -= 1;
      return 503;
    };
    bea.online();
    await until(async () => {
      await bea.clock.pass(1);
      return (await bea.reads(room, true)).includes("[rejoined]");
    });
    expect(failures).toBe(0);
  });
});

describe("what the server has to say", () => {
  it("is asked again where HTTP failed while the socket lived", async () => {
    const { room, people: [ann, bea] } = await together(world, "Ann", "Bea");
    const tries = new Map<string, number>();
    world.server.httpFault = (path) => {
      const times = (tries.get(path) ?? 0) + 1;
      tries.set(path, times);
      return times === 1 ? 503 : null;
    };
    world.server.room(room).title = "Harbour";
    world.server.tell(world.server.room(room), "renamed");
    for (const { engine } of [ann, bea]) await until(() => engine.room(room)?.title === "Harbour");
  });

  it("hears how a device can be woken, though requests failed when the app was opened", async () => {
    const ann = await world.person("Ann");
    const subscription = { endpoint: "https://push.example/1", p256dh: new Uint8Array(65), auth: new Uint8Array(16) };
    ann.waking = {
      able: () => true, permission: () => "granted", ask: () => Promise.resolve(true), subscribe: () => Promise.resolve(subscription),
      unsubscribe: () => Promise.resolve(), keepNote: () => Promise.resolve(),
    };
    await ann.restart();
    await ann.engine.push.turnOn({ words: "An appointment", icon: "clock" });
    let failures = 2;
    let told = false;
    world.server.httpFault = (path) => {
      if (path === "/push" && failures > 0) {
        failures -= 1;
        return "drop";
      }
      told ||= path === "/me/push";
      return null;
    };
    await ann.restart();
    await until(() => told);
  });

  it("is asked again after a connection began while HTTP failed", async () => {
    const { room, people: [ann, bea] } = await together(world, "Ann", "Bea");
    for (const person of [ann, bea]) person.offline();
    world.server.room(room).places.delete([...world.server.room(room).places.keys()].find((key) => key.startsWith(bea.account)) ?? "");
    const tries = new Map<string, number>();
    world.server.httpFault = (path) => {
      const times = (tries.get(path) ?? 0) + 1;
      tries.set(path, times);
      return times <= 2 ? 502 : null;
    };
    for (const person of [ann, bea]) person.online();
    await until(() => bea.engine.room(room)?.active !== true);
    // What is new about a person, and what moderators have to look after.
    for (const path of ["/me/decisions", "/cases", "/cases?closed=true"]) await until(() => (tries.get(path) ?? 0) > 2, () => `${path} was not asked for again`);
    expect(ann.engine.room(room)?.active).toBe(true);
  });
});
