import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Actor, together, until, World } from "../../../test/actors.ts";
import { keep, type ServerRoom } from "../../../test/fake-model.ts";
import { hex, randomBytes } from "../../protocol/bytes.ts";

vi.setConfig({ testTimeout: 120_000 });

let world: World;
beforeEach(async () => {
  world = await World.start();
});
afterEach(async () => {
  await world.end();
});

const notes = async (who: Actor, room: string) => (await who.reads(room, true)).filter((line) => line.startsWith("["));
const commitsOf = (who: Actor) => world.server.seen.filter(({ frame, device }) => frame["t"] === "commit" && device.startsWith(who.account)).length;

async function comes(room: string, name: string): Promise<Actor> {
  const person = await world.person(name);
  await person.engine.joinOpenRoom(room);
  return person;
}

describe("a server that repeats a commit", () => {
  it("changes nothing by it, and the room says that something did not fit", async () => {
    const { room, people: [ann, bea] } = await together(world, "Ann", "Bea");
    const served = world.server.room(room);
    const commit = served.log.findLast(({ kind }) => kind === 1);
    if (!commit) throw new Error("no commit");
    await comes(room, "Cleo");
    await until(() => ann.engine.members(room).length === 3);
    world.server.append(served, { ...commit, id: hex(randomBytes(16)) }, null);
    await until(async () => (await notes(ann, room)).includes("[odd]"));
    await ann.engine.sendText(room, "still here");
    await bea.readsSoon(room, ["Ann: still here"]);
    expect(ann.engine.members(room)).toHaveLength(3);
    expect(await notes(ann, room)).not.toContain("[rejoined]");
  });
});

describe("a server that changes the order of commits, or leaves one out and closes the gap", () => {
  for (const [what, change] of [
    ["the order", (room: ServerRoom, from: number) => {
      const [first, second] = [room.log[from], room.log[from + 1]];
      if (first && second) room.log.splice(from, 2, { ...second, seq: first.seq }, { ...first, seq: second.seq });
    }],
    ["what is there", (room: ServerRoom, from: number) => {
      room.log.splice(from, 1);
      for (const [index, item] of room.log.entries()) if (index >= from) room.log[index] = { ...item, seq: item.seq - 1 };
    }],
  ] as const) {
    it(`is noticed when it changes ${what}: the device comes back visibly, with new keys`, async () => {
      const { room, people: [ann, bea] } = await together(world, "Ann", "Bea");
      bea.offline();
      const from = world.server.room(room).log.length;
      await comes(room, "Cleo");
      await comes(room, "Dora");
      await until(() => ann.engine.members(room).length === 4);
      const served = world.server.room(room);
      // Nothing but the two commits: what people say comes after them.
      served.log = served.log.filter(({ kind, seq }) => kind === 1 || seq <= from).map((item, index) => ({ ...item, seq: index + 1 }));
      change(served, from);
      bea.online();
      await until(async () => (await notes(bea, room)).includes("[rejoined]"));
      expect(await notes(bea, room)).toContain("[odd]");
      await until(() => bea.engine.members(room).length === 4);
    });
  }

  it("tells the others that somebody came back with new keys", async () => {
    const { room, people: [ann, bea] } = await together(world, "Ann", "Bea");
    bea.offline();
    await comes(room, "Cleo");
    await until(() => ann.engine.members(room).length === 3);
    const served = world.server.room(room);
    served.log = served.log.filter(({ kind, epoch }) => kind !== 1 || epoch !== served.epoch - 1);
    bea.online();
    await until(async () => (await notes(ann, room)).includes("[renewed]"));
    const [renewed] = (await ann.shown(room)).filter(({ body }) => body.type === "system" && body.note.type === "renewed");
    expect(renewed?.body).toEqual({ type: "system", note: { type: "renewed", account: bea.account } });
  });
});

describe("a server that breaks a room again and again", () => {
  it("is answered twice at once, and then more and more slowly, which the room says", async () => {
    const { room, people: [ann, bea] } = await together(world, "Ann", "Bea");
    const served = world.server.room(room);
    let times = 0;
    /** Bea never gets the commit by which somebody came. */
    const breaks = async () => {
      bea.offline();
      await comes(room, `Guest ${(times += 1)}`);
      await until(() => ann.engine.members(room).length === 2 + times);
      served.log = served.log.filter(({ kind, epoch }) => kind !== 1 || epoch !== served.epoch - 1);
      bea.online();
    };
    const returns = async () => (await notes(bea, room)).filter((note) => note === "[rejoined]").length;
    for (const expected of [1, 2]) {
      await breaks();
      await until(async () => (await returns()) === expected);
    }
    for (const [expected, seconds] of [[3, 30], [4, 60]] as const) {
      await breaks();
      await until(async () => (await notes(bea, room)).includes("[waiting]") && bea.engine.connection() === "online");
      await until(async () => (await notes(bea, room)).at(-1) !== "[rejoined]");
      await bea.clock.pass((seconds - 1) * 1_000);
      expect(await returns()).toBe(expected - 1);
      await bea.clock.pass(2_000);
      await until(async () => (await returns()) === expected);
    }
    expect((await notes(bea, room)).filter((note) => note === "[waiting]")).toHaveLength(1);
    // After hours in peace it is as if nothing had been.
    await bea.clock.pass(7 * 60 * 60_000);
    await breaks();
    await until(async () => (await returns()) === 5);
  });
});

describe("a server that hands out an old state of the group", () => {
  it("is left standing: the device stays outside, says so and sends nothing", async () => {
    const { room, people: [ann, bea] } = await together(world, "Ann", "Bea");
    const old = keep(world.server.room(room));
    await comes(room, "Cleo");
    await until(() => bea.engine.members(room).length === 3 && ann.engine.members(room).length === 3);
    await bea.engine.sendText(room, "one");
    await ann.readsSoon(room, ["Bea: one"]);
    const served = world.server.room(room);
    bea.offline();
    await comes(room, "Dora");
    await until(() => ann.engine.members(room).length === 4);
    served.log = served.log.filter(({ kind, epoch }) => kind !== 1 || epoch !== served.epoch - 1);
    [served.groupInfo, served.epoch] = [old.groupInfo, old.epoch];
    const before = commitsOf(bea);
    bea.online();
    await until(async () => (await notes(bea, room)).includes("[odd]"));
    await bea.engine.sendText(room, "two");
    expect((await bea.find(room, "two")).state).toBe("waiting");
    expect(commitsOf(bea)).toBe(before);
  });
});

describe("a server that forks a room", () => {
  it("shows people different check numbers, and cannot pass a message from one side to the other", async () => {
    const { room, people: [ann, bea] } = await together(world, "Ann", "Bea");
    expect(await ann.engine.trust.roomCheck(room)).toEqual(await bea.engine.trust.roomCheck(room));
    const served = world.server.room(room);
    const before = keep(served);
    bea.offline();
    const cleo = await comes(room, "Cleo");
    await until(() => ann.engine.members(room).length === 3);
    expect(await ann.engine.trust.roomCheck(room)).toEqual(await cleo.engine.trust.roomCheck(room));
    ann.offline();
    cleo.offline();
    Object.assign(served, { ...before, log: [...before.log], places: new Map(before.places) });
    const dora = await comes(room, "Dora");
    bea.online();
    await until(() => bea.engine.members(room).length === 3 && dora.engine.members(room).length === 3);
    const [left, right] = [await ann.engine.trust.roomCheck(room), await bea.engine.trust.roomCheck(room)];
    expect(left.changes).toBe(right.changes);
    expect(left.groups).not.toEqual(right.groups);

    await bea.engine.sendText(room, "on this side");
    await dora.readsSoon(room, ["Bea: on this side"]);
    ann.online();
    await until(async () => (await notes(ann, room)).includes("[odd]"));
    expect(await ann.reads(room)).toEqual([]);
  });
});
