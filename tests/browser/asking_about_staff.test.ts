import { beforeAll, expect, test } from "vitest";
import { en } from "../../client/src/ui/words/en.ts";
import { at, type App } from "./app.ts";
import { read, reads, review, toConsole, yes } from "./moderating.ts";
import type { Room } from "./room.ts";
import { useWorld } from "./world.ts";

const world = useWorld();
const BAIT = "You owe me, so do as I say";
let asha: App;
let mira: App;
let tala: App;
let talas: Room;

beforeAll(async () => {
  [asha, mira, tala] = [await world.member("Asha", world.links.coordinator), await world.member("Mira", world.links.moderator), await world.member("Tala")];
  const ashas = await asha.joinOpenRoom("Welcome");
  const miras = await mira.joinOpenRoom("Welcome");
  talas = await tala.joinOpenRoom("Welcome");
  // What was written before somebody came is not theirs to show.
  await ashas.send("Asha is here");
  await talas.waitFor("Asha is here");
  for (const text of ["one", "two", "three", "four", BAIT]) await miras.send(text);
  await talas.waitFor(BAIT);
});

test("a moderator whose messages are shown is kept out of the question, and whoever asks reads so before they send", async () => {
  await review(talas, BAIT, "threats");
  await reads(tala, "askConcerned", en.cases.ask.concerned("Mira", "moderator"));
  expect(await read(tala, "screenAsk")).toContain(en.cases.ask.toText("Asha"));
  await tala.click("askSend");
  await reads(tala, "questionState", en.cases.state.unclaimed);
  await toConsole(asha);
  await reads(asha, "caseItem", en.cases.short.threats);
  await toConsole(mira);
  await reads(mira, "screenConsole", en.cases.console.none);
});

test("what would show a reader their own messages is not added, and more of the chat can be looked through", async () => {
  await tala.click("questionMore");
  await tala.page.click("text=Welcome");
  await tala.page.click("text=Asha is here");
  await reads(tala, "askInTheWay", en.cases.ask.inTheWay("Asha"));
  await tala.page.waitFor(at("askNext", '[aria-disabled="true"]'));
  expect(await read(tala, "askMessage")).not.toContain(BAIT);
  await tala.page.click(at("askFurther", '[data-way="later"]'));
  await reads(tala, "askMessage", BAIT);
  await tala.page.click(at("askMessage", '[aria-checked="true"]'));
  await tala.page.waitGone(at("askInTheWay"));
});

test("a moderator whom somebody has blocked is heard in their question, which says so before it is sent", async () => {
  await tala.open("Welcome");
  await talas.details();
  await tala.page.click(await tala.holding("member", "Asha"));
  await tala.click("personBlock");
  await yes(tala);
  await tala.page.waitFor(at("personBlocked"));
  await review(talas, BAIT, "danger");
  await reads(tala, "askBlocked", en.cases.ask.blocked("Asha"));
  // The way to keep her out is at hand.
  await tala.page.waitFor(at("askReader", '[aria-checked="true"]'));
  await tala.click("askSend");
  await reads(tala, "questionState", en.cases.state.unclaimed);
  await tala.toChats();
  await toConsole(asha);
  await reads(asha, "caseItem", en.cases.short.danger);
  // What is due first stands on top.
  await asha.click("caseItem");
  await asha.click("caseClaim");
  await asha.click("caseTalk");
  await asha.fill("composer", "Are you safe? Call me on the number that you have");
  await asha.click("send");
  await tala.page.waitFor(at("questionLine"));
  await tala.page.click(`${at("questionLine")} button`);
  await reads(tala, "messageText", "Are you safe?");
  expect(await tala.page.has(at("messageLook"))).toBe(false);
  for (const app of [asha, mira, tala]) expect(app.page.problems).toEqual([]);
});
