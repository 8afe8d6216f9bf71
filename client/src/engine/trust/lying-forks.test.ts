import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Actor, together, until, World } from "../../../test/actors.ts";
import { keep } from "../../../test/fake-model.ts";
import { insideOf } from "../../../test/forger.ts";

vi.setConfig({ testTimeout: 120_000 });

let world: World;
beforeEach(async () => {
  world = await World.start();
});
afterEach(async () => {
  await world.end();
});

const DAY = 24 * 60 * 60_000;
const notes = async (who: Actor, room: string) => (await who.reads(room, true)).filter((line) => line.startsWith("["));
const told = async (who: Actor, room: string) => (await notes(who, room)).filter((note) => note === "[forked]").length;
const sends = (who: Actor) => world.server.seen.filter(({ frame, device }) => frame["t"] === "send" && device.startsWith(who.account)).length;

async function comes(room: string, name: string): Promise<Actor> {
  const person = await world.person(name);
  await person.engine.joinOpenRoom(room);
  return person;
}

/** Ann and Bea, who also write to each other alone, on two sides of a room: Ann with Cleo, Bea with Dora. */
async function apart() {
  const { room, people: [ann, bea] } = await together(world, "Ann", "Bea");
  const direct = await ann.engine.startDirect(bea.account);
  await until(() => bea.engine.room(direct)?.active === true);
  await ann.engine.sendText(direct, "hello");
  await bea.readsSoon(direct, ["Ann: hello"]);
  const served = world.server.room(room);
  const before = keep(served);
  bea.offline();
  const cleo = await comes(room, "Cleo");
  await until(() => ann.engine.members(room).length === 3);
  ann.offline();
  cleo.offline();
  Object.assign(served, before);
  const dora = await comes(room, "Dora");
  bea.online();
  await until(() => bea.engine.members(room).length === 3 && dora.engine.members(room).length === 3);
  const [left, right] = [await ann.engine.trust.roomCheck(room), await bea.engine.trust.roomCheck(room)];
  expect(left.changes).toBe(right.changes);
  expect(left.groups).not.toEqual(right.groups);
  return { room, direct, ann, bea, dora };
}

describe("a server that holds two halves of a room apart", () => {
  it("is told by one member who comes to see both, on either side, though nothing was written", async () => {
    const { room, ann, bea, dora } = await apart();
    const erin = await comes(room, "Erin");
    await until(() => bea.engine.members(room).length === 4);
    ann.online();
    await until(async () => (await notes(ann, room)).includes("[rejoined]"));
    for (const person of [bea, dora]) {
      await until(async () => {
        await ann.clock.pass(10_000);
        return (await told(person, room)) === 1;
      });
    }
    // Both choose at random when they answer, a moment after they noticed.
    await until(async () => {
      for (const person of [bea, dora]) await person.clock.pass(10_000);
      return (await told(ann, room)) === 1;
    });
    // Erin has seen one side alone; and what was told once is not told again.
    for (const person of [ann, bea, dora, erin]) await person.clock.pass(2 * DAY);
    await bea.engine.sendText(room, "together again");
    await ann.readsSoon(room, ["Bea: together again"]);
    expect(await Promise.all([ann, bea, dora, erin].map((person) => told(person, room)))).toEqual([1, 1, 1, 0]);
  });

  it("is told within a day of the two writing to each other elsewhere, though nothing ever crosses over", async () => {
    const { room, direct, ann, bea } = await apart();
    ann.online();
    await until(() => ann.engine.connection() === "online");
    await bea.engine.sendText(direct, "how are you");
    await ann.readsSoon(direct, ["me: hello", "Bea: how are you"]);
    await bea.clock.pass(1.25 * DAY);
    await until(async () => (await told(ann, room)) === 1);
    await ann.clock.pass(1.25 * DAY);
    await until(async () => (await told(bea, room)) === 1);
    expect(await notes(ann, room)).not.toContain("[rejoined]");
  });
});

describe("comparing what people remember of a room", () => {
  it("finds nothing where there is nothing, and costs at most a message a day in a direct chat in which somebody writes", async () => {
    const { room, people: [ann, bea] } = await together(world, "Ann", "Bea");
    const direct = await ann.engine.startDirect(bea.account);
    await until(() => bea.engine.room(direct)?.active === true);
    for (const day of [1, 2, 3]) {
      await ann.engine.sendText(direct, `day ${day}`);
      await until(async () => (await bea.reads(direct)).length === day);
      for (const person of [ann, bea]) for (let hour = 0; hour < 30; hour += 10) await person.clock.pass(DAY / 2.4);
    }
    await until(() => insideOf(ann.engine).session.rooms.get(direct)?.record.comparing !== undefined);
    const before = sends(ann) + sends(bea);
    // In quiet times there is none, and in the room that both are in there never is.
    for (const person of [ann, bea]) for (let days = 0; days < 5; days += 1) await person.clock.pass(DAY);
    expect(sends(ann) + sends(bea)).toBe(before);
    expect([await told(ann, room), await told(bea, room)]).toEqual([0, 0]);
    const checks = [...world.server.room(direct).log].filter(({ kind }) => kind === 0).length - 3;
    expect(checks).toBeLessThanOrEqual(3 + 2);
  });
});
