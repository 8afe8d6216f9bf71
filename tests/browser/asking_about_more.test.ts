import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { en } from "../../client/src/ui/words/en.ts";
import { text as textPart } from "../interop/independent/content.ts";
import { Device } from "../interop/independent/device.ts";
import type { Room as Elsewhere } from "../interop/independent/room.ts";
import { patience } from "../support/browsers/page.ts";
import { barriers } from "../support/browsers/axe.ts";
import { until } from "../support/processes.ts";
import { at, type App } from "./app.ts";
import { reads, toCase } from "./moderating.ts";
import type { Room } from "./room.ts";
import { useWorld } from "./world.ts";

/** Ivo hurts Tala with what is no message: a reaction, his name, and what her app cannot show. She asks about each. */
const world = useWorld();
const pictures = resolve(import.meta.dirname, "../../test-results/browser");
const threat = "I know where you live";
let asha: App;
let tala: App;
let talas: Room;
let ivo: Device;
let ivos: Elsewhere;

const picture = (app: App, name: string): Promise<void> => app.page.screenshot(join(pictures, `asking-about-${name}-360.png`));

beforeAll(async () => {
  await mkdir(pictures, { recursive: true });
  [asha, tala] = await Promise.all([world.member("Asha", world.links.coordinator), world.member("Tala")]);
  talas = await tala.joinOpenRoom("Welcome");
  await talas.send("Is anybody awake?");
  await talas.waitForState("Is anybody awake?", "sent");
  ivo = await Device.join(world.memberLink(), "Ivo", "0000f00dcafe0002");
  ivos = ivo.room((await ivo.http.rooms()).open[0]?.id ?? "");
  await ivos.enter();
  await ivos.sayName();
  await ivos.say("Hello all");
  await talas.waitFor("Hello all");
  await talas.send("Who is there?");
  await until(async () => ivos.texts.includes("Who is there?"), patience, () => "Ivo does not read Tala");
});
afterAll(() => ivo?.disconnect());

test("a reaction is asked about by a long press on it, and a sentence is none", async () => {
  const line = ivos.lines.find(({ content }) => content?.part && Buffer.from(content.part.data).toString() === "Who is there?");
  if (!line) throw new Error("Ivo has not got it");
  await ivos.react(line, `${threat}, and when you sleep`);
  await ivos.react(line, "😂");
  await talas.waitForLine("Who is there?", ({ reactions }) => reactions.length > 0);
  const [shown] = (await talas.shown()).filter(({ text }) => text === "Who is there?");
  expect(shown?.reactions).toEqual(["😂"]);
  await tala.page.longPress(at("reaction"));
  await tala.page.waitFor(at("reactionSheet"));
  await picture(tala, "reaction");
  expect(await barriers(tala.page)).toEqual([]);
  await tala.click("reactionAsk");
  await reads(tala, "askMessage", "😂");
  await reads(tala, "askMessage", en.cases.ask.reaction);
  await picture(tala, "reaction-chosen");
  await tala.click("askNext");
  await tala.page.click(at("askConcern", '[data-concern="threats"]'));
  await tala.page.waitFor(at("askSend", '[aria-disabled="false"]'));
  await tala.click("askSend");
  await reads(tala, "questionState", en.cases.state.unclaimed);
  await toCase(asha);
  await reads(asha, "exhibit", en.cases.file.as.reaction);
  await reads(asha, "exhibit", en.cases.file.verified);
});

test("a name is asked about where a person is looked at, and shown with its proof", async () => {
  ivos.name = threat;
  await ivos.sayName();
  await tala.toChats();
  await tala.open("Welcome");
  await talas.waitForLine("Hello all", ({ from }) => from === threat);
  const key = (await talas.shown()).find(({ text }) => text === "Hello all")?.key ?? "";
  await tala.page.click(at("message", `[data-message="${key}"] .name`));
  await tala.page.waitFor(at("personAskName"));
  await picture(tala, "name");
  expect(await barriers(tala.page)).toEqual([]);
  await tala.click("personAskName");
  await reads(tala, "askMessage", threat);
  await tala.click("askNext");
  await tala.page.click(at("askConcern", '[data-concern="threats"]'));
  await reads(tala, "screenAsk", threat);
  await picture(tala, "name-review");
  await tala.page.waitFor(at("askSend", '[aria-disabled="false"]'));
  await tala.click("askSend");
  await reads(tala, "questionState", en.cases.state.unclaimed);
});

test("what the app cannot show says so calmly, can be asked about, and its words are behind the veil", async () => {
  await tala.toChats();
  await tala.open("Welcome");
  await ivos.send({ part: { ...textPart(threat), type: "Text/Plain;charset=utf-8" } });
  await tala.page.waitFor(at("messageUnreadable"));
  expect((await tala.page.texts(at("messageUnreadable"))).join()).toBe(en.message.unreadable);
  await picture(tala, "unreadable");
  await tala.page.longPress(at("messageUnreadable"));
  await tala.click("menuAsk");
  await reads(tala, "askMessage", en.message.unreadable);
  await tala.click("askNext");
  await tala.page.click(at("askConcern", '[data-concern="harassment"]'));
  await tala.page.waitFor(at("askSend", '[aria-disabled="false"]'));
  await tala.click("askSend");
  await reads(tala, "questionState", en.cases.state.unclaimed);
  await asha.toChats();
  await asha.click("openConsole");
  await reads(asha, "caseItem", en.cases.short.harassment);
  const id = await asha.page.eval((items, words) => [...document.querySelectorAll<HTMLElement>(items)].find((item) => item.textContent.includes(words))?.dataset["case"] ?? "", at("caseItem"), en.cases.short.harassment);
  await asha.page.click(at("caseItem", `[data-case="${id}"]`));
  await reads(asha, "exhibit", en.cases.file.unreadable);
  await asha.page.click(`${at("exhibit")}:has(${at("exhibitUnreadable")}) ${at("exhibitTurn")}`);
  await reads(asha, "exhibit", threat);
  await picture(asha, "unreadable-seen");
  expect(await barriers(asha.page)).toEqual([]);
});
