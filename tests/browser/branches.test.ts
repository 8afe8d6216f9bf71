import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { headless, type Headless } from "../../client/test/headless.ts";
import { en } from "../../client/src/ui/words/en.ts";
import { patience } from "../support/browsers/page.ts";
import { puppetOf } from "../support/browsers/puppeteer.ts";
import { until } from "../support/processes.ts";
import { at, type App } from "./app.ts";
import { twice } from "./further.ts";
import { atDesk, read, reads, readsNo, toConsole, toDecisions, yes } from "./moderating.ts";
import { useWorld } from "./world.ts";

const world = useWorld();
const pictures = resolve(import.meta.dirname, "../../test-results/browser");
const said = en.care.tree;
const { list } = en.decisions;
const devices: Headless[] = [];
let asha: App;
let noor: App;
/** They brought five people each, and one. */
let rook: Headless;
let vera: Headless;
let sam: Headless;
const brought = new Map<Headless, Headless[]>();

afterAll(async () => {
  for (const device of devices) await device.end();
});

async function person(name: string, link: string): Promise<Headless> {
  const device = await headless({ origin: world.server.address });
  devices.push(device);
  await device.engine.join(link.slice(link.indexOf("#")), { name, pin: "704913", conductVersion: 1 });
  return device;
}

/** Somebody who may invite, and whom they invited. */
async function branch(name: string, below: number): Promise<Headless> {
  const top = await person(name, await asha.makeInvite("moderator"));
  const link = await top.engine.createInvite({ role: "member", uses: below, days: 1 });
  const guests: Headless[] = [];
  for (let index = 1; index <= below; index += 1) guests.push(await person(`${name}’s guest ${index}`, link));
  brought.set(top, guests);
  return top;
}

/** Two coordinators, and three branches. */
beforeAll(async () => {
  asha = await world.member("Asha", world.links.coordinator);
  noor = await world.member("Noor", await asha.makeInvite("moderator"));
  rook = await branch("Rook", 5);
  vera = await branch("Vera", 5);
  sam = await branch("Sam", 1);
  const open = asha;
  await open.joinOpenRoom("Welcome");
  for (const { engine } of [rook, vera, sam]) {
    const room = await until(async () => engine.rooms().find(({ kind }) => kind === "open") ?? null, patience, () => "no open room");
    await engine.joinOpenRoom(room.id);
    await engine.sendText(room.id, `${engine.me().name} is here`);
  }
  for (const app of [asha, noor]) await atDesk(app);
});

/** As it is at a desk and on a phone, for whoever wants to look. */
async function picture(app: App, name: string): Promise<void> {
  mkdirSync(pictures, { recursive: true });
  for (const [width, height] of [[360, 740], [1280, 800]] as const) {
    await puppetOf(app.page).setViewport({ width, height, deviceScaleFactor: 1, isMobile: true, hasTouch: true });
    await app.page.idle(300);
    await app.page.screenshot(join(pictures, `branch-${name}-${width}.png`));
  }
}

const here = ({ engine }: Headless): boolean => engine.phase() !== "suspended";

async function shutOut(people: readonly Headless[]): Promise<void> {
  await until(async () => people.every((one) => !here(one)), patience, () => `${people.filter(here).map(({ engine }) => engine.me().name).join(", ")} are still here`);
}

/** From the tree to the question that names how many people it shuts out. */
async function ask(name: string, people: number, itself = true): Promise<void> {
  await asha.toChats();
  await asha.click("openSettings");
  await asha.click("settingsInvites");
  await asha.click("inviteTree");
  const row = await asha.holding("treePerson", name);
  if (itself) await picture(asha, `${name}-tree`);
  await asha.page.click(row);
  await asha.click(itself ? "treeRevoke" : "treeRevokeBelow");
  await asha.click("treeReason");
  await asha.click("treeFinding");
  await asha.click("treeFact");
  await asha.page.waitFor(at("confirmYes"));
  await asha.page.waitFor(`text=${said.count(people)}`);
  if (itself) await picture(asha, `${name}-question`);
}

async function answerCard(press: "cutAgree" | "cutRefuse"): Promise<void> {
  await toConsole(noor);
  await reads(noor, "consoleDecisions", list.waits(1));
  await toDecisions(noor);
  await noor.click(press);
}

test("a branch of six waits for a second person, and nobody but the one on top is paused meanwhile", async () => {
  await noor.toChats();
  await ask("Rook", 6);
  await asha.page.waitFor(`text=${said.second}`);
  await twice(asha);
  await reads(asha, "notice", said.proposed);
  await picture(asha, "proposed");
  await shutOut([rook]);
  expect(brought.get(rook)?.every(here)).toBe(true);
  // It is told where they look anyway, without a visit to the tree.
  await reads(noor, "openConsole", en.cases.console.rowSecond(1));
  await picture(noor, "badge");
  await toConsole(noor);
  await reads(noor, "consoleDecisions", list.waits(1));
  await picture(noor, "console");
  await toDecisions(noor);
  for (const words of [said.count(6), said.waiting.by("Asha")]) await reads(noor, "cut", words);
  await picture(noor, "card");
  expect(brought.get(rook)?.every(here)).toBe(true);
});

test("the second person agrees, and all of them are shut out", async () => {
  await noor.click("cutAgree");
  await noor.page.waitFor(at("confirmYes"));
  await picture(noor, "agree");
  await yes(noor);
  await reads(noor, "notice", said.done(6));
  await picture(noor, "agreed");
  await shutOut([rook, ...(brought.get(rook) ?? [])]);
  await noor.page.waitGone(at("cut"));
});

test("the second person does not agree, and nobody is shut out", async () => {
  await ask("Vera", 5, false);
  // Five of another branch are shut out by one, but Asha's six are not counted: two decided them.
  await asha.page.click(at("confirmNo"));
  await ask("Vera", 6);
  await twice(asha);
  await reads(asha, "notice", said.proposed);
  await answerCard("cutRefuse");
  await reads(noor, "notice", said.waiting.refused);
  await picture(noor, "refused");
  await noor.page.waitGone(at("cut"));
  expect(brought.get(vera)?.every(here)).toBe(true);
});

test("whoever answers what has ended meanwhile reads that, and not that it grew", async () => {
  await ask("Vera", 5, false);
  await asha.page.click(at("confirmNo"));
  await ask("Vera", 6);
  await twice(asha);
  await reads(asha, "notice", said.proposed);
  await toDecisions(noor);
  await noor.page.waitFor(at("cut"));
  await noor.click("cutAgree");
  await noor.page.waitFor(at("confirmYes"));
  // Nothing tells her tab of it before she presses.
  await toDecisions(asha);
  await asha.click("cutRefuse");
  await asha.page.waitGone(at("cut"));
  await readsNo(asha, "screenDecisions", said.count(6));
  expect(await read(noor, "notice")).not.toContain(said.grew);
});

test("a branch of two is cut off by one person at once", async () => {
  await ask("Sam", 2);
  await asha.page.waitFor(`text=${said.confirmText}`);
  await twice(asha);
  await reads(asha, "notice", said.done(2));
  await shutOut([sam, ...(brought.get(sam) ?? [])]);
});
