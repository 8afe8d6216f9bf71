import { afterAll, beforeAll, expect, it } from "vitest";
import { headless, type Headless } from "../../client/test/headless.ts";
import { Front } from "../support/front.ts";
import { until } from "../support/processes.ts";
import { KindredServer, type Links } from "../support/server.ts";

const withinMs = 60_000;
let server: KindredServer;
let front: Front;
let links: Links;
const people: Headless[] = [];
const faults: unknown[] = [];

beforeAll(async () => {
  server = await KindredServer.start();
  front = await Front.before(server.port);
  links = await server.links();
});
afterAll(async () => {
  for (const person of people) await person.end();
  await front.close();
  await server.remove();
});

async function join(name: string, link: string | undefined, origin: string): Promise<Headless> {
  const person = await headless({ origin, unexpected: (error) => faults.push(error) });
  people.push(person);
  const { conduct } = await person.engine.readInvite(link ?? "");
  await person.engine.join(link ?? "", { name, pin: "2580", conductVersion: conduct?.version ?? 1 });
  await soon(() => person.engine.connection() === "online");
  return person;
}

function soon(condition: () => boolean | Promise<boolean>): Promise<boolean> {
  return until(async () => condition(), withinMs, () => `not in time: ${condition.toString()}`);
}

async function texts({ engine }: Headless, room: string): Promise<string[]> {
  if (engine.room(room)?.active !== true) return [];
  return (await engine.messages(room, { limit: 1000 })).messages.flatMap(({ body }) => (body.type === "text" ? [body.text] : []));
}

async function say({ engine }: Headless, room: string, text: string): Promise<void> {
  const key = await engine.sendText(room, text);
  await soon(async () => (await engine.messages(room)).messages.some((message) => message.key === key && message.seq !== null));
}

it("somebody whose requests fail while their socket lives reads everything in the end, once, and of nothing that it is lost", async () => {
  const ann = await join("Ann", links.moderator, server.address);
  const bea = await join("Bea", links.members[0], front.address);
  await soon(() => ann.engine.rooms().length === 1);
  const room = ann.engine.rooms()[0]?.id ?? "";
  for (const { engine } of [ann, bea]) {
    await soon(() => engine.room(room) !== null);
    await engine.joinOpenRoom(room);
  }
  await soon(() => ann.engine.members(room).length === 2);
  const states = new Set<string>();
  bea.engine.on("connection", (state) => states.add(state));

  const groups: [name: string, id: string][] = [];
  for (const weather of [502, "cut", 503] as const) {
    front.weather = weather;
    const id = await ann.engine.createGroup(`Away ${weather}`, [bea.engine.me().account]);
    groups.push([String(weather), id]);
    await say(ann, id, `${weather}: first`);
    await soon(() => front.failed.some((path) => path.endsWith(`/rooms/${id}`)));
    expect(bea.engine.room(id)).toBeNull();
    // The socket lives: what needs no request is read all the while.
    await say(ann, room, `${weather}: here`);
    await soon(async () => (await texts(bea, room)).includes(`${weather}: here`));
  }

  front.weather = "fair";
  const last = await ann.engine.createGroup("Back", [bea.engine.me().account]);
  await say(ann, last, "back: first");
  for (const [name, id] of groups) await say(ann, id, `${name}: second`);
  await soon(async () => (await texts(bea, last)).join() === "back: first");
  for (const [name, id] of groups) {
    await soon(async () => (await texts(bea, id)).length > 1);
    expect(await texts(bea, id)).toEqual([`${name}: first`, `${name}: second`]);
    expect(bea.engine.room(id)).toMatchObject({ lost: false, title: `Away ${name}` });
    await bea.engine.sendText(id, "thank you");
    await soon(async () => (await texts(ann, id)).at(-1) === "thank you");
  }
  expect(await texts(bea, room)).toEqual(["502: here", "cut: here", "503: here"]);
  expect([...states]).toEqual([]);
  expect(faults).toEqual([]);
  // What is kept for a device goes as it is acknowledged: after another connection it is all still there, once.
  await bea.restart("2580");
  await soon(() => bea.engine.connection() === "online");
  for (const [name, id] of groups) expect(await texts(bea, id)).toEqual([`${name}: first`, `${name}: second`, "thank you"]);
});
