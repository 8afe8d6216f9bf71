import { beforeAll, expect, test } from "vitest";
import { en } from "../../client/src/ui/words/en.ts";
import { patience } from "../support/browsers/page.ts";
import { until } from "../support/processes.ts";
import { at, type App, type Id } from "./app.ts";
import { offered, twice } from "./further.ts";
import { because, read, reads, toDecisions, yes as once } from "./moderating.ts";
import type { Room } from "./room.ts";
import { useWorld } from "./world.ts";

const world = useWorld();
const { list, mine } = en.decisions;
let asha: App;
let mira: App;
let tala: App;
let noor: App;
let rooms: [Room, Room, Room];

beforeAll(async () => {
  asha = await world.member("Asha", world.links.coordinator);
  mira = await world.member("Mira", world.links.moderator);
  tala = await world.member("Tala", await mira.makeInvite());
  noor = await world.member("Noor", await asha.makeInvite("moderator"));
  for (const app of [asha, mira, tala]) await (await app.joinOpenRoom("Welcome")).send(`${app.name} is here`);
  const welcome = await asha.open("Welcome");
  await welcome.waitFor("Tala is here");
  const made = await asha.makeGroup("Lighthouse", ["Mira", "Tala"]);
  rooms = [made, await mira.open("Lighthouse"), await tala.open("Lighthouse")];
});

/** Opens what somebody who looks after the room can do for one of its people. */
async function choose(room: Room, name: string): Promise<void> {
  await room.details();
  await room.app.page.click(await room.app.holding("member", name));
  await room.app.page.waitFor(at("memberMenu"));
}

/** Says yes, and yes again where it is asked twice. */
const yes = (app: App, again = false): Promise<void> => (again ? twice(app) : once(app));

const texts = (app: App, id: Id): Promise<string[]> => app.page.texts(at(id));

test("someone who looks after a group keeps a message at the top, and gives a pause from writing", async () => {
  const [ashas, miras, talas] = rooms;
  await ashas.send("We meet on Thursday");
  await miras.waitFor("We meet on Thursday");
  const key = (await ashas.shown()).findLast(({ text }) => text === "We meet on Thursday")?.key ?? "";
  await asha.page.longPress(at("message", `[data-message="${key}"] .bubble`));
  await asha.click("menuPin");
  await mira.page.waitFor(at("pinBar"));
  expect((await texts(mira, "pinBar")).join()).toContain("We meet on Thursday");
  // Whoever does not look after it is not offered that.
  await mira.page.longPress(at("message", `[data-message="${key}"] .bubble`));
  await mira.page.waitFor(at("menuReply"));
  expect(await mira.page.has(at("menuPin"))).toBe(false);
  await mira.page.press("Escape");
  await mira.page.waitGone(at("messageMenu"));

  await choose(ashas, "Tala");
  await asha.click("memberPause");
  await asha.page.click(`text=${en.care.member.hour}`);
  await tala.page.waitFor(at("roomQuiet"));
  expect(await tala.page.has(at("composer"))).toBe(false);
  await asha.page.waitGone(at("memberPause"));
  await offered("memberEndPause", async () => {
    await asha.page.click(await asha.holding("member", "Tala"));
    await asha.page.waitFor(at("memberMenu"));
  }, asha);
  await asha.click("memberEndPause");
  await tala.page.waitFor(at("composer"));
  await talas.send("Thank you for the pause");
  await miras.waitFor("Thank you for the pause");
  await asha.click("back");
});

test("whom somebody blocks is hidden from them alone, and cannot tell", async () => {
  const [ashas, miras, talas] = rooms;
  const alone = await tala.writeTo("Mira");
  await alone.send("Only for you");
  await (await mira.open("Tala")).expectTexts(["Only for you"]);
  await mira.open("Lighthouse");
  await miras.details();
  await mira.page.click(await mira.holding("member", "Tala"));
  await mira.click("personBlock");
  await yes(mira);
  await mira.page.waitFor(at("personBlocked"));
  await mira.waitForChat("Tala", false);
  await tala.open("Lighthouse");
  await talas.send("Can you hear me");
  await talas.waitForState("Can you hear me", "delivered");
  await ashas.waitFor("Can you hear me");
  await mira.open("Lighthouse");
  await mira.page.waitFor(at("messageLook"));
  expect((await miras.shown()).map(({ text }) => text)).not.toContain("Can you hear me");
  await mira.click("messageLook");
  // The newest of what is hidden is the last to be looked at; looking at the first shows an older one.
  await until(async () => (await texts(mira, "messageText")).length > 0, patience, () => "what is hidden cannot be looked at");
  // The chat between the two is still there for whoever looks for it.
  await mira.toChats();
  await mira.click("openSettings");
  await mira.click("settingsBlocked");
  await mira.page.click(await mira.holding("blockedPerson", "Tala"));
  await mira.click("personUnblock");
  await until(async () => (await mira.page.has(at("personBlock"))), patience, () => "the block does not go");
  await mira.waitForChat("Tala");
  await mira.open("Lighthouse");
  await miras.waitFor("Can you hear me");
});

test("someone who is taken out is told kindly, and the others read one calm line", async () => {
  const [ashas, miras] = rooms;
  await choose(ashas, "Tala");
  await asha.click("memberRemove");
  await yes(asha, true);
  await tala.page.waitFor(at("roomRemoved"));
  expect((await texts(tala, "roomRemoved")).join(" ")).toContain(en.care.removed);
  expect(await tala.page.has(at("composer"))).toBe(false);
  expect(await tala.page.text(at("roomDetails"))).toContain(en.room.notIn);
  await asha.open("Lighthouse");
  await ashas.waitForSystem(en.care.notes.removedByYou("Tala"));
  await miras.waitForSystem(en.system.removed("Tala", "Asha"));
  await ashas.send("Without Tala");
  await miras.waitFor("Without Tala");
  expect((await miras.shown()).map(({ text }) => text)).not.toContain(en.system.left("Tala"));
  await tala.toChats();
});

test("a coordinator sees who invited whom and cuts off a branch at once", async () => {
  await asha.toChats();
  await asha.click("openSettings");
  await asha.click("settingsInvites");
  await asha.click("inviteTree");
  const row = await asha.holding("treePerson", "Mira");
  expect((await asha.page.text(row)).toLowerCase()).toContain(en.care.tree.invited(1));
  await asha.page.click(row);
  await asha.page.waitFor(at("treeMenu"));
  await asha.click("treeRevoke");
  await asha.click("treeReason");
  await asha.click("treeFinding");
  await asha.click("treeFact");
  await yes(asha, true);
  for (const app of [mira, tala]) await app.page.waitFor(at("screenSuspended"));
  await until(async () => (await asha.page.text(row)).toLowerCase().includes(en.care.tree.suspended), patience, () => "the tree does not show who was cut off");
  // Each of them reads why, and Tala that it was somebody else's branch.
  for (const app of [mira, tala]) await reads(app, "statement", mine.what.ban);
  expect(await read(mira, "statement")).toMatch(/It goes against “.+” in the code of conduct\./u);
  const { mine: reasons, found } = en.reasons;
  for (const words of [reasons.happened, reasons.top, reasons.topFacts.one, reasons.falls, reasons.seen, found.hurtful]) expect(await read(mira, "statement")).toContain(words);
  expect(await read(mira, "statement")).not.toContain(reasons.branch);
  const said = await read(tala, "statement");
  for (const words of [reasons.happened, reasons.branch, reasons.facts.one, reasons.notYou, reasons.falls, reasons.seenOfBranch, found.hurtful, mine.appeal, mine.redress]) expect(said).toContain(words);
  expect(said).toMatch(/What they were cut off for goes against “.+” in the code of conduct\./u);
  for (const name of ["Asha", "Mira"]) expect(said, "who decided, and through whom").not.toContain(name);
});

test("whoever was cut off with somebody's branch objects, a moderator who had no part in it looks, and they come back alone", async () => {
  await tala.click("statementAppeal");
  await yes(tala);
  await reads(tala, "statement", "You objected");
  await toDecisions(asha);
  await reads(asha, "decision", list.appealMine);
  expect(await asha.page.has(`text=${list.overturn}`)).toBe(false);
  await toDecisions(noor);
  await reads(noor, "decision", list.branch);
  await because(noor, list.overturn, list.found.overturned.does_not_fit, `${mine.overturned} ${mine.found.does_not_fit}`);
  await tala.page.waitFor(at("screenChats"), 60_000);
  expect(await mira.page.has(at("screenSuspended"))).toBe(true);
  await tala.click("openSettings");
  await tala.click("settingsDecisions");
  await reads(tala, "statement", mine.overturned);
  // She is told of what the ban took her out of, and not of the group in which that was done before.
  await tala.toChats();
  await reads(tala, "comeback", "Welcome");
  expect(await read(tala, "comeback")).not.toContain("Lighthouse");
  await tala.click("comebackDone");
  await tala.page.waitGone(at("comeback"));
  await tala.reload();
  await tala.page.waitFor(at("openRoomItem"));
  expect(await tala.page.has(at("comeback"))).toBe(false);
  await (await tala.joinOpenRoom("Welcome")).send("I am back");
});

test("someone who was cut off can have everything deleted", async () => {
  await mira.click("deleteAccount");
  await yes(mira, true);
  await mira.page.waitFor(at("screenNoInvite"));
});
