import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { en } from "../../client/src/ui/words/en.ts";
import { patience } from "../support/browsers/page.ts";
import { puppetOf } from "../support/browsers/puppeteer.ts";
import { until } from "../support/processes.ts";
import { at, type App } from "./app.ts";
import { choose, offered } from "./further.ts";
import { because, read, reads, toDecisions, yes } from "./moderating.ts";
import type { Room } from "./room.ts";
import { useWorld } from "./world.ts";

const pictures = resolve(import.meta.dirname, "../../test-results/browser");
const world = useWorld();
const INSULT = "Nobody wants you here";
const { decide: deciding, list, mine } = en.decisions;
const { member } = en.care;
let asha: App;
let mira: App;
let rook: App;
let miras: Room;
let rooks: Room;

/** An open room of a network: what is done about somebody in it starts from their name, and is a decision. */
beforeAll(async () => {
  [asha, mira, rook] = [await world.member("Asha", world.links.coordinator), await world.member("Mira", world.links.moderator), await world.member("Rook")];
  await asha.joinOpenRoom("Welcome");
  [miras, rooks] = [await mira.joinOpenRoom("Welcome"), await rook.joinOpenRoom("Welcome")];
  await rooks.send(INSULT);
  await miras.waitFor(INSULT);
});

/** On a phone and at a desk. */
async function picture(app: App, name: string): Promise<void> {
  mkdirSync(pictures, { recursive: true });
  for (const [width, height] of [[360, 740], [1280, 800]] as const) {
    await puppetOf(app.page).setViewport({ width, height, isMobile: true, hasTouch: true });
    await app.page.screenshot(join(pictures, `open-room-${name}-${String(width)}.png`));
  }
  await puppetOf(app.page).setViewport({ width: 360, height: 740, isMobile: true, hasTouch: true });
}

/** A reason, and the messages it is about; then yes. */
async function decide(app: App): Promise<void> {
  await app.page.click(`label:has([name="reason"][value="1"])`);
  await app.page.click(at("decideSeen"));
  await app.page.waitFor(at("decideFact"));
  await app.click("decideFact");
  await reads(app, "screenDecide", deciding.readOwn);
  await picture(app, "deciding");
  await app.page.waitFor(at("decideNext", '[aria-disabled="false"]'));
  await app.click("decideNext");
  await yes(app);
  await reads(app, "decision", list.states.in_force);
  await picture(app, "decided");
}

/** What was decided is read in the conversation itself: what, why, on what it rests, and how to object. */
async function readsWhyHere(what: string): Promise<void> {
  await rook.page.waitFor(at("roomWhy"));
  await rook.click("roomWhy");
  await reads(rook, "statement", what);
  const said = await read(rook, "statement");
  for (const words of [mine.from.own_initiative, "It rests on one message.", mine.proven, mine.human, mine.appeal]) expect(said).toContain(words);
  expect(said).toMatch(/It goes against “.+” in the code of conduct\./u);
  for (const name of ["Mira", "Asha"]) expect(said, "who decided").not.toContain(name);
}

test("a moderator gives a pause from somebody's name in the room, with a reason that they read at once, and ends it from there", async () => {
  await choose(miras, "Rook");
  await reads(mira, "memberPause", member.reason);
  await picture(mira, "menu");
  await mira.click("memberPause");
  await mira.page.waitFor(at("screenDecide"));
  // What they came for is chosen.
  await mira.page.waitFor(`label.chosen:has([value="mute"])`);
  await mira.page.click(`text=${deciding.hour}`);
  await decide(mira);
  await rook.page.waitFor(at("roomQuiet"));
  expect(await rook.page.has(at("composer"))).toBe(false);
  await picture(rook, "quiet");
  await readsWhyHere(mine.what.mute);
  await rook.click("back");
  await mira.click("decideDone");
  await mira.page.waitFor(at("screenGroup"));
  await offered("memberEndPause", () => choose(miras, "Rook"), mira);
  await mira.click("memberEndPause");
  await reads(mira, "decision", en.decisions.kinds.mute);
  await picture(mira, "ending");
  await because(mira, list.lift, list.lifting.heard, mine.lifted.heard);
  await reads(mira, "screenDecisions", list.noneHolds);
  await rook.page.waitFor(at("composer"));
  await rooks.send("I am sorry");
  await (await mira.open("Welcome")).waitFor("I am sorry");
});

test("a moderator takes somebody out from their name, and an objection that somebody else takes back lets them in again", async () => {
  await choose(miras, "Rook");
  await mira.click("memberRemove");
  await mira.page.waitFor(`label.chosen:has([value="remove_from_room"])`);
  await decide(mira);
  await rook.page.waitFor(at("roomRemoved"));
  await rook.page.waitFor(at("roomWhy"));
  expect(await read(rook, "roomRemoved")).not.toContain(en.care.removedWhy);
  await picture(rook, "removed");
  await readsWhyHere(mine.what.remove_from_room);
  await rook.click("statementAppeal");
  await yes(rook);
  await reads(rook, "statement", "You objected");
  await mira.open("Welcome");
  await until(async () => !(await miras.members()).includes("Rook"), patience, () => "Rook is still in the room");
  await toDecisions(asha);
  await because(asha, list.overturn, list.found.overturned.too_much, `${mine.overturned} ${mine.found.too_much}`);
  // Rook looks at it all the while.
  await reads(rook, "statement", `${mine.overturned} ${mine.found.too_much}`);
  await rook.toChats();
  await rook.page.waitFor(at("openRoomItem"));
  rooks = await rook.joinOpenRoom("Welcome");
  await rooks.send("I am back");
  await miras.waitFor("I am back");
});

test("about a coordinator a moderator decides nothing, a coordinator about a moderator does", async () => {
  await choose(miras, "Asha");
  for (const id of ["memberPause", "memberRemove"] as const) expect(await mira.page.has(at(id))).toBe(false);
  await mira.page.press("Escape");
  await mira.page.waitGone(at("memberMenu"));
  await choose(await asha.open("Welcome"), "Mira");
  for (const id of ["memberPause", "memberRemove"] as const) expect(await asha.page.has(at(id))).toBe(true);
  await asha.page.press("Escape");
  await asha.page.waitGone(at("memberMenu"));
  for (const app of [asha, mira, rook]) expect(app.page.problems).toEqual([]);
});
