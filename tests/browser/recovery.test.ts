import { expect, test } from "vitest";
import { at, type App } from "./app.ts";
import { checkPaper, typeWords, writeDown } from "./paper.ts";
import type { Room } from "./room.ts";
import { useWorld } from "./world.ts";

const world = useWorld();
let asha: App;
let mira: App;
let ashas: Room;
/** Asha's conversation after she came back. */
let back: Room;
let written: string[] = [];

test("twelve words are shown once, checked once, and only then work", async () => {
  asha = await world.member("Asha");
  ashas = await asha.joinOpenRoom("Welcome");
  mira = await world.member("Mira");
  const miras = await mira.joinOpenRoom("Welcome");
  await miras.send("See you on Tuesday");
  await ashas.waitFor("See you on Tuesday");
  await ashas.send("I will be there");
  await asha.toChats();
  await asha.click("openSettings");
  await asha.click("settingsRecovery");
  await asha.page.waitFor("text=If you lose this phone");
  expect(await asha.page.has("text=gone for good"), "what is lost is said in advance").toBe(true);
  await asha.click("recoveryMake");
  await asha.click("newWordsNext");
  written = await writeDown(asha);
  expect(written).toHaveLength(12);
  await asha.click("newWordsNext");
  await checkPaper(asha, written, true);
  await asha.page.waitFor("text=Look at your paper again");
  await checkPaper(asha, written);
  await asha.page.waitFor(at("screenNewWords", '[data-step="ready"]'));
  await asha.click("newWordsNext");
  await asha.page.waitFor(at("recoverySaved"));
  expect(await asha.page.eval(() => document.body.innerText)).not.toContain(written.slice(0, 2).join(" "));
});

test("the words bring everything back in another browser, and the lost one is cut off", async () => {
  const phone = await world.visitor("Asha", world.server.address);
  await typeWords(phone, written);
  await phone.click("enterNext");
  phone.pin = "318204";
  await phone.choosePin(phone.pin);
  await phone.page.waitFor(at("screenRecovered"), 60_000);
  expect(await phone.page.has("text=Welcome back, Asha")).toBe(true);
  await phone.click("recoveredCut");
  await phone.page.waitFor(at("screenChats"));
  await asha.page.waitGone(at("screenRecovery"));
  back = await phone.open("Welcome");
  await back.waitFor("See you on Tuesday");
  await back.waitFor("I will be there");
  const miras = await mira.open("Welcome");
  await back.send("New phone, same me");
  await miras.waitFor("New phone, same me");
  await miras.send("Good to see you");
  await back.waitFor("Good to see you");
  await phone.reload();
  back = await phone.open("Welcome");
  await back.waitFor("Good to see you");
  expect(phone.page.problems).toEqual([]);
});

test("an account is deleted after two questions, and the others see that its person left", async () => {
  await mira.toChats();
  await mira.click("openSettings");
  await mira.click("settingsDelete");
  await mira.click("deleteAccount");
  await mira.page.waitFor("text=can’t be undone");
  await mira.click("confirmNo");
  await mira.click("deleteAccount");
  await mira.click("confirmYes");
  await mira.page.waitFor("text=for good");
  await mira.click("confirmYes");
  await mira.page.waitFor(at("screenNoInvite"));
  expect(await mira.page.has("text=Your account is deleted")).toBe(true);
  await back.waitForSystem("Mira left");
  await mira.page.reload();
  await mira.page.waitFor(at("screenNoInvite"));
});
