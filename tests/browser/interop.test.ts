import { afterAll, beforeAll, expect, test } from "vitest";
import { en } from "../../client/src/ui/words/en.ts";
import { Device } from "../interop/independent/device.ts";
import type { Room as Elsewhere } from "../interop/independent/room.ts";
import { patience } from "../support/browsers/page.ts";
import { until } from "../support/processes.ts";
import type { App } from "./app.ts";
import { everyoneReads } from "./conversations.ts";
import { useWorld } from "./world.ts";

/** People with Kindred in Chromium, and Ivo, whose client is an independent implementation of MLS and of docs/protocol.md. */
const world = useWorld();
let asha: App;
let mira: App;
let ivo: Device;
let open: Elsewhere;
let group: Elsewhere;

beforeAll(async () => {
  [asha, mira] = await Promise.all([world.member("Asha", world.links.moderator), world.member("Mira")]);
  ivo = await Device.join(world.memberLink(), "Ivo", "0000f00dcafe0001");
});
afterAll(() => ivo?.disconnect());

test("a browser founds the open room, and the independent client enters it by external commit", async () => {
  const ashas = await asha.joinOpenRoom("Welcome");
  await ashas.send("Asha was here first");
  await ashas.waitForState("Asha was here first", "sent");
  open = ivo.room((await ivo.http.rooms()).open[0]?.id ?? "");
  await open.enter();
  await open.sayName();
  await open.say("Good evening from elsewhere");
  await ashas.expectTexts(["Asha was here first", "Good evening from elsewhere"]);
  await ashas.waitForLine("Good evening from elsewhere", ({ from }) => from === "Ivo");
  await ashas.send("Good evening, Ivo");
  await reads(open, ["Good evening from elsewhere", "Good evening, Ivo"]);
  const miras = await mira.joinOpenRoom("Welcome");
  await miras.send("Good evening, both");
  await reads(open, ["Good evening from elsewhere", "Good evening, Ivo", "Good evening, both"]);
});

test("a browser adds the independent client to a private group by a Welcome, and all of them talk", async () => {
  const ashas = await asha.makeGroup("Lighthouse", ["Ivo", "Mira"]);
  const miras = await mira.open("Lighthouse");
  group = await until(async () => [...ivo.rooms.values()].find(({ id, group }) => id !== open.id && group !== null) ?? null, patience, () => "Ivo got no Welcome");
  await ashas.send("Just the three of us");
  await reads(group, ["Just the three of us"]);
  const slip = await group.say("I bring biscits");
  await group.edit(slip, "I bring biscuits");
  await miras.waitFor("I bring biscuits");
  await miras.answer("I bring biscuits", "Lovely");
  await reads(group, ["Just the three of us", "I bring biscits", "Lovely"]);
  await miras.react("I bring biscuits", "👍");
  await until(async () => group.lines.some(({ content }) => content?.disposition === 2), patience, () => "Ivo sees no reaction");
  await group.remove(await group.say("A slip of the thumb"));
  await everyoneReads([ashas, miras], ["Just the three of us", "I bring biscuits", "Lovely", en.message.deleted]);
  await ashas.waitForLine("I bring biscuits", ({ from, edited, reactions }) => from === "Ivo" && edited && reactions.join() === "👍");
  expect(group.lines.filter(({ doubt }) => doubt !== null)).toEqual([]);
});

test("the independent client makes a group of its own, and browsers come in by its Welcomes", async () => {
  const accounts = group.accounts.filter((account) => account !== ivo.account);
  const own = await ivo.createRoom("group", accounts);
  await own.sayName();
  await own.sayRoomName("Harbour");
  await own.say("Made elsewhere");
  const rooms = await Promise.all([asha, mira].map((app) => app.open("Harbour")));
  await rooms[0]?.send("It works here");
  await everyoneReads(rooms, ["Made elsewhere", "It works here"]);
  await reads(own, ["Made elsewhere", "It works here"]);
});

test("both renew their keys and go on, over a reload", async () => {
  await group.renew();
  await group.renew();
  await asha.reload();
  const ashas = await asha.open("Lighthouse");
  await ashas.send("Still here");
  await until(async () => group.texts.at(-1) === "Still here", patience, () => `Ivo reads ${group.texts.join(" | ")}; ${group.faults.join()}`);
  await group.renew();
  await group.say("Me too");
  for (const room of [ashas, await mira.open("Lighthouse")]) await room.waitFor("Me too");
});

test("the independent client commits who leaves before it says anything", async () => {
  const before = group.accounts;
  await asha.page.close();
  await (await mira.open("Lighthouse")).leave();
  await until(async () => group.pendingProposals === 1 || group.accounts.length === before.length - 1, patience, () => "Ivo is not told that Mira left");
  await group.say("Without Mira");
  expect(group.accounts).toHaveLength(before.length - 1);
  expect((await ivo.http.room(group.id)).pending_removals).toEqual([]);
  asha = await world.tab("Asha", asha.context, world.server.address);
  await asha.unlock();
  const ashas = await asha.open("Lighthouse");
  await ashas.waitForSystem(en.system.left("Mira"));
  await ashas.waitFor("Without Mira");
});

test("the independent client notices its own removal, and the browser goes on without it", async () => {
  const ashas = await asha.open("Lighthouse");
  const before = group.texts;
  await group.leave();
  await until(async () => group.removed, patience, () => "Ivo is not told");
  await ashas.waitForSystem(en.system.left("Ivo"));
  await ashas.send("Alone now");
  await ashas.waitForState("Alone now", "sent");
  await expect(group.catchUp()).rejects.toMatchObject({ code: "not_in_room" });
  expect(group.texts).toEqual(before);
  expect([...ivo.faults, ...group.faults]).toEqual([]);
});

/** Waits until Ivo has exactly these texts, all of them checked. */
async function reads(room: Elsewhere, texts: readonly string[]): Promise<void> {
  await until(async () => room.texts.join("\n") === texts.join("\n"), patience, () => `Ivo reads ${room.texts.join(" | ")}; ${room.faults.join()}`);
}
