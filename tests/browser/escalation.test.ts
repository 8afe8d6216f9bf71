import { execFile } from "node:child_process";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { beforeAll, expect, test } from "vitest";
import { en } from "../../client/src/ui/words/en.ts";
import { patience } from "../support/browsers/page.ts";
import { puppetOf } from "../support/browsers/puppeteer.ts";
import { until } from "../support/processes.ts";
import { at, type App, type Id } from "./app.ts";
import { because, decide, toCase, toStatement } from "./moderating.ts";
import type { Room } from "./room.ts";
import { useWorld } from "./world.ts";

const root = resolve(import.meta.dirname, "../..");
const world = useWorld();
const BAIT = "I know someone who pays well, write me in private";
let asha: App;
let mira: App;
let noor: App;
let tala: App;
let rook: App;
let talas: Room;

beforeAll(async () => {
  [asha, mira, noor, tala, rook] = [
    await world.member("Asha", world.links.coordinator), await world.member("Mira", world.links.moderator),
    await world.member("Noor"), await world.member("Tala"), await world.member("Rook"),
  ];
  for (const app of [asha, mira, noor, rook]) await (await app.joinOpenRoom("Welcome")).send(`${app.name} is here`);
  talas = await tala.joinOpenRoom("Welcome");
  const rooks = await rook.open("Welcome");
  await rooks.send(BAIT);
  await talas.waitFor(BAIT);
});

const texts = (app: App, id: Id): Promise<string[]> => app.page.texts(at(id));

/** Waits until the texts of what carries that testid hold the words. */
async function reads(app: App, id: Id, words: string): Promise<void> {
  const all = async (): Promise<string> => (await texts(app, id)).join("\n");
  await until(async () => (await all()).includes(words), patience, async () => `${app.name} does not read “${words}” but “${await all()}”`);
}

async function writeInCase(app: App, text: string): Promise<void> {
  await app.fill("composer", text);
  await app.click("send");
  await reads(app, "messageText", text);
}

/** On a phone, a case stands in the place of the queue: the way back leads over it. */
async function toConsole(app: App): Promise<void> {
  if (await app.page.has(at("caseTalk"))) {
    await app.click("back");
    await app.page.waitGone(at("caseTalk"));
    return;
  }
  await app.toChats();
  await app.click("openConsole");
  await app.page.waitFor(at("screenConsole"));
}

async function toDecisions(app: App): Promise<void> {
  await toConsole(app);
  await app.click("consoleDecisions");
  await app.page.waitFor(at("screenDecisions"));
}

test("a member asks in five touches, sees what is shown and to whom, and the room learns nothing", async () => {
  const key = (await talas.shown()).findLast(({ text }) => text === BAIT)?.key ?? "";
  await tala.page.longPress(at("message", `[data-message="${key}"] .bubble`));
  await tala.click("menuAsk");
  await tala.click("askNext");
  await tala.page.click(at("askConcern", '[data-concern="recruitment"]'));
  await tala.fill("askWish", "Please talk to them");
  // She came a moment ago: those who were there tell her names when their turn comes.
  for (const words of [BAIT, "Mira", "Asha", en.cases.ask.nameless]) await reads(tala, "screenAsk", words);
  await tala.click("askSend");
  await reads(tala, "questionState", en.cases.state.unclaimed);
  expect(await (await noor.open("Welcome")).texts()).not.toContain(en.cases.concerns.recruitment);
});

test("a moderator takes it, uncovers what is proven, and both talk", async () => {
  await toConsole(mira);
  await mira.click("caseItem");
  await mira.click("caseClaim");
  await reads(mira, "exhibit", en.cases.file.verified);
  expect((await texts(mira, "exhibit")).join()).not.toContain("Tala");
  expect(await mira.page.has(`text=${en.cases.console.anonymous}`)).toBe(true);
  await mira.click("exhibitTurn");
  await reads(mira, "exhibit", BAIT);
  await mira.click("caseTalk");
  await writeInCase(mira, "Are you safe at the moment?");
  await reads(tala, "questionState", en.cases.state.claimed);
  await reads(tala, "messageText", "Are you safe at the moment?");
  await reads(tala, "questionState", en.cases.stateText.answered);
  await reads(tala, "systemLine", en.system.letIn("Mira"));
  await writeInCase(tala, "Yes, thank you");
  await reads(mira, "messageText", "Yes, thank you");
});

test("moderators write notes that whoever asked never sees, and share answers that they have ready", async () => {
  const [note, answer] = ["Her phone is shared: nobody calls her", "I have read it and need an hour."];
  await mira.page.click(`text=${en.cases.file.partShown}`);
  await mira.click("noteWrite");
  await mira.fill("noteText", note);
  await mira.click("noteKeep");
  await reads(mira, "note", note);
  await toConsole(asha);
  await asha.click("caseItem");
  await reads(asha, "note", note);
  await reads(asha, "note", "Mira");
  await mira.click("caseTalk");
  await mira.click("answersOpen");
  await mira.click("answerNew");
  await mira.fill("answerTitle", "An hour");
  await mira.fill("answerText", answer);
  await mira.click("answerShare");
  await mira.click("answerSave");
  await reads(mira, "answer", answer);
  await asha.click("caseTalk");
  await asha.click("answersOpen");
  await reads(asha, "answer", answer);
  await asha.click("answerPick");
  await mira.click("answerPick");
  await mira.click("send");
  await reads(tala, "messageText", answer);
  expect((await texts(tala, "screenQuestion")).join()).not.toContain(note);
});

test("whoever did it is out of the room at once, reads why, and can object; someone else looks at it", async () => {
  const { list, mine } = en.decisions;
  await decide(mira, "remove_from_room");
  await rook.page.waitFor(at("roomRemoved"));
  await toStatement(rook);
  await reads(rook, "statement", mine.what.remove_from_room);
  await reads(rook, "statement", mine.why);
  await rook.click("statementAppeal");
  await rook.click("confirmYes");
  await reads(rook, "statement", "You objected");
  await toDecisions(mira);
  await reads(mira, "decision", list.appealMine);
  await asha.toChats();
  await reads(asha, "openConsole", en.cases.console.rowSecond(1));
  await toDecisions(asha);
  await because(asha, list.uphold, list.found.upheld.fits, `${mine.upheld} ${mine.found.fits}`);
  await until(async () => !(await texts(asha, "decision")).join().includes(list.uphold), patience, () => "the appeal stays open");
});

test("the evidence that the moderator exports is verified offline", async () => {
  const folder = await world.folder();
  const downloads = join(folder, "downloads");
  await mkdir(downloads);
  const session = await puppetOf(mira.page).createCDPSession();
  await session.send("Browser.setDownloadBehavior", { behavior: "allow", downloadPath: downloads, browserContextId: puppetOf(mira.page).browserContext().id ?? "" });
  await toCase(mira);
  await mira.page.click(`text=${en.cases.file.partShown}`);
  await mira.click("evidenceOpen");
  await mira.click("evidenceMake");
  const file = await until(async () => (await readdir(downloads)).find((name) => name.endsWith(".zip")) ?? null, patience, () => "no evidence was saved");
  const keys = join(folder, "keys.json");
  await writeFile(keys, await (await fetch(`${world.server.address}/.well-known/kindred-keys.json`)).text());
  // It needs neither the server nor what it keeps.
  const env = { ...process.env, DATA_DIR: join(folder, "nothing") };
  const verify = ["manage.py", "verify_evidence", join(downloads, file), "--keys", keys];
  const { stdout } = await promisify(execFile)(join(root, ".venv/bin/python"), verify, { cwd: root, env });
  expect(stdout).toContain("Whole. 1 messages as the server stamped them, 0 withheld.");
  expect(stdout).toContain("nobody's consent is recorded in it");
});

test("closing the case tells who asked in kind words, also where they do not look for it", async () => {
  await tala.toChats();
  await tala.page.waitGone(at("screenQuestion"));
  await toConsole(mira);
  await mira.click("caseItem");
  await mira.click("caseClose");
  await mira.page.waitFor(at("caseClosing"));
  await mira.page.click(`text=${en.cases.file.outcomes.acted}`);
  await reads(tala, "questionLine", en.cases.lineEnded);
  await mkdir(join(root, "test-results/browser"), { recursive: true });
  await tala.page.screenshot(join(root, "test-results/browser/question-ended.png"));
  await tala.click("questionLook");
  await reads(tala, "questionState", en.cases.outcomes.acted);
  await tala.toChats();
  await tala.page.waitGone(at("questionLine"));
  expect(await tala.chats()).not.toContain("Mira");
  for (const app of [asha, mira, noor, tala, rook]) expect(app.page.problems).toEqual([]);
});
