import { expect, test } from "vitest";
import { en } from "../../client/src/ui/words/en.ts";
import { until } from "../support/processes.ts";
import { type App, at } from "./app.ts";
import { useWorld } from "./world.ts";

const world = useWorld();
const said = en.devices;
let phone: App;
let tablet: App;
let mira: App;

/** Settings, Your devices. */
async function toDevices(app: App): Promise<void> {
  await app.toChats();
  await app.click("openSettings");
  await app.click("settingsDevices");
  await app.page.waitFor(at("device"));
}

const list = async (app: App): Promise<string[]> => app.page.texts(`${at("device")} strong`);

test("a person adds a second device by a typed code, and it knows everything", async () => {
  [phone, mira] = await Promise.all([world.member("Asha", world.links.coordinator), world.member("Mira")]);
  const room = await phone.joinOpenRoom("Welcome");
  const miras = await mira.joinOpenRoom("Welcome");
  await room.send("Before the tablet");
  await miras.expectTexts(["Before the tablet"]);

  tablet = await world.visitor("Asha", world.server.address);
  await tablet.click("linkStart");
  tablet.pin = "864209";
  await tablet.choosePin(tablet.pin);
  const typed = (await tablet.page.text(at("linkTyped"))).replace(/\s/g, "");
  const number = await tablet.page.text(at("linkNumber"));

  await toDevices(phone);
  await phone.click("deviceAdd");
  await phone.fill("deviceCode", "0000-0000-0000-0000-0000");
  await phone.click("deviceFind");
  await phone.page.waitFor(`text=${said.add1.unknown}`);
  await phone.fill("deviceCode", typed.toLowerCase().replaceAll("-", " "));
  await phone.click("deviceFind");
  expect(await phone.page.text(at("deviceNumber"))).toBe(number);
  await phone.click("deviceSame");
  await phone.tapPin("111222");
  await phone.page.waitFor(`text=${en.failures.pin_mismatch}`);
  await phone.tapPin(phone.pin);
  await phone.page.waitFor(at("screenAddDevice", '[data-step="sent"]'));
  await tablet.page.waitFor(at("screenChats"), 60_000);
  await (await tablet.open("Welcome")).expectTexts(["Before the tablet"]);
});

test("the old device shows the new one as new", async () => {
  await phone.click("deviceSent");
  await until(async () => (await list(phone)).length === 2, 20_000, async () => `the phone lists ${(await list(phone)).join()}`);
  await phone.page.waitFor(`text=${said.fresh}`);
  await phone.toChats();
  expect(await phone.page.has(at("newDeviceLine")), "who has looked is told no more").toBe(false);
});

test("both write as one person, and the other is told of no newcomer", async () => {
  const [here, there, miras] = [await phone.open("Welcome"), await tablet.open("Welcome"), await mira.open("Welcome")];
  await there.send("From the tablet");
  const texts = ["Before the tablet", "From the tablet"];
  await here.expectTexts(texts);
  await miras.expectTexts(texts);
  expect(await miras.members()).toHaveLength(2);
  await miras.send("Which one are you on?");
  await here.expectTexts([...texts, "Which one are you on?"]);
  await there.expectTexts([...texts, "Which one are you on?"]);
});

test("the name that one gives a device is known to the other", async () => {
  await toDevices(phone);
  const rows = await phone.page.eval(() => [...document.querySelectorAll<HTMLElement>("[data-device]")].map(({ dataset }) => dataset["device"] ?? ""));
  await phone.page.click(`${at("device", `[data-device="${rows[1] ?? ""}"]`)} ${at("deviceMenu")}`);
  await phone.click("deviceRename");
  await phone.fill("deviceName", "Kitchen tablet");
  await phone.click("deviceNameSave");
  await toDevices(tablet);
  await tablet.page.waitFor("text=Kitchen tablet");
});

test("a device that is cut off is out at once, and nothing of it is left on it", async () => {
  await toDevices(phone);
  await phone.page.waitFor("text=Kitchen tablet");
  const rows = await phone.page.eval(() => [...document.querySelectorAll<HTMLElement>("[data-device]")].map(({ dataset }) => dataset["device"] ?? ""));
  await phone.page.click(`${at("device", `[data-device="${rows[1] ?? ""}"]`)} ${at("deviceMenu")}`);
  await phone.click("deviceCut");
  await phone.click("confirmYes");
  await phone.page.waitFor(`text=${said.cutReally}`);
  await phone.page.idle(600);
  await phone.click("confirmYes");
  await tablet.page.waitFor(at("screenSignedOut"));
  await tablet.page.waitFor(`text=${said.signedOut.revoked}`);
  await until(async () => (await list(phone)).length === 1, 20_000, async () => `the phone lists ${(await list(phone)).join()}`);
  const miras = await mira.open("Welcome");
  await miras.send("After it was cut off");
  await (await phone.open("Welcome")).expectTexts(["Before the tablet", "From the tablet", "Which one are you on?", "After it was cut off"]);
  await tablet.click("signedOutStart");
  await tablet.page.waitFor(at("screenNoInvite"));
  await tablet.page.reload();
  await tablet.page.waitFor(at("screenNoInvite"));
});
