import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Actor, together, until, World } from "../../../test/actors.ts";
import { rolesOf } from "../../../test/fake-http.ts";
import { insideOf } from "../../../test/forger.ts";
import { Failure } from "../../contract/index.ts";

vi.setConfig({ testTimeout: 120_000 });

let world: World;
beforeEach(async () => {
  world = await World.start();
});
afterEach(async () => {
  await world.end();
});

const HOUR = 3_600_000;

/** Ann's group with Bea and Cleo, of whom each has heard from her who looks after it. */
async function group(): Promise<{ room: string; ann: Actor; bea: Actor; cleo: Actor }> {
  const [ann, bea, cleo] = [await world.person("Ann", "moderator"), await world.person("Bea"), await world.person("Cleo")];
  const open = await ann.engine.createOpenRoom("Welcome");
  for (const { engine } of [bea, cleo]) await engine.joinOpenRoom(open);
  for (const { engine } of [ann, bea, cleo]) await until(() => engine.members(open).length === 3);
  const room = await ann.engine.createGroup("Tuesday", [bea.account, cleo.account]);
  for (const { engine } of [ann, bea, cleo]) {
    // The server says so as well, and sooner; what was decided afterwards could then stand before what Ann says of it.
    const said = () => insideOf(engine).session.rooms.get(room)?.record.roles.said?.stewards.join();
    await until(() => engine.room(room)?.title === "Tuesday" && said() === ann.account);
  }
  return { room, ann, bea, cleo };
}

const notes = async (who: Actor, room: string) =>
  (await who.shown(room)).flatMap(({ body }) => (body.type === "system" && body.note.type !== "joined" && body.note.type !== "renamed" ? [body.note] : []));

describe("those who look after a group", () => {
  it("share that, and everyone hears it from them", async () => {
    const { room, ann, bea, cleo } = await group();
    expect([ann, bea].map(({ engine }) => engine.roles.ofRoom(room).mine)).toEqual([true, false]);
    await ann.engine.roles.setSteward(room, bea.account, true);
    for (const { engine } of [ann, bea, cleo]) await until(() => engine.roles.ofRoom(room).stewards.length === 2);
    await until(async () => (await notes(cleo, room)).length === 1);
    expect(await notes(cleo, room)).toEqual([{ type: "steward", account: bea.account, by: ann.account, on: true }]);
    expect(bea.engine.roles.ofRoom(room)).toMatchObject({ mine: true, differs: false });
    await bea.engine.roles.setEveryoneMayAdd(room, false);
    await until(() => !cleo.engine.roles.ofRoom(room).mayAdd);
    expect(ann.engine.roles.ofRoom(room).mayAdd).toBe(true);
  });

  it("are believed, and nobody else is, whatever the server allows", async () => {
    const { room, ann, bea, cleo } = await group();
    // This server lets anyone do anything.
    await bea.engine.roles.setSteward(room, bea.account, true);
    await until(() => cleo.engine.roles.ofRoom(room).differs && ann.engine.roles.ofRoom(room).differs);
    expect(cleo.engine.roles.ofRoom(room).stewards).toEqual([ann.account]);
    expect(bea.engine.roles.ofRoom(room).mine).toBe(false);
    await bea.engine.sendText(room, "still here");
    await cleo.readsSoon(room, ["Bea: still here"]);
    expect(await notes(cleo, room)).toEqual([]);
    // The server comes round, and the line goes by itself.
    rolesOf(world.server.room(room)).stewards = [ann.account];
    world.server.tell(world.server.room(room), "roles");
    await until(() => !cleo.engine.roles.ofRoom(room).differs);
  });

  it("name the group, and nobody else does", async () => {
    const { room, ann, bea, cleo } = await group();
    await bea.engine.rename(room, "Bea's");
    await bea.engine.sendText(room, "I tried");
    await cleo.readsSoon(room, ["Bea: I tried"]);
    expect(cleo.engine.room(room)?.title).toBe("Tuesday");
    await ann.engine.rename(room, "Wednesday");
    await until(() => cleo.engine.room(room)?.title === "Wednesday" && bea.engine.room(room)?.title === "Wednesday");
  });

  it("take somebody out, who is told kindly, and the others read one line that says by whom", async () => {
    const { room, ann, bea, cleo } = await group();
    await ann.engine.roles.removeMember(room, bea.account);
    await until(async () => (await notes(cleo, room)).some(({ type }) => type === "removed"));
    expect(await notes(cleo, room)).toEqual([{ type: "removed", account: bea.account, by: ann.account }]);
    expect(await notes(ann, room)).toEqual([{ type: "removed", account: bea.account, by: ann.account }]);
    await ann.engine.sendText(room, "just us now");
    await cleo.readsSoon(room, ["Ann: just us now"]);
    await bea.restart();
    await until(() => bea.engine.room(room)?.removed === true);
    expect(await notes(bea, room)).toEqual([{ type: "removed", account: bea.account, by: null }]);
    expect(await bea.reads(room)).toEqual([]);
  });

  it("give a pause from writing, and what is written in it counts for nobody", async () => {
    const { room, ann, bea, cleo } = await group();
    await ann.engine.roles.quieten(room, bea.account, Date.now() + HOUR);
    await until(() => cleo.engine.roles.ofRoom(room).quiet.length === 1 && bea.engine.roles.ofRoom(room).quietUntil !== null);
    // This server takes it all the same.
    await bea.engine.sendText(room, "psst");
    await cleo.engine.sendText(room, "hello");
    await ann.readsSoon(room, ["Cleo: hello"]);
    await ann.engine.roles.quieten(room, bea.account, null);
    await until(() => bea.engine.roles.ofRoom(room).quietUntil === null && cleo.engine.roles.ofRoom(room).quiet.length === 0);
    await bea.engine.sendText(room, "thank you");
    await cleo.readsSoon(room, ["me: hello", "Bea: thank you"]);
  });

  it("learn of a pause in an open room from the server, where moderators decided it, and what came before it is still read by whoever comes later", async () => {
    const { room, people: [ann, bea, cleo] } = await together(world, "Ann", "Bea", "Cleo");
    rolesOf(world.server.room(room)).stewards = [ann.account];
    world.server.tell(world.server.room(room), "roles");
    cleo.offline();
    await bea.engine.sendText(room, "before the pause");
    await ann.readsSoon(room, ["Bea: before the pause"]);
    rolesOf(world.server.room(room)).muted = [{ account: bea.account, until: Date.now() + HOUR }];
    world.server.tell(world.server.room(room), "roles");
    await until(() => bea.engine.roles.ofRoom(room).quietUntil !== null);
    // She hears of the pause first.
    const knows = () => cleo.engine.roles.ofRoom(room).quiet.length === 1;
    world.server.fault = ({ t }, { account }) => (t === "fetch" && account === cleo.account && !knows() ? "unavailable" : null);
    cleo.online();
    await until(knows);
    await cleo.readsSoon(room, ["Bea: before the pause"]);
    // It may be about somebody who looks after the room.
    rolesOf(world.server.room(room)).muted = [{ account: ann.account, until: Date.now() + HOUR }];
    world.server.tell(world.server.room(room), "roles");
    await until(() => ann.engine.roles.ofRoom(room).quietUntil !== null);
  });

  it("are told that in an open room a pause and taking out are decisions, and nothing is said in the room", async () => {
    const { room, people: [ann, bea] } = await together(world, "Ann", "Bea");
    rolesOf(world.server.room(room)).stewards = [ann.account];
    world.server.tell(world.server.room(room), "roles");
    await expect(ann.engine.roles.quieten(room, bea.account, Date.now() + HOUR)).rejects.toEqual(new Failure("by_decision"));
    await expect(ann.engine.roles.removeMember(room, bea.account)).rejects.toEqual(new Failure("by_decision"));
    await ann.engine.sendText(room, "still here");
    await bea.readsSoon(room, ["Ann: still here"]);
    expect([await notes(bea, room), bea.engine.roles.ofRoom(room).quietUntil]).toEqual([[], null]);
  });

  it("keep a message at the top, and nobody else does", async () => {
    const { room, ann, bea, cleo } = await group();
    const key = await ann.engine.sendText(room, "Thursday at six");
    await cleo.readsSoon(room, ["Ann: Thursday at six"]);
    await ann.engine.roles.pin(room, key, true);
    await until(async () => (await cleo.engine.roles.pinned(room)).length === 1);
    expect(await cleo.engine.roles.pinned(room)).toEqual([{ key, name: "Ann", excerpt: "Thursday at six" }]);
    await expect(bea.engine.roles.pin(room, key, false)).rejects.toMatchObject({ code: "forbidden" });
    await ann.engine.roles.pin(room, key, false);
    await until(async () => (await cleo.engine.roles.pinned(room)).length === 0);
  });

  it("tell newcomers the rules, and hand on to whom the server names when the last of them has gone", async () => {
    const { room, ann, bea, cleo } = await group();
    await ann.engine.roles.setEveryoneMayAdd(room, false);
    await until(() => !cleo.engine.roles.ofRoom(room).everyoneMayAdd);
    const dana = await world.person("Dana");
    await dana.engine.joinOpenRoom(ann.engine.rooms().find(({ kind }) => kind === "open")?.id ?? "");
    await until(() => ann.engine.people().some(({ account }) => account === dana.account));
    await ann.engine.addMembers(room, [dana.account]);
    await until(() => dana.engine.roles.ofRoom(room).stewards.join() === ann.account && !dana.engine.roles.ofRoom(room).everyoneMayAdd);
    rolesOf(world.server.room(room)).stewards = [bea.account];
    await ann.engine.leave(room);
    world.server.tell(world.server.room(room), "roles");
    for (const { engine } of [bea, cleo, dana]) await until(() => engine.roles.ofRoom(room).stewards.join() === bea.account);
    await bea.engine.roles.setEveryoneMayAdd(room, true);
    await until(() => dana.engine.roles.ofRoom(room).mayAdd);
  });
});

describe("blocking somebody", () => {
  it("hides what they write and count, and they cannot tell", async () => {
    const { room, ann, bea, cleo } = await group();
    const before = await bea.engine.sendText(room, "before");
    await ann.readsSoon(room, ["Bea: before"]);
    const direct = await bea.engine.startDirect(ann.account);
    await bea.engine.sendText(direct, "just us");
    await until(() => ann.engine.room(direct)?.unread === 1);
    // But for acknowledgements of what she has read, which come when they come.
    const sent = () => world.server.seen.filter(({ frame, device }) => device.startsWith(ann.account) && frame["t"] !== "cursor").length;
    const seen = sent();
    await ann.engine.roles.block(bea.account);
    expect(ann.engine.roles.blocked().map(({ name }) => name)).toEqual(["Bea"]);
    expect(sent()).toBe(seen);
    expect(ann.engine.room(direct)?.hidden).toBe(true);
    const unread = ann.engine.room(room)?.unread;
    await bea.engine.sendText(room, "after");
    await cleo.engine.sendText(room, "hello");
    await cleo.readsSoon(room, ["Bea: before", "Bea: after", "me: hello"]);
    await until(async () => (await ann.shown(room)).some(({ body }) => body.type === "text" && body.text === "hello"));
    expect((await ann.shown(room)).filter(({ hidden }) => hidden)).toHaveLength(2);
    expect(ann.engine.room(room)?.unread).toBe((unread ?? 0) + 1);
    expect(ann.engine.room(room)?.last?.text).toBe("hello");
    // Delivery goes on as before.
    await until(async () => (await bea.find(room, "after")).state === "delivered");
    await bea.engine.react(room, before, "❤");
    await cleo.engine.react(room, before, "❤");
    await until(async () => (await ann.shown(room)).some(({ reactions }) => reactions.length > 0));
    expect((await ann.shown(room)).flatMap(({ reactions }) => reactions.flatMap(({ accounts }) => accounts))).toEqual([cleo.account]);
    await ann.engine.roles.unblock(bea.account);
    expect((await ann.shown(room)).filter(({ hidden }) => hidden)).toEqual([]);
    expect(ann.engine.room(direct)?.hidden).toBe(false);
  });
});
