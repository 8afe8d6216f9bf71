import { beforeAll, expect, test } from "vitest";
import { en } from "../../client/src/ui/words/en.ts";
import { at, type App } from "./app.ts";
import type { Room } from "./room.ts";
import { useWorld } from "./world.ts";

const world = useWorld();
const OFFER = "I have work for you, no papers needed";
const ANSWER = "Thank you for telling us. Are you safe?";
let asha: App;
let sol: App;
let tala: App;
let talas: Room;

beforeAll(async () => {
  asha = await world.member("Asha", world.links.coordinator);
  sol = await world.member("Sol");
  tala = await world.member("Tala");
  await (await asha.joinOpenRoom("Welcome")).send("Asha is here");
  await (await sol.joinOpenRoom("Welcome")).send("Sol is here");
  talas = await tala.joinOpenRoom("Welcome");
  await talas.send("Tala is here");
  await (await sol.open("Welcome")).send(OFFER);
});

test("a member asks about a message, without telling their name, and is told by when somebody answers", async () => {
  await talas.waitFor(OFFER);
  const key = (await talas.shown()).findLast(({ text }) => text === OFFER)?.key ?? "";
  await tala.page.longPress(at("message", `[data-message="${key}"] .bubble`));
  for (const id of ["menuAsk", "askNext"] as const) await tala.click(id);
  await tala.page.click(at("askConcern", "[data-concern=recruitment]"));
  await tala.fill("askWish", "Please talk to him");
  await tala.click("askSend");
  await tala.page.waitFor("text=Someone should answer by");
});

test("a moderator takes the question, uncovers what was shown, sees that it is proven, and answers", async () => {
  await asha.toChats();
  await asha.click("openConsole");
  await asha.click("caseItem");
  await asha.click("caseClaim");
  await asha.page.waitFor(at("exhibitTurn"));
  expect(await asha.page.has(`text=${en.cases.console.anonymous}`)).toBe(true);
  await asha.click("exhibitTurn");
  await asha.page.waitFor(`text=${OFFER}`);
  expect((await asha.page.texts(at("exhibit"))).join()).toContain(en.cases.file.verified);
  await asha.click("caseTalk");
  await asha.fill("composer", ANSWER);
  await asha.click("send");
  await tala.page.waitFor(`text=${ANSWER}`);
  await tala.page.waitFor(`text=${en.cases.state.claimed}`);
});

test("a decision tells whoever it is about what and why, and they object to it", async () => {
  await asha.page.click(`text=${en.cases.file.partShown}`);
  await asha.click("caseSubject");
  await asha.page.click("input[value=warn]");
  await asha.page.click('input[name=reason][value="1"]');
  await asha.click("decideNext");
  await asha.click("confirmYes");
  await asha.click("decideDone");
  await asha.page.waitFor(at("screenConsole"));
  await sol.toChats();
  await sol.click("openSettings");
  await sol.click("settingsDecisions");
  expect(await sol.page.text(at("statement"))).toContain(en.decisions.mine.what.warn);
  await sol.click("statementAppeal");
  await sol.click("confirmYes");
  await sol.page.waitFor("text=You objected");
});

test("whoever asked reads in kind words how it ended", async () => {
  await asha.click("caseClose");
  await asha.page.waitFor(at("caseClosing"));
  await asha.page.click(`text=${en.cases.file.outcomes.acted}`);
  await tala.page.waitFor(`text=${en.cases.outcomes.acted}`);
  for (const app of [asha, sol, tala]) expect(app.page.problems).toEqual([]);
});
