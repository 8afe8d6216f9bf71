import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Actor, once, together, until, World } from "../../../test/actors.ts";

vi.setConfig({ testTimeout: 120_000 });

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
let world: World;
beforeEach(async () => {
  world = await World.start();
});
afterEach(async () => {
  await world.end();
});

const commitsOf = (who: Actor, room: string) => world.server.room(room).log.filter(({ kind, id }) => kind === 1
  && world.server.seen.some(({ frame, device }) => device.startsWith(who.account) && frame.t === "commit" && Buffer.from(frame["id"] as Uint8Array).toString("hex") === id)).length;

async function pass(who: Actor, ...times: number[]): Promise<void> {
  for (const time of times) await who.clock.pass(time);
}

describe("a device's keys", () => {
  it("are renewed in each room about once a week, without a word, and everyone goes on", async () => {
    const { room, people: [ann, bea] } = await together(world, "Ann", "Bea");
    await until(() => commitsOf(ann, room) > 0);
    const before = commitsOf(ann, room);
    const notes = await bea.reads(room, true);
    await pass(ann, MINUTE, 5 * DAY, MINUTE);
    expect(commitsOf(ann, room)).toBe(before);
    await pass(ann, 4 * DAY);
    // Only while it is quiet: what people are told as they come may still be on its way.
    await until(() => pass(ann, MINUTE).then(() => commitsOf(ann, room) > before));
    expect(commitsOf(ann, room)).toBe(before + 1);
    await ann.engine.sendText(room, "with new keys");
    await bea.readsSoon(room, ["Ann: with new keys"]);
    expect((await bea.reads(room, true)).slice(0, -1)).toEqual(notes);
    // The next one is as far away again.
    await pass(ann, MINUTE, MINUTE, 5 * DAY, MINUTE);
    expect(commitsOf(ann, room)).toBe(before + 1);
  });

  it("are renewed in one room after the other, not in all at once", async () => {
    const { room, people: [ann, bea] } = await together(world, "Ann", "Bea");
    const rooms = [room, await ann.engine.createGroup("One", [bea.account]), await ann.engine.createGroup("Two", [bea.account])];
    const counts = () => rooms.map((id) => commitsOf(ann, id)).reduce((sum, count) => sum + count, 0);
    await until(() => rooms.every((id) => bea.engine.room(id) !== null));
    await until(async () => (await Promise.all(rooms.map((id) => ann.shown(id)))).flat().every(({ state }) => state !== "waiting"));
    await pass(ann, MINUTE, MINUTE);
    const before = counts();
    let last = before;
    // A room in which something is just going on has its turn later.
    const look = async (time = MINUTE): Promise<number> => {
      await pass(ann, time);
      expect(counts() - last).toBeLessThanOrEqual(1);
      last = counts();
      return last;
    };
    await look(9 * DAY);
    await until(async () => (await look()) === before + 3);
    for (let more = 0; more < 3; more += 1) expect(await look()).toBe(before + 3);
  });

  it("are renewed later when another's commit was first", async () => {
    const { room, people: [ann, bea] } = await together(world, "Ann", "Bea");
    await pass(ann, MINUTE, MINUTE);
    const refused = once(world, "commit", ann, "stale_epoch");
    const before = commitsOf(ann, room);
    await pass(ann, 9 * DAY);
    // Only while it is quiet: what people are told as they come may still be on its way.
    await until(() => pass(ann, MINUTE).then(() => refused() === 1));
    expect(commitsOf(ann, room)).toBe(before);
    await pass(ann, 61 * MINUTE);
    await until(() => pass(ann, MINUTE).then(() => commitsOf(ann, room) === before + 1));
    await ann.engine.sendText(room, "still here");
    await bea.readsSoon(room, ["Ann: still here"]);
  });

  it("are not renewed while there is no connection", async () => {
    const { room, people: [ann] } = await together(world, "Ann", "Bea");
    await pass(ann, MINUTE, MINUTE);
    const before = commitsOf(ann, room);
    ann.offline();
    await until(() => ann.engine.connection() !== "online");
    await pass(ann, 9 * DAY, MINUTE, MINUTE);
    expect(commitsOf(ann, room)).toBe(before);
    ann.online();
    await until(async () => {
      await pass(ann, MINUTE);
      return commitsOf(ann, room) === before + 1;
    });
  });
});

describe("key packages", () => {
  it("are added to before they run out, and the last resort is another one every week", async () => {
    const ann = await world.person("Ann");
    const [device] = world.server.devices.values();
    if (!device) throw new Error("no device");
    const [count, lastResort] = [device.packages.length, device.lastResort];
    await pass(ann, 8 * DAY);
    expect(device.lastResort).not.toBe(lastResort);
    expect(device.packages).toHaveLength(count);
    await pass(ann, 35 * DAY);
    expect(device.packages).toHaveLength(count + 100);
  });
});
