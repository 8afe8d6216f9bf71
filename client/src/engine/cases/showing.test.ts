import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Actor, together, until, World } from "../../../test/actors.ts";
import { contentsIn } from "../../../test/forger.ts";
import { photo } from "../../../test/photos.ts";
import type { Ask, Question } from "../../contract/index.ts";

vi.setConfig({ testTimeout: 60_000 });

let world: World;
let mod: Actor;
let ann: Actor;
let bea: Actor;
let cora: Actor;
let room: string;
beforeEach(async () => {
  world = await World.start();
  ({ room, people: [mod, ann, bea] } = await together(world, "Mod", "Ann", "Bea"));
  cora = await world.person("Cora", "coordinator");
});
afterEach(async () => {
  await world.end();
});

const asking: Omit<Ask, "room" | "messages"> = { concern: "harassment", urgency: "soon", wish: "", named: false, keptFrom: [] };

/** Says it in the room. Its key, once Ann has it. */
async function says({ engine }: Actor, text: string): Promise<string> {
  await engine.sendText(room, text);
  await until(async () => (await ann.shown(room)).some(({ body }) => body.type === "text" && body.text === text));
  return (await ann.find(room, text)).key;
}

async function pictureOf({ engine }: Actor): Promise<string> {
  const key = await engine.pictures.send(room, new Blob([photo()], { type: "image/jpeg" }), { text: "look", description: "" });
  await until(async () => (await ann.shown(room)).some((message) => message.key === key));
  return key;
}

const ask = (messages: string[], more: Partial<Ask> = {}): Promise<string> => ann.engine.cases.ask({ ...asking, room, messages, ...more });

async function question(id: string): Promise<Question> {
  const found = (await ann.engine.cases.questions()).find((one) => one.id === id);
  if (!found) throw new Error("no such question");
  return found;
}

/** How many reports of the question's a moderator has that hold this text. */
async function shown({ engine }: Actor, id: string, text = ""): Promise<number> {
  const contents = await contentsIn(engine, (await question(id)).room);
  return contents.filter((content) => content.includes("report+cbor") && content.includes(text)).length;
}

const arrived = (id: string, text: string): Promise<void> => until(async () => (await shown(cora, id, text)) === 1);
const settled = (id: string): Promise<void> => until(async () => (await question(id)).underway === null);

describe("a moderator whose messages are shown", () => {
  it.each(["at once", "at the next connection"])("is kept out of the question that goes %s, though nobody said so", async (when) => {
    const key = await says(mod, "do as I say");
    if (when !== "at once") ann.offline();
    const id = await ask([key]);
    ann.online();
    await arrived(id, "do as I say");
    expect(world.server.cases.get(id)?.kept).toEqual([mod.account]);
    expect((await ann.engine.cases.readers(id)).map(({ account }) => account)).toEqual([cora.account]);
    expect((await question(id)).stayed).toEqual({});
  });

  it("reads it when they were let in by hand", async () => {
    const id = await ask([await says(mod, "do as I say")], { letIn: [mod.account] });
    await until(async () => (await shown(mod, id, "do as I say")) === 1);
    expect(world.server.cases.get(id)?.kept).toEqual([]);
  });

  it("and who came to read the question after it was asked gets nothing of their own in it, and whoever asked is told", async () => {
    const [first, second, other] = [await says(bea, "first"), await says(bea, "second"), await says(mod, "of somebody else")];
    const id = await ask([first], { keptFrom: [mod.account] });
    await arrived(id, "first");
    ann.offline();
    await ann.engine.cases.showMore(id, room, [second, other]);
    expect(await question(id)).toMatchObject({ underway: "messages", stayed: {} });
    Object.assign(world.server.accounts.get(bea.account) ?? {}, { role: "moderator" });
    ann.online();
    await settled(id);
    await until(async () => (await shown(cora, id)) === 2);
    expect(await shown(cora, id, "of somebody else")).toBe(1);
    expect(await shown(cora, id, "second")).toBe(0);
    expect((await question(id)).stayed).toEqual({ reader: 1 });
  });
});

describe("what is shown to moderators", () => {
  it("waits for no picture: the words go first, and the picture follows by itself", async () => {
    const key = await pictureOf(bea);
    let tried = 0;
    const hold = (): void => {
      world.server.httpFault = (path) => (path.includes("/blobs/") && world.server.cases.size > 0 ? ((tried += 1), "drop") : null);
    };
    hold();
    const id = await ask([key]);
    await arrived(id, "look");
    await until(() => tried > 0);
    await until(async () => (await question(id)).state === "unclaimed");
    expect(await question(id)).toMatchObject({ underway: "pictures", stayed: {} });
    await ann.restart();
    await until(() => ann.engine.connection() === "online");
    world.server.httpFault = () => null;
    await settled(id);
    const { room: place } = await question(id);
    expect([...world.server.blobs.keys()].filter((name) => name.startsWith(place))).toHaveLength(1);
    expect(await shown(cora, id)).toBe(1);
    expect((await question(id)).stayed).toEqual({});
  });

  it.each(["forbidden", "too_many", "too_large", "malformed"])("goes on past a picture that is refused with %s, and whoever asked is told", async (code) => {
    const [picture, text] = [await pictureOf(bea), await says(bea, "and more")];
    world.server.refuseBlobs = code;
    const id = await ask([picture]);
    await ann.engine.cases.showMore(id, room, [text]);
    await arrived(id, "look");
    await arrived(id, "and more");
    await settled(id);
    await ann.restart();
    expect((await question(id)).stayed).toEqual({ picture: 1 });
  });

  it("and did not go before the question was closed is told, and so it stays", async () => {
    const [first, second] = [await says(bea, "first"), await says(bea, "second")];
    const id = await ask([first]);
    await arrived(id, "first");
    ann.offline();
    await ann.engine.cases.showMore(id, room, [second]);
    Object.assign(world.server.cases.get(id)?.body ?? {}, { state: "closed", outcome: "helped", closed_at: world.server.now() });
    ann.online();
    await until(async () => (await question(id)).stayed.closed === 1);
    expect(await question(id)).toMatchObject({ state: "closed", underway: null });
    await ann.restart();
    await until(() => ann.engine.connection() === "online");
    expect((await question(id)).stayed).toEqual({ closed: 1 });
    expect(await shown(cora, id)).toBe(1);
  });

  it("goes without what the server did not stamp, and whoever asked is told", async () => {
    const keys = [await says(bea, "stamped"), await says(bea, "not stamped")];
    world.server.unstamped = (await ann.find(room, "not stamped")).seq;
    const id = await ask(keys);
    await arrived(id, "stamped");
    await settled(id);
    expect(await shown(cora, id, "not stamped")).toBe(0);
    expect((await question(id)).stayed).toEqual({ unproven: 1 });
  });
});
