import { afterAll, expect, test } from "vitest";
import { headless, type Headless } from "../../client/test/headless.ts";
import { patience } from "../support/browsers/page.ts";
import { until } from "../support/processes.ts";
import type { App } from "./app.ts";
import { useWorld } from "./world.ts";

const missed = 500;
const world = useWorld();
let noor: Headless;
let mira: App;

afterAll(() => noor?.end());

test("after 500 missed messages all are there, once and in order", async () => {
  mira = await world.member("Mira");
  const first = await mira.joinOpenRoom("Welcome");
  await first.send("Mira was here");
  await first.waitForState("Mira was here", "sent");

  noor = await headless({ origin: world.server.address });
  await noor.engine.join(world.memberLink(), { name: "Noor", pin: "704913", conductVersion: 1 });
  const room = await until(async () => noor.engine.rooms()[0] ?? null, patience, () => "Noor sees no room");
  await noor.engine.joinOpenRoom(room.id);
  await noor.engine.sendText(room.id, "Noor came");
  await first.waitFor("Noor came");

  await mira.page.close();
  const texts = Array.from({ length: missed }, (_, index) => `Missed message ${index + 1}`);
  for (const text of texts) await noor.engine.sendText(room.id, text);
  const allSent = async (): Promise<boolean> => noor.engine.room(room.id)?.last?.state === "sent";
  await until(allSent, 120_000, () => "Noor's messages do not go out");

  mira = await world.tab("Mira", mira.context, world.server.address);
  await mira.unlock();
  await mira.waitForUnread("Welcome", 99);
  const again = await mira.open("Welcome");
  await again.expectTexts(["Mira was here", "Noor came", ...texts]);

  await again.send("I have read it all");
  await again.waitForState("I have read it all", "sent");
  const answered = async (): Promise<boolean> => noor.engine.room(room.id)?.last?.text === "I have read it all";
  await until(answered, patience, () => "Noor does not get the answer");
});

test("nothing comes again after another reload", async () => {
  await mira.reload();
  const texts = await (await mira.open("Welcome")).texts();
  expect(texts).toHaveLength(missed + 3);
  expect(new Set(texts).size).toBe(missed + 3);
});
