import { expect, test } from "vitest";
import { drawQr } from "../../client/src/ui/logic/qr-code.ts";
import { en } from "../../client/src/ui/words/en.ts";
import { allowCamera, shownBy, type Shown } from "../support/browsers/camera.ts";
import { patience } from "../support/browsers/page.ts";
import { puppetOf } from "../support/browsers/puppeteer.ts";
import { until } from "../support/processes.ts";
import { type App, at } from "./app.ts";
import { useWorld } from "./world.ts";

const world = useWorld({ filming: true });
const said = en.scan;
let ann: App;
let bea: App;

/** Keeps what the page gets of the camera, and shows whether it was ever loaded anew. */
async function watchCamera(app: App): Promise<void> {
  await app.page.evaluate(`(() => {
    window.films = [];
    const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (wanted) => { const film = await real(wanted); window.films.push(film); return film; };
  })()`);
}

/** Of every picture that this page ever got from the camera: "live" or "ended". */
const films = (app: App): Promise<string[]> => app.page.evaluate("window.films.flatMap((film) => film.getTracks().map((track) => track.readyState))") as Promise<string[]>;
/** It was on, and is so no more. */
async function cameraIsOff(app: App): Promise<void> {
  const all = async (): Promise<string> => [...new Set(await films(app))].join();
  await until(async () => (await all()) === "ended", patience, async () => `the camera is “${await all()}”`);
}

const scans = async (app: App, shown: Shown | null): Promise<void> => {
  await world.camera.pointAt(shown);
  await app.front();
  await app.click("scanOpen");
};

test("a new device comes in by scanning the code of an invite", async () => {
  bea = await world.visitor("Bea", world.server.address);
  await bea.page.waitFor(at("screenNoInvite"));
  await watchCamera(bea);
  await allowCamera(bea.page, true);
  await bea.page.waitFor(`text=${said.why}`);
  await bea.page.idle(300);
  expect(await films(bea), "the camera is asked for only after a press").toEqual([]);
  await scans(bea, drawQr(world.memberLink()));
  await bea.page.waitFor(at("inviteStart"));
  await cameraIsOff(bea);
  await bea.join();
});

test("a device is added by scanning its code, without a way out of the app", async () => {
  ann = await world.member("Ann", world.links.coordinator);
  await ann.joinOpenRoom("Welcome");
  const tablet = await world.visitor("Ann", world.server.address);
  await tablet.click("linkStart");
  await tablet.choosePin(tablet.pin);
  const number = await tablet.page.text(at("linkNumber"));
  await ann.toChats();
  await ann.click("openSettings");
  await ann.click("settingsDevices");
  await ann.click("deviceAdd");
  await watchCamera(ann);
  await allowCamera(ann.page, true);
  // What is not the code is said, and nothing is opened.
  for (const [text, hint] of [
    ["https://example.org/#hello", said.foreign],
    [`https://kindred.example${new URL(world.memberLink()).hash}`, said.elsewhere("kindred.example")],
    [world.memberLink(), said.other.invite],
  ] as const) {
    await scans(ann, drawQr(text));
    await ann.page.waitFor(`text=${hint}`);
    await ann.page.press("Escape");
    await ann.page.waitGone(at("scanner"));
  }
  await cameraIsOff(ann);
  await scans(ann, await shownBy(tablet.page, at("linkQr")));
  expect(await ann.page.text(at("deviceNumber"))).toBe(number);
  await cameraIsOff(ann);
  expect(await ann.page.eval(() => location.href)).toBe(`${world.server.address}/`);
  await ann.click("deviceSame");
  await ann.tapPin(ann.pin);
  await ann.page.waitFor(at("screenAddDevice", '[data-step="sent"]'));
  await tablet.front();
  await tablet.page.waitFor(at("screenChats"), 60_000);
  await ann.front();
  await ann.click("deviceSent");
});

test("two people verify each other by scanning each other's code", async () => {
  const [anns, beas] = [await ann.open("Welcome"), await bea.joinOpenRoom("Welcome")];
  await anns.send("hello");
  await beas.waitFor("hello");
  await beas.send("hello Ann");
  await anns.waitFor("hello Ann");
  for (const [room, name] of [[anns, "Bea"], [beas, "Ann"]] as const) {
    await room.app.front();
    await room.details();
    await room.app.page.click(await room.app.holding("member", name));
    // Who looks after the room gets a menu first.
    if (room === anns) await ann.click("memberAbout");
    await room.app.click("personCompare");
    await room.app.page.waitFor(at("safetyQr"));
  }
  for (const [here, there, name] of [[ann, bea, "Bea"], [bea, ann, "Ann"]] as const) {
    await scans(here, await shownBy(there.page, at("safetyQr")));
    await here.page.waitFor(`text=${en.trust.scanned.ask(name)}`);
    await here.click("scannedYes");
    await here.page.waitFor(at("personVerified"));
    await here.click("back");
    await here.page.waitFor(at("safetyDone"));
  }
  await cameraIsOff(ann);
  await cameraIsOff(bea);
});

test("the camera goes off when somebody looks at something else, and comes back when they say so", async () => {
  await scans(ann, null);
  await ann.page.waitFor(`text=${said.looking}`);
  expect(await films(ann)).toContain("live");
  await puppetOf(await ann.context.open("about:blank")).bringToFront();
  await ann.page.waitFor(`text=${said.trouble.stopped.title}`);
  await cameraIsOff(ann);
  await ann.front();
  await ann.click("scanAgain");
  await ann.page.waitFor(`text=${said.looking}`);
});

test("the quick exit turns it off before anything else", async () => {
  expect(await films(ann)).toContain("live");
  const told: string[] = [];
  puppetOf(ann.page).on("console", (message) => told.push(message.text()));
  await ann.page.evaluate("new MutationObserver(() => console.info(window.films.at(-1).getTracks()[0].readyState)).observe(document.documentElement, { attributeFilter: ['class'] })");
  await ann.click("exit");
  await until(() => Promise.resolve(told.includes("ended")), patience, () => `told: ${told.join()}`);
});

test("who does not let Kindred use the camera is told that it is fine, and types the code", async () => {
  await bea.toChats();
  await bea.click("openSettings");
  await bea.click("settingsDevices");
  await bea.click("deviceAdd");
  await allowCamera(bea.page, false);
  await scans(bea, null);
  await bea.page.waitFor(`text=${said.trouble.refused.title}`);
  await bea.page.waitFor(`text=${said.instead.device}`);
  await allowCamera(bea.page, true);
  await bea.click("scanAgain");
  await bea.page.waitFor(`text=${said.looking}`);
  await bea.click("scanClose");
  await bea.page.waitGone(at("scanner"));
  await bea.page.waitFor(at("deviceCode"));
  await cameraIsOff(bea);
});
