import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Actor, until, World } from "../../../test/actors.ts";
import type { ShownMessage } from "../../contract/index.ts";

vi.setConfig({ testTimeout: 120_000 });

const LURE = "I can get you a job in a hotel. You only have to pay 200 euros first for the visa.";
let world: World;
let ann: Actor;
let rook: Actor;
let room: string;
beforeEach(async () => {
  world = await World.start();
  const { fetch } = world.server;
  Object.assign(world.server, { fetch: (input: string, init: RequestInit) => {
    asked += 1;
    return fetch(input, init);
  } });
  ann = await world.person("Ann", "moderator");
  rook = await world.person("Rook");
  room = await ann.engine.createOpenRoom("Welcome");
  await rook.engine.joinOpenRoom(room);
});
afterEach(async () => {
  await world.end();
});

/** How often anything was asked of the server, by HTTP. */
let asked = 0;

/** A message as Ann sees it once it is there, of Rook or her own. */
async function received(text: string, mine = false): Promise<ShownMessage> {
  const find = async () => (await ann.shown(room)).find((one) => one.mine === mine && one.body.type === "text" && one.body.text === text);
  await until(async () => (await find()) !== undefined);
  return (await find()) as ShownMessage;
}

describe("hints", () => {
  it("are off until they are turned on, are about what others wrote, and are off again at once", async () => {
    await rook.engine.sendText(room, LURE);
    await ann.engine.sendText(room, LURE);
    const [theirs, mine] = [await received(LURE), await received(LURE, true)];
    expect([ann.engine.hints.on(), ann.engine.hints.of(theirs)]).toEqual([false, null]);
    await ann.engine.hints.turn(true);
    expect([ann.engine.hints.of(theirs), ann.engine.hints.of(mine)]).toEqual(["fee", null]);
    await ann.restart();
    await until(() => ann.engine.hints.of(theirs) === "fee");
    await ann.engine.hints.turn(false);
    expect([ann.engine.hints.on(), ann.engine.hints.of(theirs)]).toEqual([false, null]);
  });

  it("are dismissed for a message or for a kind from a person, and come back when asked for", async () => {
    await rook.engine.sendText(room, LURE);
    await rook.engine.sendText(room, "Give me your passport, I will keep it safe");
    await rook.engine.sendText(room, "We will keep your passport until you have paid");
    const [fee, papers, more] = [await received(LURE), await received("Give me your passport, I will keep it safe"), await received("We will keep your passport until you have paid")];
    const { hints } = ann.engine;
    const told = () => [fee, papers, more].map((one) => ann.engine.hints.of(one));
    await hints.turn(true);
    expect(told()).toEqual(["fee", "documents", "documents"]);
    await hints.dismiss(fee, "fee", "message");
    await hints.dismiss(papers, "documents", "person");
    expect([told(), hints.dismissed()]).toEqual([[null, null, null], 2]);
    await ann.restart();
    await until(() => ann.engine.hints.on());
    expect([told(), ann.engine.hints.dismissed()]).toEqual([[null, null, null], 2]);
    await ann.engine.hints.restore();
    await until(() => ann.engine.hints.of(fee) === "fee");
    expect(told()).toEqual(["fee", "documents", "documents"]);
  });

  it("say nothing about somebody who is blocked, or about a deleted message", async () => {
    await ann.engine.hints.turn(true);
    await rook.engine.sendText(room, LURE);
    const theirs = await received(LURE);
    expect(ann.engine.hints.of({ ...theirs, hidden: true })).toBeNull();
    expect(ann.engine.hints.of({ ...theirs, body: { type: "deleted" } })).toBeNull();
  });

  it("send nothing when messages are looked at", async () => {
    const text = `${LURE} See https://scam.test/`;
    await rook.engine.sendText(room, text);
    const theirs = await received(text);
    // What was received is acknowledged before.
    await rook.engine.lock();
    await ann.engine.lock();
    await ann.restart();
    await until(() => ann.engine.connection() === "online");
    // What a start asks for goes on for a moment after that.
    for (let last = -1; last !== asked; await new Promise((resolve) => setTimeout(resolve, 2_000))) last = asked;
    const before = asked;
    await ann.engine.hints.turn(true);
    expect(ann.engine.hints.of(theirs)).toBe("fee");
    await ann.engine.hints.dismiss(theirs, "fee", "message");
    await ann.engine.hints.restore();
    expect(asked).toBe(before);
  });
});
