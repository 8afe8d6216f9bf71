import { beforeAll, expect, test } from "vitest";
import { en } from "../../client/src/ui/words/en.ts";
import { at, type App } from "./app.ts";
import { atDesk, decide, read, reads, review, toCase, toDecisions, toStatement, yes } from "./moderating.ts";
import { useWorld } from "./world.ts";

const world = useWorld();
const BAIT = "I know someone who pays well, write me in private";
const { decide: deciding, list, mine } = en.decisions;
let mira: App;
let noor: App;
let rook: App;

/** A network that two people look after, one of whom asked. */
beforeAll(async () => {
  [mira, noor, rook] = [await world.member("Mira", world.links.moderator), await world.member("Noor", world.links.coordinator), await world.member("Rook")];
  await mira.joinOpenRoom("Welcome");
  const rooks = await rook.joinOpenRoom("Welcome");
  const noors = await noor.joinOpenRoom("Welcome");
  await rooks.send(BAIT);
  await review(noors, BAIT, "recruitment");
  await noor.click("askSend");
  await reads(noor, "questionState", en.cases.state.unclaimed);
  for (const app of [mira, noor]) await atDesk(app);
  await toCase(mira);
  await mira.click("caseClaim");
});

test("whoever would propose a ban reads that nobody could agree, as the other one asked", async () => {
  await toCase(mira);
  await mira.click("caseSubject");
  await mira.page.click('label:has([name="kind"][value="ban"])');
  await reads(mira, "decideSecond", deciding.nobodyElse);
  await mira.click("back");
});

test("whoever objects is promised nobody, and learns nothing of who asked; neither of the two is offered to answer", async () => {
  await decide(mira, "warn");
  await toStatement(rook);
  await reads(rook, "statement", mine.appealWho);
  expect(await rook.page.has(at("statementUnheard"))).toBe(false);
  await rook.click("statementAppeal");
  await yes(rook);
  await reads(rook, "statement", "It waits for somebody who had no part in it.");
  expect(await read(rook, "statement")).not.toContain("Noor");
  await mira.click("decideDone");
  for (const app of [mira, noor]) {
    await toDecisions(app);
    await reads(app, "decision", list.appealMine);
    for (const press of [list.uphold, list.overturn]) expect(await app.page.has(`text=${press}`)).toBe(false);
  }
});
