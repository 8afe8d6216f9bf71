import type { Concern, DecisionKind } from "../../client/src/contract/index.ts";
import { en } from "../../client/src/ui/words/en.ts";
import { testid } from "../../client/src/ui/testids.ts";
import { patience } from "../support/browsers/page.ts";
import { puppetOf } from "../support/browsers/puppeteer.ts";
import { until } from "../support/processes.ts";
import { at, type App, type Id } from "./app.ts";
import type { Room } from "./room.ts";
import type { World } from "./world.ts";

/** What is visible of everything that carries this testid, in one text. */
export const read = async (app: App, id: Id): Promise<string> => (await app.page.texts(at(id))).join("\n");

/** Waits until it holds the words. */
export async function reads(app: App, id: Id, words: string): Promise<void> {
  await until(async () => (await read(app, id)).includes(words), patience, async () => `${app.name} does not read “${words}” but “${await read(app, id)}”`);
}

/** Waits until it does not hold the words. */
export async function readsNo(app: App, id: Id, words: string): Promise<void> {
  await until(async () => !(await read(app, id)).includes(words), patience, async () => `${app.name} still reads “${words}” in “${await read(app, id)}”`);
}

/** Says yes to the question that lies over the screen. */
export async function yes(app: App): Promise<void> {
  await app.click("confirmYes");
  await app.page.waitGone(at("confirmYes"));
}

/** Presses what ends a decision or answers an objection, chooses why, and says yes to the words that its subject will read. */
export async function because(app: App, press: string, reason: string, reads: string): Promise<void> {
  await app.page.click(`text=${press}`);
  await app.page.waitFor(at("decisionReason"));
  await app.page.click(`text=${reason}`);
  await app.page.waitFor(`text=${en.decisions.list.willRead(reads)}`);
  await yes(app);
}

/** At a desk: as wide as a laptop. */
export async function atDesk(app: App): Promise<void> {
  await puppetOf(app.page).setViewport({ width: 1280, height: 800, deviceScaleFactor: 1, isMobile: true, hasTouch: true });
}

/** Asha, a coordinator, and Mira, a moderator, at desks and in the open room; Tala and Rook, members, on phones. */
export async function staffAndMembers(world: World): Promise<[asha: App, mira: App, tala: App, rook: App]> {
  const [asha, mira] = [await world.member("Asha", world.links.coordinator), await world.member("Mira", world.links.moderator)];
  const [tala, rook] = [await world.member("Tala"), await world.member("Rook")];
  for (const app of [asha, mira]) {
    await (await app.joinOpenRoom("Welcome")).send(`${app.name} is here`);
    await atDesk(app);
  }
  return [asha, mira, tala, rook];
}

/** Shows the moderators the newest message of this text, up to the last press. `more` is done while messages are chosen. */
export async function review(room: Room, text: string, concern: Concern, more = async (): Promise<void> => undefined): Promise<void> {
  const { app } = room;
  await app.open(room.title);
  await room.waitFor(text);
  const key = (await room.shown()).findLast((line) => line.text === text)?.key ?? "";
  await app.page.longPress(at("message", `[data-message="${key}"] .bubble`));
  await app.click("menuAsk");
  await more();
  await app.click("askNext");
  await app.page.click(at("askConcern", `[data-concern="${concern}"]`));
  // It is known who would see it.
  await app.page.waitFor(at("askSend", '[aria-disabled="false"]'));
}

/** The moderators' questions, as a list. At a desk it stands beside whatever is open of them. */
export async function toConsole(app: App): Promise<void> {
  const [here = "", question] = (await app.place()).split(" ");
  if (here !== testid.screenConsole) {
    await app.toChats();
    await app.click("openConsole");
  } else if (question) await app.click("back");
  await app.page.waitFor(at("screenConsole", ":not([data-case])"));
  // What lies below the list moves as long as it is not there.
  await app.page.waitFor(at("consoleDecisions"));
}

/** The one question that is open. */
export async function toCase(app: App): Promise<void> {
  await toConsole(app);
  await app.click("caseItem");
  await app.page.waitFor(at("exhibit"));
}

export async function toDecisions(app: App): Promise<void> {
  await toConsole(app);
  await app.click("consoleDecisions");
  await app.page.waitFor(at("screenDecisions"));
}

/** From a case to what happens with somebody, for the first reason of the code of conduct. It ends before the last press; `more` is done before that. */
export async function choose(app: App, kind: DecisionKind, about: "caseSubject" | "caseAsker" = "caseSubject", more = async (): Promise<void> => undefined): Promise<void> {
  await toCase(app);
  await app.click(about);
  await app.page.click(`label:has([name="kind"][value="${kind}"])`);
  await app.page.click(`label:has([name="reason"][value="1"])`);
  await more();
  await app.page.waitFor(at("decideNext", '[aria-disabled="false"]'));
  await app.click("decideNext");
}

/** The same to its end; what was made is on the screen. */
export async function decide(app: App, kind: DecisionKind, about: "caseSubject" | "caseAsker" = "caseSubject"): Promise<void> {
  await choose(app, kind, about);
  await yes(app);
  await app.page.waitFor(at("decision"));
}

/** What was decided about a person, as they read it: from the line over their chats, which is gone afterwards. */
export async function toStatement(app: App): Promise<void> {
  await app.toChats();
  await app.page.waitFor(at("decisionLine"));
  await app.click("decisionLook");
  await app.page.waitFor(at("statement"));
}
