import { afterAll, beforeAll, expect, it } from "vitest";
import { headless, type Headless } from "../../client/test/headless.ts";
import { rounds } from "../../client/test/rounds.ts";
import { pause, until } from "../support/processes.ts";
import { KindredServer } from "../support/server.ts";

/** Real clients with real MLS: what they do at the same moment, and when the server dies under them. */
const people = 12;
const messages = 6;
const minute = 60_000;

let server: KindredServer;
const circle: Headless[] = [];
const faults: unknown[] = [];

beforeAll(async () => {
  // Everyone joins from one address here, which real limits would take for guessing.
  server = await KindredServer.start({ settings: { RATE_SCALE: "100" } });
});
afterAll(async () => {
  for (const person of circle) await person.end();
  await server.remove();
});

async function enter(name: string, link: string): Promise<Headless> {
  const person = await headless({ origin: server.address, unexpected: (error) => faults.push(error) });
  circle.push(person);
  const { conduct } = await person.engine.readInvite(link);
  await person.engine.join(link, { name, pin: "2580", conductVersion: conduct?.version ?? 1 });
  return person;
}

async function soon(what: string, condition: () => boolean): Promise<void> {
  await until(() => {
    if (faults.length > 0) throw new Error("a client met a fault of its own", { cause: faults[0] });
    return Promise.resolve(condition());
  }, 2 * minute, () => what);
}

async function texts({ engine }: Headless, room: string): Promise<string[]> {
  const { messages: shown } = await engine.messages(room, { limit: 2000 });
  return shown.flatMap(({ body }) => (body.type === "system" ? [] : [body.type === "text" ? body.text : body.type]));
}

/** Waits as long as more comes: with many rounds it is a lot of work, which all clients do in this one process. */
async function everyoneHas(count: number, room: string): Promise<void> {
  let most = 0;
  let grew = Date.now();
  for (;;) {
    if (faults.length > 0) throw new Error("a client met a fault of its own", { cause: faults[0] });
    const seen = await Promise.all(circle.map(async (person) => (await texts(person, room)).length));
    if (seen.every((length) => length >= count)) return;
    const all = seen.reduce((sum, length) => sum + length, 0);
    if (all > most) [most, grew] = [all, Date.now()];
    const links = circle.map(({ engine }) => engine.connection());
    if (Date.now() - grew > 2 * minute) {
      throw new Error(`not everyone has all ${String(count)}: ${seen.join()} (${links.join()})`);
    }
    await pause(500);
  }
}

it("twelve come into one room at once, and go on when the server is killed under them", { timeout: (10 + rounds) * minute }, async () => {
  const { coordinator } = await server.links();
  const host = await enter("Host", coordinator);
  const link = await host.engine.createInvite({ role: "member", uses: people, days: 1 });
  await Promise.all(Array.from({ length: people - 1 }, (_, number) => enter(`Person ${String(number)}`, link)));
  await soon("the open room is known", () => circle.every(({ engine }) => engine.rooms().length === 1));
  const room = host.engine.rooms()[0]?.id ?? "";

  // Each of them commits itself into the room, and for each epoch one of them wins.
  await Promise.all(circle.map(({ engine }) => engine.joinOpenRoom(room)));
  await soon("everyone sees everyone", () => circle.every(({ engine }) => engine.members(room).length === people));

  const said: string[] = [];
  const talk = async ({ engine }: Headless, person: number): Promise<void> => {
    for (let number = 0; number < messages * rounds; number++) {
      const text = `${String(person)}.${String(number)}`;
      said.push(text);
      await engine.sendText(room, text);
      await pause(Math.random() * 300);
    }
  };
  const talking = Promise.all(circle.map(talk));
  for (let round = 0; round <= rounds; round++) {
    await pause(400);
    await server.kill();
    await server.run();
  }
  await talking;
  await everyoneHas(said.length, room);

  const order = await texts(host, room);
  expect([...order].sort()).toEqual([...said].sort());
  for (const person of circle) expect(await texts(person, room)).toEqual(order);
  for (let person = 0; person < people; person++) {
    const own = order.filter((text) => text.startsWith(`${String(person)}.`)).map((text) => Number(text.split(".")[1]));
    expect(own).toEqual([...own].sort((one, other) => one - other));
  }
  expect(faults).toEqual([]);
});
