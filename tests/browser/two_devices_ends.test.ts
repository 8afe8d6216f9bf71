import { beforeAll, expect, test } from "vitest";
import { en } from "../../client/src/ui/words/en.ts";
import { patience } from "../support/browsers/page.ts";
import { until } from "../support/processes.ts";
import { dump } from "../privacy/database.ts";
import { at, type App } from "./app.ts";
import { all, further, toDevices, twice } from "./further.ts";
import { checkPaper, typeWords, writeDown } from "./paper.ts";
import { useWorld } from "./world.ts";

/** What ends or begins anew for somebody with two devices. Asha, who coordinates, has two, Mira two and then a third; Noor looks on. */
const world = useWorld();
let phone: App;
let tablet: App;
let noor: App;
/** Mira's, the newest last. */
const miras: App[] = [];

beforeAll(async () => {
  const [asha, mira, other] = await Promise.all([world.member("Asha", world.links.coordinator), world.member("Mira"), world.member("Noor")]);
  [phone, noor] = [asha, other];
  for (const app of [phone, mira, noor]) await (await app.joinOpenRoom("Welcome")).send(`${app.name} is here`);
  for (const app of [phone, mira]) await (await app.open("Welcome")).waitFor("Noor is here");
  miras.push(mira);
});

test("both people add a second device", async () => {
  const [mira] = miras;
  if (!mira) throw new Error("Mira is here");
  tablet = await further(world, phone);
  miras.push(await further(world, mira));
  for (const app of [phone, tablet, ...miras]) await (await app.open("Welcome")).waitFor("Noor is here");
});

test("words bring a third device back, which knows everything, and both others are told of it", async () => {
  const [mira] = miras;
  if (!mira) throw new Error("Mira is here");
  await mira.toChats();
  await mira.click("openSettings");
  await mira.click("settingsRecovery");
  await mira.click("recoveryMake");
  await mira.click("newWordsNext");
  const paper = await writeDown(mira);
  await mira.click("newWordsNext");
  await checkPaper(mira, paper);
  await mira.page.waitFor(at("screenNewWords", '[data-step="ready"]'));
  await mira.click("newWordsNext");

  const third = await world.visitor("Mira", world.server.address);
  await typeWords(third, paper);
  await third.click("enterNext");
  await third.choosePin(third.pin);
  await third.page.waitFor(at("screenRecovered"), 60_000);
  await third.click("recoveredKeep");
  await third.page.waitFor(at("screenChats"));
  for (const app of miras) await app.toChats();
  await all(miras, "newDeviceLine");
  miras.push(third);
  await toDevices(third);
  await until(async () => (await third.page.texts(at("device"))).length === 3, patience, async () => `the third lists ${(await third.page.texts(at("device"))).join()}`);
  const back = await third.open("Welcome");
  await back.waitFor("Noor is here");
  await back.send("It is me, on a third one");
  for (const app of [...miras, phone, tablet, noor]) await (await app.open("Welcome")).waitFor("It is me, on a third one");
  // Nobody doubts it, and nobody takes it for a newcomer.
  expect(await phone.page.has(at("doubtBanner"))).toBe(false);
  await (await phone.open("Welcome")).waitForMembers(3);
});

test("a coordinator sees on both devices who invited whom, and an infiltrator is out with every device at once", async () => {
  for (const app of [phone, tablet]) {
    await app.toChats();
    await app.click("openSettings");
    await app.click("settingsInvites");
    await app.click("inviteTree");
    await app.page.waitFor(await app.holding("treePerson", "Mira"));
  }
  const row = await tablet.holding("treePerson", "Mira");
  await tablet.page.click(row);
  await tablet.page.waitFor(at("treeMenu"));
  await tablet.click("treeRevoke");
  for (const why of ["treeReason", "treeFinding", "treeFact"] as const) await tablet.click(why);
  await twice(tablet);
  await all(miras, "screenSuspended");
  await phone.click("back");
  await phone.click("inviteTree");
  for (const app of [tablet, phone]) {
    await until(async () => (await app.page.text(row)).toLowerCase().includes(en.care.tree.suspended), patience, () => "The tree does not show who was cut off");
  }
  for (const app of [phone, tablet, noor]) await (await app.open("Welcome")).waitForSystem(en.system.left("Mira"));
  await (await noor.open("Welcome")).send("Without Mira");
  for (const app of [phone, tablet]) await (await app.open("Welcome")).waitFor("Without Mira");
  for (const app of miras) expect(await app.page.has("text=Without Mira")).toBe(false);
});

test("who deletes the account on one device is signed out on the other, the rooms are told, and nothing is left", async () => {
  await phone.makeGroup("Lighthouse", ["Noor"]);
  for (const app of [tablet, noor]) await app.open("Lighthouse");
  const account = await accountOf(noor, "Asha");
  expect(await rowsWith(account), "the account is in many rows").not.toEqual([]);
  await phone.toChats();
  await phone.click("openSettings");
  await phone.click("settingsDelete");
  await phone.click("deleteAccount");
  await twice(phone);
  await phone.page.waitFor(at("screenNoInvite"));
  await phone.page.waitFor(`text=${en.recovery.remove.gone}`);
  await tablet.page.waitFor(at("screenSignedOut"));
  await tablet.page.waitFor(`text=${en.devices.signedOut.deleted}`);
  for (const title of ["Welcome", "Lighthouse"]) await (await noor.open(title)).waitForSystem(en.system.left("Asha"));
  await until(async () => (await rowsWith(account)).length === 0, patience, async () => `The server still has ${(await rowsWith(account)).join()}`);
  for (const app of [phone, tablet]) {
    await until(async () => (await recordsOn(app)).length === 0, patience, async () => `${app.name}'s browser still has ${(await recordsOn(app)).join()}`);
    // What was just being asked is answered by 401, and the browser writes that down itself.
    expect(app.page.problems.filter((problem) => !problem.includes("401"))).toEqual([]);
    await app.page.reload();
    await app.page.waitFor(at("screenNoInvite"));
  }
});

/** The account's id, as somebody sees it who is in a conversation with this person. */
async function accountOf(app: App, name: string): Promise<string> {
  const room = await app.open("Lighthouse");
  await room.details();
  const selector = await app.holding("member", name);
  await app.click("back");
  return /data-account="([^"]+)"/.exec(selector)?.[1] ?? "";
}

/** The tables and columns in which the server has this id. */
async function rowsWith(account: string): Promise<string[]> {
  const { rows } = await dump(world.server.dataDir);
  const wanted = account.replaceAll("-", "");
  const holds = (value: unknown): boolean => JSON.stringify(value).replaceAll("-", "").includes(wanted);
  return Object.entries(rows).flatMap(([table, all]) => all.flatMap((row) => Object.keys(row).filter((column) => holds(row[column])).map((column) => `${table}.${column}`)));
}

/** The stores of this browser that hold anything. */
async function recordsOn({ page }: App): Promise<string[]> {
  return page.eval(async () => {
    const done = <T>(request: IDBRequest<T>): Promise<T> => new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error ?? new Error("no database"));
    });
    const full: string[] = [];
    for (const { name = "" } of await indexedDB.databases()) {
      const database = await done(indexedDB.open(name));
      for (const store of database.objectStoreNames) {
        if ((await done(database.transaction(store).objectStore(store).count())) > 0) full.push(`${name}/${store}`);
      }
      database.close();
    }
    return full;
  });
}
