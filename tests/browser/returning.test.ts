import { expect, test } from "vitest";
import { testid } from "../../client/src/ui/testids.ts";
import { en } from "../../client/src/ui/words/en.ts";
import { launch } from "../support/browsers/launch.ts";
import type { Browser } from "../support/browsers/page.ts";
import { puppetOf } from "../support/browsers/puppeteer.ts";
import { at, type App } from "./app.ts";
import { everyoneReads } from "./conversations.ts";
import { useWorld } from "./world.ts";

const world = useWorld();
let profile: string;
let phone: Browser;
let on = false;
let mira: App;
let asha: App;
const said: string[] = [];

world.atEnd(async () => {
  if (on) await phone.kill();
});

async function switchOff(how: "close" | "kill"): Promise<void> {
  on = false;
  await phone[how]();
}

/** Starts Mira's own browser, which remembers, and opens Kindred in it. */
async function wake(url: string): Promise<App> {
  phone = await launch("chromium", { profile, slow: true });
  on = true;
  return world.tab("Mira", await phone.newContext(), url);
}

test("a closed browser opens again with the PIN, and nothing is missing", async () => {
  profile = await world.folder();
  asha = await world.member("Asha");
  const ashasRoom = await asha.joinOpenRoom("Welcome");
  mira = await wake(world.memberLink());
  await mira.join();
  const mirasRoom = await mira.joinOpenRoom("Welcome");
  for (const room of [mirasRoom, ashasRoom, mirasRoom]) {
    said.push(`${room.app.name} says ${said.length + 1}`);
    await room.send(said.at(-1) ?? "");
    for (const other of [mirasRoom, ashasRoom]) await other.waitFor(said.at(-1) ?? "");
  }
  await switchOff("close");

  for (let n = 1; n <= 3; n++) {
    said.push(`While Mira was away ${n}`);
    await ashasRoom.send(said.at(-1) ?? "");
  }
  mira = await wake(world.server.address);
  await mira.page.waitFor(at("screenUnlock"));
  expect(await mira.page.eval(() => document.body.innerText), "a locked app says nothing of what is in it").not.toMatch(/Mira|Welcome|says|away/);
  await mira.unlock();
  await mira.waitForUnread("Welcome", 3);
  await everyoneReads([await mira.open("Welcome"), ashasRoom], said);
});

test("a wrong PIN is answered kindly, and the right one still opens", async () => {
  await mira.lock();
  await mira.tapPin("111213");
  await mira.page.waitFor(`text=${en.failures.pin_mismatch}`);
  expect(await mira.place()).toBe(testid.screenUnlock);
  await mira.unlock();
  await (await mira.open("Welcome")).expectTexts(said);
});

test("a second tab offers to take over, and the first one steps back", async () => {
  const second = await world.tab("Mira", mira.context, world.server.address);
  await second.page.waitFor(at("screenElsewhere"));
  expect(await second.page.has(`text=${en.elsewhere.title}`)).toBe(true);
  await second.takeOver();
  await mira.page.waitFor(at("screenElsewhere"));
  const room = await second.open("Welcome");
  said.push("From the second tab");
  await room.send("From the second tab");
  await everyoneReads([room, await asha.open("Welcome")], said);

  await mira.takeOver();
  await second.page.waitFor(at("screenElsewhere"));
  await second.page.close();
  said.push("Back in the first tab");
  await (await mira.open("Welcome")).send("Back in the first tab");
  await everyoneReads([await mira.open("Welcome"), await asha.open("Welcome")], said);
});

test("a browser that dies right after sending loses nothing and makes nothing unreadable", async () => {
  for (let time = 1; time <= 3; time++) {
    const room = await mira.open("Welcome");
    said.push(`Before the battery died ${time}`);
    await room.send(said.at(-1) ?? "");
    await (await asha.open("Welcome")).waitFor(said.at(-1) ?? "");
    await switchOff("kill");
    mira = await wake(world.server.address);
    await mira.unlock();
    const again = await mira.open("Welcome");
    said.push(`After it was charged ${time}`);
    await again.send(said.at(-1) ?? "");
    await everyoneReads([again, await asha.open("Welcome")], said);
  }
});

test("a browser that dies while it makes a group can go on with it, or make it again", async () => {
  for (const [time, name] of ["Boat house", "Boat yard"].entries()) {
    await mira.toChats();
    await mira.click("add");
    await mira.click("addGroup");
    await mira.fill("groupName", name);
    await mira.page.click(await mira.holding("personChoice", "Asha"));
    await mira.click("groupCreate");
    await mira.page.idle(150 * time);
    await switchOff("kill");
    mira = await wake(world.server.address);
    await mira.unlock();
    const there = (await mira.chats()).includes(name);
    const room = there ? await mira.open(name) : await mira.makeGroup(name, ["Asha"]);
    await room.send(`In the ${name}`);
    await room.waitForState(`In the ${name}`, "sent");
    await (await asha.open(name)).waitFor(`In the ${name}`);
  }
});

test("the exit leaves at once, and who comes back has to enter the PIN", async () => {
  const tab = puppetOf(mira.page);
  await tab.setRequestInterception(true);
  tab.on("request", (request) => {
    const leaves = !request.url().startsWith(world.server.address);
    void (leaves ? request.respond({ status: 200, contentType: "text/html", body: "<title>Weather</title><p>Rain later</p>" }) : request.continue());
  });
  await mira.open("Welcome");
  await mira.click("exit");
  await mira.page.waitFor("text=Rain later");
  expect(new URL(await mira.page.url()).origin).not.toBe(world.server.address);
  await mira.page.goto(world.server.address);
  await mira.unlock();
  await (await mira.open("Welcome")).expectTexts(said);
});

test("Shift three times leaves, too", async () => {
  for (let n = 0; n < 3; n++) await mira.page.press("Shift");
  await mira.page.waitFor("text=Rain later");
});
