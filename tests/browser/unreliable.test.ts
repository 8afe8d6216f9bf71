import { expect, test } from "vitest";
import { en } from "../../client/src/ui/words/en.ts";
import { patience } from "../support/browsers/page.ts";
import { until } from "../support/processes.ts";
import { at, type App } from "./app.ts";
import { everyoneReads, sameFor } from "./conversations.ts";
import type { Room } from "./room.ts";
import { useWorld } from "./world.ts";

const world = useWorld({ wire: true });
let asha: App;
let mira: App;
let rooms: [Room, Room];
const said: string[] = [];

async function say(room: Room, text: string): Promise<void> {
  said.push(text);
  await room.send(text);
}

test("two people talk", async () => {
  [asha, mira] = await Promise.all([world.member("Asha"), world.member("Mira")]);
  rooms = [await asha.joinOpenRoom("Welcome"), await mira.joinOpenRoom("Welcome")];
  await say(rooms[0], "Hello Mira");
  await rooms[1].waitFor("Hello Mira");
  await say(rooms[1], "Hello Asha");
  await everyoneReads(rooms, said);
});

test("what is written offline is shown as waiting and goes out once, in order", async () => {
  world.server.wire?.cut();
  await mira.page.waitFor(at("connectionLine"));
  for (const text of ["Offline one", "Offline two", "Offline three"]) {
    await say(rooms[1], text);
    await rooms[1].waitForState(text, "waiting");
  }
  expect((await rooms[1].shown()).filter((line) => line.state === "waiting").map((line) => line.text)).toEqual(["Offline one", "Offline two", "Offline three"]);
  expect(await mira.page.has(`text=${en.message.waiting}`)).toBe(true);
  world.server.wire?.mend();
  await everyoneReads(rooms, said);
  await mira.page.waitGone(at("connectionLine"));
  for (const text of said.slice(-3)) await rooms[1].waitForState(text, "sent");
});

test("what waits outlives a reload without a network", async () => {
  await mira.page.waitFor(() => navigator.serviceWorker.controller !== null);
  world.server.wire?.cut();
  await say(rooms[1], "Waiting through a reload");
  await rooms[1].waitForState("Waiting through a reload", "waiting");
  await mira.reload();
  rooms[1] = await mira.open("Welcome");
  await rooms[1].waitForState("Waiting through a reload", "waiting");
  await say(rooms[1], "And another");
  world.server.wire?.mend();
  await everyoneReads(rooms, said);
});

test("P8 acknowledged is durable: the server may be killed in the middle of a conversation", async () => {
  for (let round = 1; round <= 3; round++) {
    // The end comes while a message is on its way.
    const [before, ashas, miras] = [`Round ${round}, on its way`, `Round ${round}, Asha to nobody`, `Round ${round}, Mira to nobody`];
    await rooms[0].send(before);
    await world.server.kill();
    await rooms[0].send(ashas);
    await rooms[1].send(miras);
    await world.server.run();
    // Whose comes first is the server's to say; everyone has to be told the same.
    const came = (await sameFor(rooms, said.length + 3)).slice(-3);
    expect(came.toSorted()).toEqual([ashas, miras, before].toSorted());
    expect(came.indexOf(before)).toBeLessThan(came.indexOf(ashas));
    said.push(...came);
    await everyoneReads(rooms, said);
  }
});

test("a group that is being made while the server dies is there in the end, once", async () => {
  await asha.toChats();
  await asha.click("add");
  await asha.click("addGroup");
  await asha.fill("groupName", "Harbour wall");
  await asha.page.click(await asha.holding("personChoice", "Mira"));
  await Promise.all([asha.click("groupCreate"), world.server.kill()]);
  await world.server.run();
  // It works at once, or the screen says sooner or later that it did not and it is asked for again.
  const made = async (): Promise<boolean> => {
    if (await asha.page.has(at("screenRoom"))) return true;
    if (!(await asha.page.has(at("notice")))) return false;
    await asha.page.click(`${at("notice")} button`);
    await asha.click("groupCreate");
    return false;
  };
  await until(made, 2 * patience, () => "the group is not made");
  await (await asha.open("Harbour wall")).send("Did it work?");
  const miras = await mira.open("Harbour wall");
  await miras.send("It did");
  await everyoneReads([await asha.open("Harbour wall"), miras], ["Did it work?", "It did"]);
  expect((await mira.chats()).filter((title) => title === "Harbour wall")).toHaveLength(1);
});
