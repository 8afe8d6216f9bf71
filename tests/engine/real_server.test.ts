import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { headless, type Headless } from "../../client/test/headless.ts";
import { KindredServer, type Links } from "../support/server.ts";

let server: KindredServer;
let links: Links;
const people: Headless[] = [];
const faults: unknown[] = [];

beforeAll(async () => {
  server = await KindredServer.start();
  links = await server.links();
});
afterAll(async () => {
  for (const person of people) await person.end();
  await server.remove();
});

async function join(name: string, link: string): Promise<Headless> {
  const person = await headless({ origin: server.address, unexpected: (error) => faults.push(error) });
  people.push(person);
  const { conduct } = await person.engine.readInvite(link);
  await person.engine.join(link, { name, pin: "2580", conductVersion: conduct?.version ?? 1 });
  await until(() => person.engine.connection() === "online");
  return person;
}

async function until(condition: () => boolean | Promise<boolean>, withinMs = 60_000): Promise<void> {
  const end = Date.now() + withinMs;
  while (!(await condition())) {
    if (Date.now() > end || faults.length > 0) throw new Error(`not in time: ${condition.toString()}`, { cause: faults[0] });
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const texts = async ({ engine }: Headless, room: string) =>
  (await engine.messages(room, { limit: 1000 })).messages.flatMap(({ body, name }) => (body.type === "system" ? [] : [`${name ?? "?"}: ${body.type === "text" ? body.text : body.type}`]));

describe("headless clients and a real server", () => {
  it("talk in an open room, in a group and one to one, across a restart of either side", async () => {
    const ann = await join("Ann", links.moderator);
    const [bea, cleo] = [await join("Bea", links.members[0] ?? ""), await join("Cleo", links.members[1] ?? "")];
    await until(() => ann.engine.rooms().length === 1);
    const [welcome] = ann.engine.rooms();
    const room = welcome?.id ?? "";
    for (const { engine } of [ann, bea, cleo]) {
      await until(() => engine.room(room) !== null);
      await engine.joinOpenRoom(room);
    }
    await until(() => ann.engine.members(room).length === 3);
    await ann.engine.sendText(room, "hello");
    await until(async () => (await texts(cleo, room)).length === 1 && (await texts(bea, room)).length === 1);
    await bea.engine.sendText(room, "hi");
    await until(async () => (await texts(ann, room)).join() === "Ann: hello,Bea: hi");

    const group = await ann.engine.createGroup("Tuesday", [bea.engine.me().account]);
    await until(() => bea.engine.room(group)?.title === "Tuesday");
    await bea.engine.addMembers(group, [cleo.engine.me().account]);
    await until(() => cleo.engine.room(group)?.title === "Tuesday" && ann.engine.members(group).length === 3);
    const key = await cleo.engine.sendText(group, "thank you");
    await until(async () => (await texts(ann, group)).join() === "Cleo: thank you");
    await ann.engine.react(group, key, "❤");
    await until(async () => (await cleo.engine.messages(group)).messages.some(({ reactions }) => reactions.length === 1));

    const direct = await bea.engine.startDirect(cleo.engine.me().account);
    await bea.engine.sendText(direct, "just us");
    await until(() => cleo.engine.room(direct) !== null);
    await until(async () => (await texts(cleo, direct)).join() === "Bea: just us");

    await server.interrupt();
    await until(() => bea.engine.connection() !== "online");
    await bea.engine.sendText(direct, "while you were away");
    await bea.restart("2580");
    await server.run();
    await until(async () => (await texts(cleo, direct)).join() === "Bea: just us,Bea: while you were away");

    await bea.engine.leave(group);
    await until(() => ann.engine.members(group).length === 2 && cleo.engine.members(group).length === 2);
    await ann.engine.sendText(group, "after");
    await until(async () => (await texts(cleo, group)).join() === "Cleo: thank you,Ann: after");
    expect(faults).toEqual([]);
  });
});
