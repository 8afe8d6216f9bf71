import { expect, test } from "vitest";
import { en } from "../../client/src/ui/words/en.ts";
import { patience } from "../support/browsers/page.ts";
import { until } from "../support/processes.ts";
import { type App, at } from "./app.ts";
import { offered, toDevices, twice } from "./further.ts";
import { useWorld } from "./world.ts";

const world = useWorld();
const said = en.devices;
let phone: App;
let tablet: App;
let mira: App;

/** Opens what somebody who looks after a room can do for one of its people. */
async function choose(app: App, title: string, name: string): Promise<void> {
  await (await app.open(title)).details();
  await app.page.click(await app.holding("member", name));
  await app.page.waitFor(at("memberMenu"));
}

const list = async (app: App): Promise<string[]> => app.page.texts(`${at("device")} strong`);

test("a person adds a second device by a typed code or with the phone's camera, and it knows everything", async () => {
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

  // The camera opens the code in a tab of its own, beside the one that is open.
  const link = await tablet.page.eval((selector) => document.querySelector<SVGElement>(selector)?.dataset["text"] ?? "", at("linkQr"));
  phone = await world.tab("Asha", phone.context, link);
  await phone.front();
  await phone.page.waitFor(at("screenElsewhere"));
  await phone.click("takeOver");
  await phone.page.waitFor(at("screenUnlock"));
  await phone.tapPin(phone.pin);
  expect(await phone.page.text(at("deviceNumber"))).toBe(number);
  expect(new URL(await phone.page.eval(() => location.href)).hash).toBe("");
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
  await toDevices(phone);
  await until(async () => (await list(phone)).length === 2, patience, async () => `the phone lists ${(await list(phone)).join()}`);
  await phone.page.waitFor(`text=${said.fresh}`);
  await phone.toChats();
  // Who has looked is told no more.
  await phone.page.waitGone(at("newDeviceLine"));
});

test("both write as one person, and the other is told of no newcomer", async () => {
  const [here, there, miras] = [await phone.open("Welcome"), await tablet.open("Welcome"), await mira.open("Welcome")];
  await there.send("From the tablet");
  const texts = ["Before the tablet", "From the tablet"];
  await here.expectTexts(texts);
  await miras.expectTexts(texts);
  await miras.waitForMembers(2);
  await miras.send("Which one are you on?");
  await here.expectTexts([...texts, "Which one are you on?"]);
  await there.expectTexts([...texts, "Which one are you on?"]);
});

test("whom a person has compared numbers with or blocks on one, the other knows", async () => {
  await choose(phone, "Welcome", "Mira");
  await phone.click("memberAbout");
  await phone.click("personCompare");
  await phone.page.waitFor(at("safetyQr"));
  await phone.click("safetySame");
  await phone.page.waitFor(at("safetyDone"));
  await choose(tablet, "Welcome", "Mira");
  await tablet.click("memberAbout");
  await tablet.page.waitFor(at("personVerified"));
  await tablet.click("personBlock");
  await tablet.click("confirmYes");
  await phone.click("back");
  await phone.page.waitFor(at("personBlocked"));
  await (await mira.open("Welcome")).send("Are you there?");
  const here = await phone.open("Welcome");
  await phone.page.waitFor(at("messageLook"));
  expect((await here.shown()).map(({ text }) => text)).not.toContain("Are you there?");
  await tablet.click("personUnblock");
  await here.waitFor("Are you there?");
});

test("whoever looks after a group does so from any of their devices", async () => {
  await phone.makeGroup("Lighthouse", ["Mira"]);
  await mira.open("Lighthouse");
  await choose(tablet, "Lighthouse", "Mira");
  await tablet.click("memberPause");
  await tablet.page.click(`text=${en.care.member.hour}`);
  await mira.page.waitFor(at("roomQuiet"));
  await offered("memberEndPause", () => choose(phone, "Lighthouse", "Mira"), phone);
  await phone.click("memberEndPause");
  await mira.page.waitFor(at("composer"));
});

test("a conversation that somebody has left goes from their list and device when they say so", async () => {
  const lighthouse = await mira.open("Lighthouse");
  await lighthouse.send("I have to go");
  await lighthouse.details();
  await mira.click("groupLeave");
  await twice(mira);
  await mira.page.waitFor(at("screenChats"));
  // What was said stays readable.
  await mira.waitForChat("Lighthouse");
  await (await mira.open("Lighthouse")).details();
  await mira.click("groupForget");
  await twice(mira);
  await mira.page.waitFor(at("screenChats"));
  await mira.waitForChat("Lighthouse", false);
  await (await phone.open("Lighthouse")).waitFor("I have to go");
});

test("the name that one gives a device is known to the other", async () => {
  await toDevices(phone);
  await until(async () => (await list(phone)).length === 2, patience, async () => `the phone lists ${(await list(phone)).join()}`);
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
  await phone.click("confirmYes");
  await tablet.page.waitFor(at("screenSignedOut"));
  await tablet.page.waitFor(`text=${said.signedOut.revoked}`);
  await until(async () => (await list(phone)).length === 1, patience, async () => `the phone lists ${(await list(phone)).join()}`);
  const miras = await mira.open("Welcome");
  await miras.send("After it was cut off");
  await (await phone.open("Welcome")).expectTexts(["Before the tablet", "From the tablet", "Which one are you on?", "Are you there?", "After it was cut off"]);
  await tablet.click("signedOutStart");
  await tablet.page.waitFor(at("screenNoInvite"));
  await tablet.page.reload();
  await tablet.page.waitFor(at("screenNoInvite"));
});
