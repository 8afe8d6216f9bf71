import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { en } from "../../client/src/ui/words/en.ts";
import { patience, phone } from "../support/browsers/page.ts";
import { puppetOf } from "../support/browsers/puppeteer.ts";
import { until } from "../support/processes.ts";
import { at, type App } from "./app.ts";
import { decide, read, reads, readsNo, review, staffAndMembers, toCase, toConsole } from "./moderating.ts";
import { useWorld } from "./world.ts";

const world = useWorld();
const BAIT = "There is work on a farm, they pay your trip";
const said = en.cases.console;
const about = en.cases.about;
let asha: App;
let mira: App;
let tala: App;
let rook: App;

beforeAll(async () => {
  await mkdir(folder, { recursive: true });
  [asha, mira, tala, rook] = await staffAndMembers(world);
  const talas = await tala.joinOpenRoom("Welcome");
  const rooks = await rook.joinOpenRoom("Welcome");
  await rooks.send(BAIT);
  await review(talas, BAIT, "recruitment");
  await tala.click("askSend");
  await reads(tala, "questionState", en.cases.state.unclaimed);
});

async function says(from: App, text: string, to: App): Promise<void> {
  await from.fill("composer", text);
  await from.click("send");
  await reads(to, "messageText", text);
}

/** So much time goes by on this page, and it looks at its clock. */
const later = ({ page }: App, hours: number): Promise<void> =>
  page.eval((ms) => {
    const now = Date.now.bind(Date);
    Date.now = () => now() + ms;
    document.dispatchEvent(new Event("visibilitychange"));
  }, hours * 3_600_000);

const groups = ({ page }: App): Promise<string[]> => page.texts(`${at("screenConsole")} .queue h2`);

const folder = resolve(import.meta.dirname, "../../test-results/browser");

/** Keeps the screen as it is on a phone and at a desk, for whoever looks. */
async function pictures({ page }: App, name: string): Promise<void> {
  await page.waitGone(at("notice"));
  for (const [width, height] of [[phone.width, phone.height], [1280, 800]] as const) {
    await puppetOf(page).setViewport({ width, height, deviceScaleFactor: 1, isMobile: true, hasTouch: true });
    await page.screenshot(join(folder, `${name}-${String(width)}.png`));
  }
}

test("a question that was taken has a clock until a moderator answers, and again when whoever asked writes", async () => {
  await toCase(mira);
  await reads(mira, "caseItem", "4 h left");
  await mira.click("caseClaim");
  await reads(mira, "caseItem", "Answer within 4 h");
  // Letting it wait is no answer: its clock goes on.
  await mira.click("caseWait");
  await reads(mira, "caseWait", en.cases.file.waitOff);
  await reads(mira, "notice", en.cases.file.waitOwed);
  await pictures(mira, "waits-unanswered");
  await reads(mira, "caseItem", "Answer within 4 h");
  await mira.click("caseWait");
  await reads(mira, "caseWait", en.cases.file.wait);
  await reads(mira, "caseItem", "Answer within 4 h");
  await says(mira, "I am reading it now", tala);
  await reads(mira, "caseItem", said.answered);
  await readsNo(mira, "caseItem", "Answer within");
  await says(tala, "He wrote to my sister too", mira);
  await reads(mira, "caseItem", "Answer within 4 h");
  await toConsole(asha);
  await reads(asha, "caseItem", said.has("Mira"));
  await reads(asha, "caseItem", "Answer within 4 h");
});

test("one that a moderator is late with stands on top of theirs, and says by how much", async () => {
  expect(await groups(mira)).toEqual([said.groups.mine]);
  await later(mira, 5);
  await until(async () => (await groups(mira))[0] === said.groups.late, patience, async () => `the queue has ${(await groups(mira)).join(", ")}`);
  await reads(mira, "caseItem", "Late by 1 h");
  await pictures(mira, "late-case");
  await toConsole(mira);
  await pictures(mira, "late-queue");
  await mira.toChats();
  await reads(mira, "openConsole", said.rowLate(1));
});

test("what moderators know of somebody stands on one page, each thing a link", async () => {
  await decide(mira, "warn");
  await mira.click("decideDone");
  await mira.page.waitFor(at("exhibit"));
  await mira.click("caseAboutSubject");
  await reads(mira, "screenAboutPerson", about.title("Rook"));
  await reads(mira, "aboutCase", en.cases.concerns.recruitment);
  await reads(mira, "aboutDecision", en.decisions.kinds.warn);
  await reads(mira, "screenAboutPerson", about.askedNone);
  await pictures(mira, "about-somebody");
  await mira.click("aboutDecision");
  await reads(mira, "decision", en.decisions.kinds.warn);
  await mira.click("decisionAbout");
  await mira.click("aboutCase");
  await mira.page.waitFor(at("exhibit"));
});

test("how often whoever asked has asked is seen without their name, and beside nothing that is known under it", async () => {
  await tala.click("questionWithdraw");
  await tala.click("confirmYes");
  await reads(tala, "questionState", en.cases.outcomes.withdrawn);
  const once = about.times(1, false);
  await reads(mira, "caseAboutAsker", `${once} ${about.ended(about.outcomes.withdrawn)}`);
  await mira.click("caseAboutAsker");
  await reads(mira, "aboutAsked", once);
  await reads(mira, "screenAboutPerson", about.decidedNone);
  await reads(mira, "screenAboutPerson", about.apartAsker);
  await pictures(mira, "about-asker");
  expect(await read(mira, "screenAboutPerson")).not.toContain("Tala");
  for (const app of [asha, mira, tala, rook]) expect(app.page.problems).toEqual([]);
});
