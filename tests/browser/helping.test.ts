import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { REASONS } from "../../client/src/evidence/bundle.ts";
import { unpack } from "../../client/src/evidence/container.ts";
import { utf8Text } from "../../client/src/protocol/bytes.ts";
import { testid } from "../../client/src/ui/testids.ts";
import { en } from "../../client/src/ui/words/en.ts";
import { patience } from "../support/browsers/page.ts";
import { puppetOf } from "../support/browsers/puppeteer.ts";
import { verifiedOffline } from "../support/evidence.ts";
import { until } from "../support/processes.ts";
import { at, type App } from "./app.ts";
import { decide, read, reads, readsNo, review, staffAndMembers, toCase, toConsole, yes } from "./moderating.ts";
import type { Room } from "./room.ts";
import { useWorld } from "./world.ts";

const world = useWorld();
const BAIT = "I can get you work by the sea";
const MORE = "Only bring your passport, I keep it safe for you";
const LATER = "I know the street where you live";
const SHELTER = { name: "Harbour night shelter", does: "A bed and food. They ask for no papers.", phone: "+49 30 1234567", place: "Quay Street 12", hours: "18:00 to 9:00" };
const POLICE = { to: "The police in Berlin, Inspector Wolf", what: "The two messages that were shown", why: "So that they can look for him" };
const { handOver, service } = en.helping;
let asha: App;
let mira: App;
let tala: App;
let rook: App;
let talas: Room;
let before: string[];

beforeAll(async () => {
  [asha, mira, tala, rook] = await staffAndMembers(world);
  talas = await tala.joinOpenRoom("Welcome");
  const rooks = await rook.joinOpenRoom("Welcome");
  await rooks.send(BAIT);
  await rooks.send(MORE);
  await rooks.send(LATER);
  await talas.waitFor(LATER);
  before = await rooks.texts();
  await review(talas, BAIT, "recruitment");
  await tala.click("askSend");
  await reads(tala, "questionState", en.cases.state.unclaimed);
});

async function fill(app: App, field: "serviceField" | "handOverField", values: Record<string, string>): Promise<void> {
  for (const [name, value] of Object.entries(values)) await app.page.fill(`[data-testid="${testid[field]}-${name}"]`, value);
}

/** What is said in the talk of a question reaches the other side. */
async function says(from: App, text: string, to: App): Promise<void> {
  await from.fill("composer", text);
  await from.click("send");
  await reads(to, "messageText", text);
}

test("one moderator hands a question over to another, and whoever asked goes on with them", async () => {
  await toCase(mira);
  await mira.click("caseClaim");
  await says(mira, "I have to leave soon, Asha will go on", tala);
  await toCase(asha);
  await reads(asha, "caseItem", en.cases.console.has("Mira"));
  await mira.click("caseHand");
  await mira.page.waitFor(at("caseHanding"));
  await mira.page.click(`${at("caseHanding")} button[data-first]`);
  await mira.page.waitGone(at("caseHanding"));
  await reads(mira, "caseItem", en.cases.console.has("Asha"));
  expect(await mira.page.has(at("caseHand"))).toBe(false);
  await reads(asha, "caseItem", en.cases.console.mine);
  await says(asha, "Hello, I am Asha and have it now", tala);
  expect(await read(tala, "questionState")).toContain(en.cases.state.claimed);
  await says(tala, "Good, thank you both", asha);
  for (const app of [asha, mira]) {
    await reads(app, "messageText", "Good, thank you both");
    expect(await read(app, "screenConsole"), "she asked without her name").not.toContain("Tala");
  }
  await readsNo(asha, "caseItem", en.cases.mine.unread(1));
});

/** In the question that she looks at. */
async function showMore(text: string): Promise<void> {
  await tala.click("questionMore");
  await tala.page.click(at("chatItem"));
  await tala.page.click(`text=${text}`);
  await tala.page.waitFor(at("askMessage", '[aria-checked="true"]'));
  await reads(tala, "askNext", en.cases.ask.add);
  await tala.click("askNext");
  await tala.page.waitFor(at("questionState"));
}

test("whoever asked shows more, and the moderator sees what is new and that it is proven", async () => {
  await showMore(MORE);
  // One step back leads out of the question.
  await until(() => tala.page.eval(() => (history.state as { depth: number }).depth === 2), patience, () => "the question lies over itself");
  await until(async () => (await asha.page.texts(at("exhibit"))).length === 2, patience, async () => `Asha does not see what was added: ${await read(asha, "exhibit")}`);
  await asha.page.click(`${at("exhibit")}:has(${at("exhibitTurn", ".veiled")}) ${at("exhibitTurn")}`);
  await asha.page.click(`${at("exhibit")}:has(${at("exhibitTurn", ".veiled")}) ${at("exhibitTurn")}`);
  const shown = await read(asha, "exhibit");
  for (const words of [BAIT, MORE]) expect(shown).toContain(words);
  expect(shown.split(en.cases.file.verified)).toHaveLength(3);
  expect(shown).not.toContain("Tala");
});

test("a service is offered as a card, to call or to copy; the moderator has it ready the next time", async () => {
  await asha.click("serviceOpen");
  await asha.click("serviceSend");
  await reads(asha, "service", service.none);
  await fill(asha, "serviceField", { ...SHELTER, does: "" });
  await asha.click("serviceSend");
  await reads(asha, "service", service.none);
  await fill(asha, "serviceField", { does: SHELTER.does });
  await asha.click("serviceSend");
  await asha.page.waitGone(at("service"));
  await reads(tala, "serviceCard", SHELTER.name);
  for (const words of [SHELTER.does, SHELTER.place, SHELTER.hours, service.trace]) expect(await read(tala, "serviceCard")).toContain(words);
  expect(await tala.page.eval((card) => document.querySelector(`${card} a`)?.getAttribute("href"), at("serviceCard"))).toBe("tel:+49301234567");
  await puppetOf(tala.page).browserContext().overridePermissions(world.server.address, ["clipboard-read", "clipboard-write", "clipboard-sanitized-write"]);
  await tala.front();
  await tala.click("serviceCopy");
  await reads(tala, "notice", service.copied);
  expect(await tala.page.eval(() => navigator.clipboard.readText())).toBe(Object.values(SHELTER).join("\n"));
  await asha.click("serviceOpen");
  await reads(asha, "serviceBefore", SHELTER.name);
  await asha.click("serviceBefore");
  expect(await asha.page.text(`[data-testid="${testid.serviceField}-phone"]`)).toBe(SHELTER.phone);
  await asha.page.press("Escape");
  await asha.page.waitGone(at("service"));
});

test("a second moderator who does not agree ends a hand-over, and whoever proposed one takes it back", async () => {
  const ask = async (to: string): Promise<void> => {
    await asha.click("handOverOpen");
    await fill(asha, "handOverField", { ...POLICE, to });
    await asha.click("handOverSend");
    await asha.page.waitGone(at("handOver"));
    await reads(tala, "referral", handOver.ask(to));
  };
  await ask("The newspaper");
  await reads(mira, "referral", handOver.states.second);
  expect(await asha.page.has(at("referralRefuse"))).toBe(false);
  await mira.click("referralRefuse");
  await yes(mira);
  await reads(asha, "referral", handOver.states.refused("Mira"));
  await reads(mira, "referral", handOver.states.refused(en.common.you));
  await reads(tala, "referral", handOver.mine.off);
  await ask("A friend of mine");
  await asha.click("referralBack");
  await yes(asha);
  await reads(asha, "referral", handOver.states.back(en.common.you));
  await reads(mira, "referral", handOver.states.back("Asha"));
  await tala.page.waitGone(at("referralYes"));
  for (const app of [asha, mira]) for (const id of ["referralAgree", "referralRefuse", "referralBack"] as const) expect(await app.page.has(at(id))).toBe(false);
});

test("an agency gets nothing before whoever asked says yes in their question and a second moderator agrees", async () => {
  await asha.click("handOverOpen");
  await fill(asha, "handOverField", POLICE);
  await asha.click("handOverSend");
  await asha.page.waitGone(at("handOver"));
  await reads(tala, "referral", handOver.ask(POLICE.to));
  for (const words of [POLICE.what, POLICE.why, handOver.askText]) expect(await read(tala, "referral")).toContain(words);
  await reads(mira, "referral", handOver.states.asked);
  await reads(mira, "referral", handOver.states.second);
  await tala.click("referralNo");
  await reads(tala, "referral", handOver.mine.no);
  await reads(mira, "referral", handOver.states.no);
  await mira.page.waitGone(at("referralAgree"));
  // What was answered is shown a moment before the next answer is taken.
  await tala.page.waitFor(at("referralYes", ':not([aria-disabled="true"])'));
  await tala.click("referralYes");
  await reads(tala, "referral", handOver.mine.yes);
  await reads(asha, "referral", `${handOver.states.yes} ${handOver.states.second}`);
  for (const id of ["referralAgree", "referralMake"] as const) expect(await asha.page.has(at(id))).toBe(false);
  await mira.click("referralAgree");
  await yes(mira);
  await reads(asha, "referral", handOver.states.agreed("Mira"));
  await reads(mira, "referral", handOver.states.agreed(en.common.you));
});

test("the file is made for them, whoever asked reads when, and can take their yes back", async () => {
  const downloads = join(await world.folder(), "downloads");
  await mkdir(downloads);
  const puppet = puppetOf(asha.page);
  const session = await puppet.createCDPSession();
  await session.send("Browser.setDownloadBehavior", { behavior: "allow", downloadPath: downloads, browserContextId: puppet.browserContext().id ?? "" });
  // What she shows in trust after her yes is not what she said yes to.
  await showMore(LATER);
  await until(async () => (await asha.page.texts(at("exhibit"))).length === 3, patience, async () => `Asha does not see what was added: ${await read(asha, "exhibit")}`);
  await asha.click("referralMake");
  await reads(asha, "evidence", handOver.sealText(POLICE.to));
  await reads(asha, "evidence", en.evidence.later(1));
  for (const words of [POLICE.what, POLICE.why]) expect(await read(asha, "evidence")).toContain(words);
  await asha.page.click(`${at("evidenceEach")} summary`);
  for (const words of [BAIT, MORE]) expect(await read(asha, "evidence"), "covered until she wants to read it").not.toContain(words);
  await asha.click("evidenceWords");
  for (const words of [BAIT, MORE]) await reads(asha, "evidence", words);
  expect(await read(asha, "evidence")).not.toContain(LATER);
  await asha.page.click(`${at("evidenceMessage")}:last-child`);
  await reads(asha, "evidence", en.evidence.some(1, 2));
  await asha.click("evidenceMake");
  const file = await until(async () => (await readdir(downloads)).find((name) => name.endsWith(".zip")) ?? null, patience, () => "no file was made");
  const zip = new Uint8Array(await readFile(join(downloads, file)));
  expect(await verifiedOffline(world.server.address, zip)).toContain("Whole. 1 messages as the server stamped them, 1 withheld.");
  expect(utf8Text(unpack(zip).get("index.html") ?? new Uint8Array())).toContain(REASONS.left_out);
  await reads(tala, "referral", "It was handed over");
  await reads(asha, "referral", "Handed over");
  await tala.click("referralNo");
  await reads(tala, "referral", handOver.mine.over);
  await reads(tala, "notice", handOver.overDone);
  await reads(asha, "referral", handOver.states.over);
  await asha.page.waitGone(at("referralMake"));
});

test("whoever asked takes it back, and the moderators stop", async () => {
  await tala.click("questionWithdraw");
  await tala.page.waitFor(`text=${en.cases.mine.withdrawText}`);
  await yes(tala);
  await reads(tala, "questionState", en.cases.outcomes.withdrawn);
  for (const app of [asha, mira]) {
    await app.page.waitGone(at("caseClose"));
    await app.page.waitGone(at("evidenceOpen"));
    if (app === asha) await app.page.waitFor(`text=${en.evidence.withdrawn}`);
    await toConsole(app);
    await reads(app, "screenConsole", en.cases.console.noneText);
    await app.page.click(`label:has([name="which"][value="closed"])`);
    await reads(app, "caseItem", en.cases.short.recruitment);
  }
  await tala.page.waitFor(`text=${en.cases.mine.closedTalk}`);
});

test("the people in the chat have learnt nothing of all that", async () => {
  const rooks = await rook.open("Welcome");
  expect(await rooks.texts()).toEqual(before);
  expect(await rook.chats()).toEqual(["Welcome"]);
  expect(await rook.page.has(at("decisionLine"))).toBe(false);
  expect(await tala.chats()).toEqual(["Welcome"]);
  await readsNo(tala, "screenChats", POLICE.to);
  for (const app of [asha, mira, tala, rook]) expect(app.page.problems).toEqual([]);
});

test("what somebody sent and deleted again can be asked about, and a moderator reads it proven", async () => {
  const LURE = "Come alone, and tell nobody";
  await tala.open("Welcome");
  const rooks = await rook.open("Welcome");
  await rooks.send(LURE);
  await talas.waitFor(LURE);
  await rooks.remove(LURE);
  await talas.waitFor(en.message.deleted);
  await review(talas, en.message.deleted, "danger");
  for (const words of [LURE, en.cases.ask.removed]) await reads(tala, "screenAsk", words);
  await tala.click("askSend");
  await reads(tala, "questionState", en.cases.state.unclaimed);
  await asha.page.click(`label:has([name="which"][value="open"])`);
  await toCase(asha);
  await asha.click("exhibitTurn");
  await reads(asha, "exhibit", LURE);
  await reads(asha, "exhibit", en.cases.file.takenBack);
  await until(async () => (await read(asha, "exhibit")).split(en.cases.file.verified).length === 3, patience, async () => `It is not proven: ${await read(asha, "exhibit")}`);
  await tala.click("questionMore");
  await tala.page.click(at("chatItem"));
  await reads(tala, "showMoreMessage", en.message.deleted);
  expect(await read(tala, "screenShowMore")).not.toContain(LURE);
  await tala.click("back");
  await tala.click("back");
  await tala.click("questionWithdraw");
  await yes(tala);
  await reads(tala, "questionState", en.cases.outcomes.withdrawn);
  await toConsole(asha);
});

test("while their access is paused whoever asked still has their question, and takes it back", async () => {
  await review(talas, MORE, "recruitment");
  await tala.click("askSend");
  await reads(tala, "questionState", en.cases.state.unclaimed);
  await mira.page.click(`label:has([name="which"][value="open"])`);
  await decide(mira, "suspend", "caseAsker");
  await tala.page.waitFor(at("screenSuspended"));
  await tala.click("settingsQuestions");
  await tala.page.click(`${at("question")}:first-child`);
  await reads(tala, "questionState", en.cases.state.unclaimed);
  expect(await tala.page.has(at("questionMore"))).toBe(false);
  await tala.click("questionWithdraw");
  await yes(tala);
  await reads(tala, "questionState", en.cases.outcomes.withdrawn);
  await toConsole(mira);
  await reads(mira, "screenConsole", en.cases.console.noneText);
  expect(mira.page.problems).toEqual([]);
});
