import { expect, test } from "vitest";
import { en } from "../../client/src/ui/words/en.ts";
import { at, type App } from "./app.ts";
import { everyoneReads, sameFor } from "./conversations.ts";
import type { Room } from "./room.ts";
import { useWorld } from "./world.ts";

/** The demo network's own open room. */
const welcome = "Welcome";
const world = useWorld();
let asha: App;
let mira: App;
let tala: App;

test("three people join with an invite and nothing else", async () => {
  [asha, mira, tala] = await Promise.all([world.member("Asha", world.links.coordinator), world.member("Mira"), world.member("Tala")]);
  for (const app of [asha, mira, tala]) expect(await app.page.url(), "the secret is gone from the address").toBe(`${world.server.address}/`);
});

test("a used invite is answered kindly and asks for nothing", async () => {
  const late = await world.visitor("Late", world.links.coordinator);
  await late.page.waitFor(`text=${en.failures.invite_used}`);
  expect(await late.page.has(at("inviteStart"))).toBe(false);
  await late.context.close();
});

test("a person founds an open room, and another joins it while nobody is online", async () => {
  const founded = await asha.joinOpenRoom(welcome);
  await founded.send("Asha was here first");
  await founded.waitForState("Asha was here first", "sent");
  await asha.page.close();

  const mirasRoom = await mira.joinOpenRoom(welcome);
  await mirasRoom.send("Mira came by herself");
  await mirasRoom.expectTexts(["Mira came by herself"]);

  asha = await world.tab("Asha", asha.context, world.server.address);
  await asha.unlock();
  await (await asha.open(welcome)).expectTexts(["Asha was here first", "Mira came by herself"]);
});

test("three people talk in the open room, and a newcomer reads only what comes after", async () => {
  const rooms = [await asha.open(welcome), await mira.open(welcome), await tala.joinOpenRoom(welcome)];
  const said = await sayInTurns(rooms, 2);
  await rooms[0]?.expectTexts(["Asha was here first", "Mira came by herself", ...said]);
  await rooms[1]?.expectTexts(["Mira came by herself", ...said]);
  await rooms[2]?.expectTexts(said);
});

test("what everyone writes at the same moment stands in one order for all", async () => {
  const rooms = await Promise.all([asha, mira, tala].map((app) => app.open(welcome)));
  const before = (await rooms[2]?.texts()) ?? [];
  await Promise.all(rooms.map(async (room) => {
    for (let n = 1; n <= 4; n++) await room.send(`${room.app.name} at once ${n}`);
  }));
  const texts = await sameFor(rooms, before.length + 12);
  for (const room of rooms) {
    const own = texts.filter((text) => text.startsWith(`${room.app.name} at once`));
    expect(own).toEqual([1, 2, 3, 4].map((n) => `${room.app.name} at once ${n}`));
  }
});

test("a private group has a name that only its people know", async () => {
  const made = await asha.makeGroup("Lighthouse", ["Mira", "Tala"]);
  const rooms = [made, await mira.open("Lighthouse"), await tala.open("Lighthouse")];
  await everyoneReads(rooms, await sayInTurns(rooms, 1));
  expect((await made.members()).join()).toMatch(/Asha.*Mira.*Tala|Asha.*Tala.*Mira/);
});

test("two people talk alone", async () => {
  const rooms = [await mira.writeTo("Tala")];
  await rooms[0]?.send("Only for you");
  rooms.push(await tala.open("Mira"));
  await rooms[1]?.send("I am here");
  await everyoneReads(rooms, ["Only for you", "I am here"]);
  expect(await asha.chats()).toEqual(expect.not.arrayContaining(["Mira", "Tala"]));
});

test("writing to the same person again leads to the same conversation", async () => {
  await (await tala.writeTo("Mira")).expectTexts(["Only for you", "I am here"]);
  expect((await tala.chats()).filter((title) => title === "Mira")).toEqual(["Mira"]);
});

test("a link brings someone into a private group, who reads only what comes after", async () => {
  const garden = await asha.makeGroup("Garden", ["Mira"]);
  await garden.send("Before Tala");
  const link = await garden.makeInvite();
  const talas = await tala.acceptRoomInvite(link, "Garden");
  const rooms = [await asha.open("Garden"), await mira.open("Garden"), talas];
  const said = await sayInTurns(rooms, 1);
  await everyoneReads(rooms.slice(0, 2), ["Before Tala", ...said]);
  await talas.expectTexts(said);
});

test("a used link to a group is answered kindly", async () => {
  const link = await (await tala.makeGroup("Nook", [])).makeInvite();
  await mira.acceptRoomInvite(link, "Nook");
  await asha.openLink(link);
  await asha.page.waitFor(at("inviteProblem"));
  expect(await asha.page.text(at("inviteProblem"))).toContain(en.failures.invite_used);
});

test("someone is added to a group by who is in it, and a new name is seen by all", async () => {
  const talas = await tala.open("Nook");
  await talas.add(["Asha"]);
  await (await asha.open("Nook")).send("Thank you for having me");
  await (await tala.open("Nook")).rename("Nook by the window");
  const rooms = await Promise.all([asha, mira, tala].map((app) => app.open("Nook by the window")));
  for (const room of rooms) await room.waitFor("Thank you for having me");
  await rooms[0]?.waitForSystem(en.system.renamed("Tala", "Nook by the window"));
  await rooms[0]?.waitForMembers(3);
});

test("replies, reactions, edits and deletions are seen by everyone", async () => {
  const [ashas, miras, talas] = await Promise.all([asha, mira, tala].map((app) => app.open("Lighthouse"))) as [Room, Room, Room];
  await ashas.send("Shall we meet on Thursday?");
  await miras.waitFor("Shall we meet on Thursday?");
  await miras.answer("Shall we meet on Thursday?", "Thursday is good");
  await talas.waitFor("Shall we meet on Thursday?");
  await talas.react("Shall we meet on Thursday?", "👍");
  await ashas.send("At four");
  await ashas.edit("At four", "At five");
  await miras.send("A slip of the thumb");
  await miras.remove("A slip of the thumb");

  const texts = ["Asha says 1", "Mira says 1", "Tala says 1", "Shall we meet on Thursday?", "Thursday is good", "At five", en.message.deleted];
  await everyoneReads([ashas, miras, talas], texts);
  for (const room of [ashas, miras, talas]) await room.waitForLine("Shall we meet on Thursday?", (line) => line.reactions.join() === "👍");
  for (const room of [ashas, miras, talas]) {
    expect(await room.all(), room.app.name).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ text: "Thursday is good", from: room.app === mira ? "You" : "Mira", replyTo: expect.stringContaining("Shall we meet on Thursday?") as string }),
        expect.objectContaining({ text: "At five", edited: true }),
        expect.objectContaining({ text: "Shall we meet on Thursday?", edited: false, reactions: ["👍"] }),
      ]),
    );
  }
});

test("everything is there again after a reload", async () => {
  const before = await Promise.all([asha, mira, tala].map(async (app) => (await app.open("Lighthouse")).all()));
  await Promise.all([asha, mira, tala].map((app) => app.reload()));
  const rooms = await Promise.all([asha, mira, tala].map((app) => app.open("Lighthouse")));
  for (const [index, room] of rooms.entries()) {
    const now = await room.all();
    expect(now.map(({ key, text, from, edited, replyTo, reactions }) => ({ key, text, from, edited, replyTo, reactions }))).toEqual(
      before[index]?.map(({ key, text, from, edited, replyTo, reactions }) => ({ key, text, from, edited, replyTo, reactions })),
    );
  }
  await rooms[1]?.send("And it goes on");
  for (const room of rooms) await room.waitFor("And it goes on");
});

test("who leaves a group gets nothing more of it, and the others see it", async () => {
  // Opened before anything moves in the list of chats, in which somebody who leaves brings the room to the top.
  const rooms = await Promise.all([asha, mira].map((app) => app.open("Garden")));
  await (await tala.open("Garden")).leave();
  for (const room of rooms) await room.waitForSystem(en.system.left("Tala"));
  await rooms[0]?.send("Without Tala");
  await rooms[1]?.waitFor("Without Tala");
  expect(await (await tala.open("Garden")).texts()).not.toContain("Without Tala");
  expect((await rooms[0]?.members())?.join()).not.toContain("Tala");
});

/** Everyone writes once a round, each after having read the one before. Gives the texts in order. */
async function sayInTurns(rooms: readonly Room[], rounds: number): Promise<string[]> {
  const said: string[] = [];
  for (let round = 1; round <= rounds; round++) {
    for (const room of rooms) {
      const last = said.at(-1);
      if (last !== undefined) await room.waitFor(last);
      const text = `${room.app.name} says ${round}`;
      await room.send(text);
      said.push(text);
    }
  }
  return said;
}
