import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { en } from "../../client/src/ui/words/en.ts";
import { patience } from "../support/browsers/page.ts";
import { puppetOf } from "../support/browsers/puppeteer.ts";
import { until } from "../support/processes.ts";
import { at, type App } from "./app.ts";
import { twice } from "./further.ts";
import { because, choose, decide, read, reads, readsNo, review, staffAndMembers, toCase, toConsole, toDecisions, toStatement, yes } from "./moderating.ts";
import type { Room } from "./room.ts";
import { useWorld } from "./world.ts";

const world = useWorld();
const pictures = resolve(import.meta.dirname, "../../test-results/browser");
const BAIT = "I know someone who pays well, write me in private";
const OWN = "Please do not write people that you know of such work. Tell me if I got it wrong.";
const LAW = "Criminal Code, section 232";
const { law, list, mine } = en.decisions;
let asha: App;
let mira: App;
let tala: App;
let rook: App;
let talas: Room;
let rooks: Room;
let lighthouse: Room;

beforeAll(async () => {
  [asha, mira, tala, rook] = await staffAndMembers(world);
  [talas, rooks] = [await tala.joinOpenRoom("Welcome"), await rook.joinOpenRoom("Welcome")];
  await rooks.send(BAIT);
  await review(talas, BAIT, "recruitment");
  await tala.click("askSend");
  await reads(tala, "questionState", en.cases.state.unclaimed);
  await toCase(mira);
  await mira.click("caseClaim");
  await tala.open("Welcome");
});

async function picture(app: App, name: string): Promise<void> {
  mkdirSync(pictures, { recursive: true });
  await puppetOf(app.page).setViewport({ width: 360, height: 740, isMobile: true, hasTouch: true });
  await app.page.screenshot(join(pictures, `deciding-${name}-360.png`));
}

/** A statement says what, why in the network's own words, from whom it came, and how to object. */
async function readsWhy(app: App, what: string, found: string = en.reasons.found.lured, ground = /It goes against “.+” in the code of conduct\./u): Promise<void> {
  await reads(app, "statement", what);
  const said = await read(app, "statement");
  // What is restricted, where and how long stands in the first lines; then the facts, the ground, why it falls under that, and redress (DSA article 17(3)).
  const { happened, falls, seen, do: ways } = en.reasons.mine;
  for (const words of [mine.state.in_force, happened, mine.from.report, mine.human, mine.why, falls, seen, found, ways, mine.appeal, mine.redress]) expect(said).toContain(words);
  expect(said).toMatch(ground);
  for (const name of ["Mira", "Asha", "Tala", "Rook"]) expect(said, "who decided, and who asked").not.toContain(name);
}

async function objects(app: App): Promise<void> {
  await app.click("statementAppeal");
  await yes(app);
  await reads(app, "statement", "You objected");
}

/** What everybody in the room can read of it, while `work` is done. */
async function roomLearns(work: () => Promise<void>): Promise<string[]> {
  const before = (await talas.all()).map(({ text }) => text);
  await work();
  return (await talas.all()).map(({ text }) => text).filter((text) => !before.includes(text));
}

test("a warning is read with its reasons, and somebody who had no part in it takes it back", async () => {
  await rook.toChats();
  expect(await rook.page.has(at("decisionLine"))).toBe(false);
  const learnt = await roomLearns(async () => {
    await choose(mira, "warn", "caseSubject", async () => {
      // Four people are in the room.
      await reads(mira, "screenDecide", en.decisions.decide.factFew);
      await mira.click("decideFact");
      await mira.fill("decideOwn", OWN);
    });
    await yes(mira);
    await reads(mira, "decision", list.states.in_force);
    await toStatement(rook);
    await readsWhy(rook, mine.what.warn);
    await picture(rook, "warned");
    await reads(rook, "statement", `It rests on one message. ${mine.proven}`);
    await reads(rook, "statement", mine.talk);
    await rook.click("decisionTalk");
    await rook.page.waitFor(`text=${OWN}`);
    await rook.click("back");
    await objects(rook);
  });
  expect(learnt).toEqual([]);
  await rook.toChats();
  await rook.page.waitGone(at("decisionLine"));
  await toDecisions(mira);
  await reads(mira, "decision", list.appealMine);
  expect(await mira.page.has(`text=${list.overturn}`)).toBe(false);
  await toConsole(asha);
  await reads(asha, "consoleDecisions", list.waits(1));
  await toDecisions(asha);
  await because(asha, list.overturn, list.found.overturned.too_much, `${mine.overturned} ${mine.found.too_much}`);
  await readsNo(asha, "screenDecisions", list.overturn);
  // Mira looks at her list all the while.
  await readsNo(mira, "screenDecisions", list.appealMine);
  await toStatement(rook);
  await reads(rook, "statement", `${mine.overturned} ${mine.found.too_much}`);
});

test("a pause from writing comes with its reasons and ends as soon as it is lifted; the conversation says nothing of it", async () => {
  await rook.open("Welcome");
  const learnt = await roomLearns(async () => {
    await decide(mira, "mute");
    await rook.page.waitFor(at("roomQuiet"));
    expect(await rook.page.has(at("composer"))).toBe(false);
    await toStatement(rook);
    await readsWhy(rook, mine.what.mute);
    await reads(rook, "statement", mine.room("Welcome"));
    await rook.open("Welcome");
    await because(mira, list.lift, list.lifting.heard, mine.lifted.heard);
    await rook.page.waitFor(at("composer"));
  });
  expect(learnt).toEqual([]);
  await rooks.send("I can write again");
  await talas.waitFor("I can write again");
  await toStatement(rook);
  await reads(rook, "statement", mine.state.lifted);
  await reads(rook, "statement", mine.lifted.heard);
  // It is over, and may still have been wrong.
  await objects(rook);
  await toDecisions(asha);
  await because(asha, list.uphold, list.found.upheld.in_proportion, `${mine.upheld} ${mine.found.in_proportion}`);
  await reads(rook, "statement", mine.found.in_proportion);
});

test("somebody taken out of a room reads why, and can come back when it is over", async () => {
  await rook.open("Welcome");
  const learnt = await roomLearns(async () => {
    await decide(mira, "remove_from_room");
    await rook.page.waitFor(at("roomRemoved"));
    await toStatement(rook);
    await readsWhy(rook, mine.what.remove_from_room);
    await talas.waitForSystem(en.system.left("Rook"));
  });
  expect(learnt).toEqual([en.system.left("Rook")]);
  await because(mira, list.lift, list.lifting.mistake, mine.lifted.mistake);
  await reads(rook, "statement", mine.lifted.mistake);
  await rook.toChats();
  await rook.page.waitFor(at("openRoomItem"));
  rooks = await rook.joinOpenRoom("Welcome");
  await rooks.send("I am back");
  await talas.waitFor("I am back");
});

test("whoever asks to hurt somebody gets a pause from asking, with its reasons; someone else takes that back", async () => {
  await tala.toChats();
  await decide(mira, "limit_reports", "caseAsker");
  // She asked without her name.
  await reads(mira, "decision", en.helping.asker);
  expect(await read(mira, "screenDecide")).not.toContain("Tala");
  await toStatement(tala);
  await readsWhy(tala, mine.what.limit_reports, en.reasons.found.false_reports);
  await review(talas, BAIT, "harassment");
  await tala.click("askSend");
  await reads(tala, "notice", en.cases.ask.paused);
  expect(await tala.page.has(at("askSend")), "nothing that was chosen is lost").toBe(true);
  await tala.page.click(`${at("notice")} button`);
  for (let steps = 0; steps < 3; steps++) await tala.click("back");
  await tala.toChats();
  await tala.click("openSettings");
  await tala.click("settingsDecisions");
  await objects(tala);
  await toDecisions(asha);
  await reads(asha, "decision", en.helping.asker);
  expect(await read(asha, "screenDecisions")).not.toContain("Tala");
  await because(asha, list.overturn, list.found.overturned.does_not_fit, `${mine.overturned} ${mine.found.does_not_fit}`);
  await reads(tala, "statement", mine.found.does_not_fit);
  await review(talas, "I can write again", "other");
  await tala.click("askSend");
  await reads(tala, "questionState", en.cases.state.unclaimed);
  await tala.click("questionWithdraw");
  await yes(tala);
  await tala.open("Welcome");
});

test("a ban takes two: until the second agrees nothing changes, then the app shows why and how to object", async () => {
  await (await tala.writeTo("Rook")).send("Hello Rook");
  lighthouse = await tala.makeGroup("Lighthouse", ["Rook"]);
  for (const chat of ["Tala", "Lighthouse"]) await rook.waitForChat(chat);
  await choose(mira, "ban", "caseSubject", async () => {
    await mira.page.click(`label:has([name="reason"][value="0"])`);
    // Which law it is has to be named.
    await mira.page.waitFor(at("decideNext", '[aria-disabled="true"]'));
    await mira.fill("decideLaw", LAW);
  });
  await mira.page.waitFor(`text=${en.decisions.decide.proposeYes}`);
  await yes(mira);
  await reads(mira, "screenDecide", en.decisions.decide.proposed);
  await reads(mira, "decision", list.states.proposed);
  expect(await mira.page.has(at("decisionAgree"))).toBe(false);
  await toConsole(asha);
  await reads(asha, "consoleDecisions", list.waits(1));
  await rook.open("Welcome");
  await rooks.send("Nothing has changed");
  await toDecisions(mira);
  await toDecisions(asha);
  for (const words of [list.proposedBy("Mira"), LAW]) await reads(asha, "decision", words);
  await asha.click("decisionAgree");
  await asha.page.waitFor(`text=${list.agreeText}`);
  await yes(asha);
  await rook.page.waitFor(at("screenSuspended"));
  await readsWhy(rook, mine.what.ban, en.reasons.found.lured, new RegExp(law.forbids(LAW), "u"));
  await reads(rook, "statement", mine.noEnd);
  await reads(mira, "screenDecisions", list.none);
  await mira.page.click(`label:has([name="which"][value="all"])`);
  await reads(mira, "decision", list.agreedBy("Asha"));
});

test("a ban that was lifted opens everything again", async () => {
  await asha.page.click(`label:has([name="which"][value="all"])`);
  await because(asha, list.lift, list.lifting.new_facts, mine.lifted.new_facts);
  await rook.page.waitFor(at("screenChats"), 60_000);
  // They read it where they waited; it is no news any more.
  await rook.click("openSettings");
  await rook.click("settingsDecisions");
  for (const words of [mine.lifted.new_facts, mine.invites]) await reads(rook, "statement", words);
});

test("whoever is back reads which conversations they are no longer in, and comes back into each of them", async () => {
  await rook.toChats();
  const { back } = en.reasons;
  for (const words of [back.title, back.groups, "Lighthouse", back.people, "Tala", back.open, "Welcome"]) await reads(rook, "comeback", words);
  await picture(rook, "back");
  await rook.page.click(`${at("comeback")} ${at("openRoomJoin")}`);
  await rook.page.waitFor(at("composer"));
  rooks = await rook.open("Welcome");
  await rooks.send("Thank you for looking again");
  await tala.open("Welcome");
  await talas.waitFor("Thank you for looking again");
  await rook.toChats();
  await readsNo(rook, "comeback", "Welcome");
  await rook.click("comebackPerson");
  await rook.click("personWrite");
  await rook.page.waitFor(at("composer"));
  await (await rook.open("Tala")).send("I am back");
  await (await tala.open("Rook")).waitFor("I am back");
  await rook.toChats();
  await readsNo(rook, "comeback", "Tala");
  await tala.open("Lighthouse");
  await lighthouse.add(["Rook"]);
  await rook.page.waitGone(at("comeback"));
  await (await rook.open("Lighthouse")).send("Here again");
  await tala.open("Lighthouse");
  await lighthouse.waitFor("Here again");
  await tala.open("Welcome");
  await rook.open("Welcome");
});

test("a coordinator cuts somebody off from the case, together with whoever came through them", async () => {
  await toCase(asha);
  await asha.click("caseSubject");
  await asha.click("decideBranch");
  await asha.click("treeRevoke");
  await asha.page.click(`text=${en.decisions.decide.law}`);
  await asha.page.waitFor(at("treeLaw", '[aria-disabled="true"]'));
  await asha.fill("decideLaw", LAW);
  await asha.click("treeLaw");
  await asha.page.click(`text=${en.reasons.found.lured}`);
  await asha.page.click(`text=${en.reasons.choose.facts.astray}`);
  await twice(asha);
  await reads(asha, "notice", en.care.tree.done(1));
  await rook.page.waitFor(at("screenSuspended"));
  await reads(rook, "statement", mine.what.ban);
  const [newest = ""] = await rook.page.texts(at("statement"));
  for (const words of [mine.what.ban, mine.from.report, law.forbids(LAW), en.reasons.mine.topFacts.astray, en.reasons.found.lured]) expect(newest).toContain(words);
  for (const name of ["Mira", "Asha", "Tala", "Rook"]) expect(newest, "who decided, and who asked").not.toContain(name);
  await until(async () => !(await talas.members()).includes("Rook"), patience, () => "Rook is still in the room");
  // The server's no to somebody whose asking is paused stands in the browser's console.
  // What somebody was just asking when they were shut out is answered by 403, and the browser writes that down itself.
  for (const app of [asha, mira]) expect(app.page.problems).toEqual([]);
  for (const app of [tala, rook]) expect(app.page.problems.filter((line) => !line.includes("403"))).toEqual([]);
});
