import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { en } from "../../client/src/ui/words/en.ts";
import { puppetOf } from "../support/browsers/puppeteer.ts";
import { at, type App } from "./app.ts";
import { read, reads, review, toConsole, yes } from "./moderating.ts";
import { useWorld } from "./world.ts";

const pictures = resolve(import.meta.dirname, "../../test-results/browser");
const world = useWorld();
const { appointments, cases } = en;
const BAIT = "I know someone who pays well, write me in private";
let asha: App;
let mira: App;
let tala: App;

/** Nobody has confirmed Mira, whom the start of the server made a moderator. */
beforeAll(async () => {
  tala = await world.member("Tala");
  mira = await world.visitor("Mira", world.links.moderator);
  await mira.join();
  await (await mira.joinOpenRoom("Welcome")).send(BAIT);
});

async function picture(app: App, name: string): Promise<void> {
  mkdirSync(pictures, { recursive: true });
  await puppetOf(app.page).setViewport({ width: 360, height: 740, isMobile: true, hasTouch: true });
  await app.page.screenshot(join(pictures, `confirming-${name}-360.png`));
}

test("whoever asks while no coordinator has confirmed anybody reads that it waits, before they send and after", async () => {
  const room = await tala.joinOpenRoom("Welcome");
  const rook = await world.member("Rook");
  await (await rook.joinOpenRoom("Welcome")).send("Come to the back door tonight");
  await review(room, "Come to the back door tonight", "recruitment");
  await tala.page.waitFor(`text=${cases.ask.toNobodyYet.slice(0, 60)}`);
  await picture(tala, "asking");
  await tala.click("askSend");
  await reads(tala, "questionState", cases.stateText.unreadable);
  await picture(tala, "waits");
});

test("a moderator whom no coordinator has confirmed reads so, with numbers to be known by, and opens nothing", async () => {
  await toConsole(mira);
  await reads(mira, "staffWaiting", appointments.waitingTitle);
  await mira.page.waitFor(at("caseItem"));
  await mira.click("caseItem");
  expect(await mira.page.has(at("exhibit"))).toBe(false);
  await mira.click("back");
  await picture(mira, "not-confirmed");
});

test("the coordinator is told over the chats, compares numbers and confirms; then the question that waited is read", async () => {
  asha = await world.visitor("Asha", world.links.coordinator);
  await asha.join();
  await asha.joinOpenRoom("Welcome");
  await asha.toChats();
  await reads(asha, "staffLine", appointments.line("Mira", "moderator"));
  await picture(asha, "line");
  await asha.click("staffLineLook");
  await asha.page.waitFor(at("unconfirmed"));
  expect(await read(asha, "unconfirmedNumber")).toBe(await read(mira, "staffOwnNumber"));
  await picture(asha, "card");
  await asha.click("unconfirmedYes");
  await yes(asha);
  await asha.page.waitGone(at("unconfirmed"));
  await mira.page.waitGone(at("staffWaiting"));
  await reads(tala, "questionState", cases.state.unclaimed);
  await mira.click("caseItem");
  await mira.page.waitFor(at("exhibit"));
});

test("what the operator does by a command is told to the coordinator once, and stays in the log", async () => {
  await world.server.manage("make_invite", "--role", "moderator");
  await asha.reload();
  await reads(asha, "staffLine", appointments.lineActs(1));
  await asha.click("staffLineLook");
  await reads(asha, "operatorActs", en.openness.actions["invite_made"] ?? "");
  await picture(asha, "acts");
  await asha.click("operatorActsRead");
  await asha.page.waitGone(at("operatorActs"));
});

test("whom the coordinator does not agree to is a member again", async () => {
  const link = await world.server.manage("make_invite", "--role", "moderator");
  const spy = await world.visitor("Spy", link.trim());
  await spy.join();
  await asha.toChats();
  await asha.click("openConsole");
  await asha.page.waitFor(at("unconfirmed"));
  await asha.click("unconfirmedNo");
  await yes(asha);
  await asha.page.waitGone(at("unconfirmed"));
  await spy.page.waitGone(at("openConsole"));
});
