import { beforeAll, expect, test } from "vitest";
import { en } from "../../client/src/ui/words/en.ts";
import { at, type App } from "./app.ts";
import { decide, read, reads, review, toCase, toStatement } from "./moderating.ts";
import { useWorld } from "./world.ts";

const world = useWorld();
const BAIT = "I know someone who pays well, write me in private";
const { decide: deciding, mine } = en.decisions;
let mira: App;
let rook: App;

/** A network that one person looks after. */
beforeAll(async () => {
  [mira, rook] = [await world.member("Mira", world.links.coordinator), await world.member("Rook")];
  const tala = await world.member("Tala");
  await mira.joinOpenRoom("Welcome");
  const rooks = await rook.joinOpenRoom("Welcome");
  const talas = await tala.joinOpenRoom("Welcome");
  await rooks.send(BAIT);
  await review(talas, BAIT, "recruitment");
  await tala.click("askSend");
  await reads(tala, "questionState", en.cases.state.unclaimed);
  await toCase(mira);
  await mira.click("caseClaim");
});

test("whoever would propose a ban reads that nobody is there who could agree", async () => {
  await toCase(mira);
  await mira.click("caseSubject");
  await mira.page.click('label:has([name="kind"][value="ban"])');
  await reads(mira, "decideSecond", deciding.nobodyElse);
  await mira.click("back");
});

test("whoever objects reads that nobody else is there who could look, also when they are shut out", async () => {
  await decide(mira, "warn");
  await toStatement(rook);
  await reads(rook, "statementUnheard", mine.nobodyElse);
  expect(await read(rook, "statement")).toContain(mine.redress);
  await mira.click("decideDone");
  await decide(mira, "suspend");
  await reads(rook, "statement", mine.what.suspend);
  await reads(rook, "statementUnheard", mine.nobodyElse);
  expect(await rook.page.has(at("statementAppeal"))).toBe(true);
});
