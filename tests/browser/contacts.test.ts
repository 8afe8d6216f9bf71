import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { testid } from "../../client/src/ui/testids.ts";
import { en } from "../../client/src/ui/words/en.ts";
import { patience } from "../support/browsers/page.ts";
import { until } from "../support/processes.ts";
import { at, type App } from "./app.ts";
import { decide, read, reads, review, staffAndMembers, toCase, toConsole, yes } from "./moderating.ts";
import type { Room } from "./room.ts";
import { useWorld } from "./world.ts";

const pictures = resolve(import.meta.dirname, "../../test-results/contacts");
const world = useWorld({ wire: true });
const THREAT = "I know where you live";
const NIGHT_LINE = "Night line of Harbour House";
let asha: App;
let mira: App;
let tala: App;
let rook: App;
let talas: Room;

beforeAll(async () => {
  mkdirSync(pictures, { recursive: true });
  [asha, mira, tala, rook] = await staffAndMembers(world);
  talas = await tala.joinOpenRoom("Welcome");
  await (await rook.joinOpenRoom("Welcome")).send(THREAT);
  await talas.waitFor(THREAT);
});

/** Keeps what somebody sees, for whoever wants to look at it. */
const picture = (app: App, name: string): Promise<void> => app.page.screenshot(join(pictures, `${name}.png`));

async function add(app: App, contact: { name: string; way: "tel" | "sms" | "web"; to: string; line: string }): Promise<void> {
  await app.click("contactAdd");
  await app.fill("contactName", contact.name);
  await app.page.click(`label:has([name="way"][value="${contact.way}"])`);
  await app.fill("contactTo", contact.to);
  await app.fill("contactLine", contact.line);
}

async function save(app: App): Promise<void> {
  await app.click("contactSave");
  await app.page.waitGone(at("contactSave"));
}

/** Where each of the network's contacts leads, as it stands on the screen; null is a page, which asks first. */
const leads = (app: App): Promise<(string | null)[]> =>
  app.page.eval((id) => [...document.querySelectorAll(`[data-testid="${id}"]`)].map((one) => one.getAttribute("href")), testid.emergencyContact);

/** What stands on the screen above the numbers, but for the bar and what only readers hear. */
const above = (app: App): Promise<string[]> =>
  app.page.eval((id) => {
    const card = document.querySelector(`[data-testid="${id}"]`);
    const before = [...(card?.closest("[data-testid^='screen-']")?.querySelectorAll<HTMLElement>("h2, p, li, label, button") ?? [])];
    return before.filter((one) => card && one.compareDocumentPosition(card) & Node.DOCUMENT_POSITION_FOLLOWING && !one.closest(".bar, .seen-by-readers") && one.checkVisibility()).map((one) => one.innerText);
  }, testid.emergency);

test("a coordinator says whom to call, and what leads nowhere is not taken", async () => {
  await toConsole(asha);
  await asha.click("consoleContacts");
  await reads(asha, "screenContacts", en.contacts.none);
  await add(asha, { name: "Write to a counsellor", way: "web", to: "chat.harbour.example/now", line: "" });
  await save(asha);
  await add(asha, { name: NIGHT_LINE, way: "tel", to: "*#06#", line: "20:00 to 6:00, English and Romanian" });
  await asha.click("contactSave");
  await asha.page.waitFor(`text=${en.contacts.lacks.number}`);
  await picture(asha, "coordinator-form-1280");
  await asha.fill("contactTo", "0800 123 45 67");
  await save(asha);
  await reads(asha, "contact", "0800 123 45 67");
  await asha.click("contactFirst");
  await until(async () => (await asha.page.texts(at("contact")))[0]?.includes(NIGHT_LINE), patience, async () => `the order is ${await read(asha, "contact")}`);
  await picture(asha, "coordinator-1280");
});

test("moderators do not set them", async () => {
  await toConsole(mira);
  expect(await mira.page.has(at("consoleContacts"))).toBe(false);
});

test("somebody who asks for help now reads them first, and nothing opens by itself", async () => {
  // What was set while she was connected comes with the next connection.
  await tala.reload();
  await review(talas, THREAT, "threats");
  expect(await tala.page.has(at("emergency"))).toBe(false);
  await tala.page.click('label:has([name="urgency"][value="now"])');
  await reads(tala, "emergency", NIGHT_LINE);
  expect(await above(tala)).toEqual([]);
  expect(await read(tala, "emergency")).toMatch(/112|999|911/u);
  expect(await leads(tala)).toEqual(["tel:08001234567", null]);
  await picture(tala, "asking-now-360");
  expect(await tala.page.url()).toBe(`${world.server.address}/`);
  // A hurried second touch would open nothing.
  await tala.page.idle(600);
  await tala.page.click(at("emergencyContact", ":not([href])"));
  await tala.page.waitFor(at("linkOpen"));
  expect(await tala.page.eval((id) => document.querySelector(`[data-testid="${id}"]`)?.getAttribute("href"), testid.linkOpen)).toBe("https://chat.harbour.example/now");
  await tala.click("confirmNo");
  await tala.page.waitGone(at("linkOpen"));
  await tala.click("askSend");
  await reads(tala, "questionState", en.cases.state.unclaimed);
  await reads(tala, "emergency", NIGHT_LINE);
  expect(await above(tala)).toEqual([]);
  await picture(tala, "question-now-360");
});

test("once a moderator has it they fold to one line, with room for the talk", async () => {
  await toCase(mira);
  await mira.click("caseClaim");
  await reads(tala, "questionState", en.cases.state.claimed);
  await tala.toChats();
  await tala.click("openSettings");
  await tala.click("settingsQuestions");
  await tala.click("question");
  await tala.page.waitFor(at("emergencyCall"));
  expect(await tala.page.has(at("emergencyContact"))).toBe(false);
  await picture(tala, "question-claimed-360");
  await tala.click("emergencyMore");
  await reads(tala, "emergency", NIGHT_LINE);
  await picture(tala, "question-claimed-open-360");
});

test("somebody whose access is paused has them too, as they are now", async () => {
  await decide(mira, "suspend");
  await rook.page.waitFor(at("screenSuspended"));
  await asha.page.click(at("contactChange"));
  await asha.fill("contactName", "Day and night line");
  await save(asha);
  await rook.page.reload();
  await rook.page.waitFor(at("screenUnlock"));
  await rook.tapPin(rook.pin);
  await rook.page.waitFor(at("screenSuspended"));
  await rook.click("emergencyMore");
  await reads(rook, "emergency", "Day and night line");
  await picture(rook, "suspended-360");
});

test("they are there without a connection, also after the phone was locked", async () => {
  await tala.page.waitFor(() => navigator.serviceWorker.controller !== null);
  world.server.wire?.cut();
  await tala.reload();
  await tala.page.waitFor(at("connectionLine"));
  await review(talas, THREAT, "danger");
  await reads(tala, "emergency", NIGHT_LINE);
  expect(await above(tala)).toEqual([]);
  expect(await leads(tala)).toEqual(["tel:08001234567", null]);
  await picture(tala, "asking-offline-360");
  await tala.click("askSend");
  await reads(tala, "questionState", en.cases.state.sending);
  await reads(tala, "emergency", NIGHT_LINE);
  world.server.wire?.mend();
  await reads(tala, "questionState", en.cases.state.unclaimed);
});

test("everybody finds them in the settings, without asking anybody anything", async () => {
  await tala.toChats();
  await tala.click("openSettings");
  await tala.click("settingsHelpNow");
  await reads(tala, "screenHelpNow", "Day and night line");
  await tala.page.waitFor(at("emergencyCall"));
  await picture(tala, "settings-360");
});

test("one is taken off the list after a question, and the log says that something changed and not what", async () => {
  await asha.page.click(at("contactChange"));
  await asha.click("contactRemove");
  await yes(asha);
  await until(async () => !(await read(asha, "screenContacts")).includes("Day and night line"), patience, () => "it is still there");
  await toConsole(asha);
  await asha.click("consoleOpenness");
  await asha.click("opennessLog");
  await reads(asha, "auditEntry", en.openness.actions["contacts_set"] ?? "");
  expect(await read(asha, "auditEntry")).not.toContain("line");
  for (const app of [asha, mira, tala, rook]) expect(app.page.problems.filter((line) => !/ERR_|WebSocket|Failed to load/u.test(line))).toEqual([]);
});
