import { afterAll, beforeAll, expect, test } from "vitest";
import { testid } from "../../client/src/ui/testids.ts";
import { en } from "../../client/src/ui/words/en.ts";
import { type App, at, type Id } from "../browser/app.ts";
import { World } from "../browser/world.ts";
import { puppetOf } from "../support/browsers/puppeteer.ts";

const rounds = 5;
const patience = 60_000;
const said = "I know someone who pays well, write me in private";
const figures: Record<string, number> = {};
// So many questions in so short a time are more than a person asks.
const world = new World({ settings: { RATE_SCALE: "100" } });
let asker: App;
let moderator: App;

beforeAll(async () => {
  await world.start();
  const writer = await world.member("Rook");
  moderator = await world.member("Mira", world.links.coordinator);
  asker = await world.member("Tala");
  const rooms = [await writer.joinOpenRoom("Welcome"), await moderator.joinOpenRoom("Welcome"), await asker.joinOpenRoom("Welcome")];
  await rooms[0]?.send(said);
  await rooms[2]?.waitFor(said);
  await moderator.toChats();
  await moderator.click("openConsole");
  await moderator.page.waitFor(at("screenConsole"));
});

afterAll(async () => {
  await world.end();
  console.log(JSON.stringify(figures));
});

test.each([1, 4])("from asking to the moderator's screen, on processors %i times slower", async (slowdown) => {
  for (const { page } of [asker, moderator]) await puppetOf(page).emulateCPUThrottling(slowdown);
  const times = { press_to_queue: [] as number[], opening_to_verified: [] as number[], claim_to_having_it: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    await prepare();
    const known = await listed();
    times.press_to_queue.push(await between([asker, "askSend"], [moderator, "caseItem"], { known }));
    const fresh = (await listed()).find((one) => !known.includes(one)) ?? "";
    // Moderators read before they take it, so this begins with opening what has just come.
    times.opening_to_verified.push(await between([moderator, "caseItem"], [moderator, "exhibit"], { which: `[data-case="${fresh}"]`, words: en.cases.file.verified }));
    times.claim_to_having_it.push(await between([moderator, "caseClaim"], [moderator, "caseHand"]));
    await finish();
  }
  for (const [what, all] of Object.entries(times)) {
    all.sort((one, other) => one - other);
    figures[`ms_${what}_median_x${slowdown}`] = Math.round(all[Math.floor(all.length / 2)] ?? NaN);
    figures[`ms_${what}_worst_x${slowdown}`] = Math.round(all.at(-1) ?? NaN);
  }
});

/** The questions that stand in the moderator's queue. */
function listed(): Promise<string[]> {
  return moderator.page.eval((id) => [...document.querySelectorAll<HTMLElement>(`[data-testid="${id}"]`)].map(({ dataset }) => dataset["case"] ?? ""), testid.caseItem);
}

/** The asker stands before the button that sends. */
async function prepare(): Promise<void> {
  const room = await asker.open("Welcome");
  await room.waitFor(said);
  await asker.page.longPress(`${at("message", ":not(.mine)")} .bubble`);
  await asker.click("menuAsk");
  await asker.click("askNext");
  await asker.page.click(at("askConcern", '[data-concern="recruitment"]'));
  await asker.page.waitFor(at("askSend", ':not([aria-disabled="true"])'));
}

/** The question is closed, and the moderator back at the queue. */
async function finish(): Promise<void> {
  await moderator.click("caseClose");
  await moderator.page.click(`text=${en.cases.file.outcomes.nothing_found}`);
  await moderator.page.waitGone(at("caseHand"));
  await moderator.page.click(`.file ${at("back")}`);
  await moderator.page.waitGone(at("caseTalk"));
}

/** From one person's press of something to when something else stands in another's page, ms. Both clocks are this machine's. */
async function between([one, press]: [App, Id], [other, shows]: [App, Id], { which = "", words = "", known = [] as readonly string[] } = {}): Promise<number> {
  await one.page.eval(watchPress, testid[press]);
  await other.page.eval(watchFor, testid[shows], words, known);
  await one.page.click(at(press, which));
  await other.page.waitFor(() => (window as unknown as Watched).seen !== null, patience);
  const [pressed, seen] = [await one.page.eval(() => (window as unknown as Watched).pressed), await other.page.eval(() => (window as unknown as Watched).seen)];
  if (pressed === null || seen === null) throw new Error(`nobody pressed ${press}, or ${shows} did not come`);
  expect(seen).toBeGreaterThan(pressed);
  return seen - pressed;
}

interface Watched {
  pressed: number | null;
  seen: number | null;
}

/** Runs inside the page: notes when that is pressed next, ms since 1970. */
function watchPress(id: string): void {
  const page = window as unknown as Watched;
  page.pressed = null;
  const heard = (event: Event): void => {
    if (!(event.target as Element).closest(`[data-testid="${id}"]`)) return;
    removeEventListener("click", heard, true);
    page.pressed = performance.timeOrigin + event.timeStamp;
  };
  addEventListener("click", heard, true);
}

/** Runs inside the page: notes when such an element with these words, of none of these cases, can be seen. */
function watchFor(id: string, words: string, known: readonly string[]): void {
  const page = window as unknown as Watched;
  page.seen = null;
  const look = (): void => {
    const found = [...document.querySelectorAll<HTMLElement>(`[data-testid="${id}"]`)].some(
      (node) => node.checkVisibility({ visibilityProperty: true }) && (node.textContent ?? "").includes(words) && !known.includes(node.dataset["case"] ?? ""),
    );
    if (!found) return;
    watch.disconnect();
    page.seen = performance.timeOrigin + performance.now();
  };
  const watch = new MutationObserver(look);
  watch.observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
  look();
}
