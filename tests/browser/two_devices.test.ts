import { beforeAll, expect, test } from "vitest";
import { LOOK_MS } from "../../client/src/engine/groups/healing.ts";
import { en } from "../../client/src/ui/words/en.ts";
import { patience } from "../support/browsers/page.ts";
import { pause, until } from "../support/processes.ts";
import { dump, type Value } from "../privacy/database.ts";
import { at, type App } from "./app.ts";
import { all, choose, further, toDevices, twice } from "./further.ts";
import type { Room } from "./room.ts";
import { useWorld } from "./world.ts";

/** Asha and Mira have two devices each; what one of them does or is told, the other has to know. */
const world = useWorld();
let phone: App;
let tablet: App;
let mira: App;
let miras: App;

beforeAll(async () => {
  [phone, mira] = await Promise.all([world.member("Asha"), world.member("Mira")]);
  await (await phone.joinOpenRoom("Welcome")).send("Asha is here");
  await (await mira.joinOpenRoom("Welcome")).send("Mira is here");
  await (await phone.open("Welcome")).waitFor("Mira is here");
  tablet = await further(world, phone);
});

/** From now on the server says that everybody has another key, or hides all devices but these. */
async function lie({ page }: App, devices: readonly string[] | null): Promise<void> {
  await page.eval((known) => {
    const real = window.fetch;
    window.fetch = async (input, init) => {
      const response = await real(input, init);
      if (!String(input).endsWith("/accounts")) return response;
      interface Account { identity_key: string; devices: { device: string }[] }
      const { accounts } = (await response.json()) as { accounts: Account[] };
      const another = (key: string): string => `${key.startsWith("A") ? "B" : "A"}${key.slice(1)}`;
      const told = accounts.map((one) => (known === null
        ? { ...one, identity_key: another(one.identity_key) }
        : { ...one, devices: one.devices.filter(({ device }) => known.includes(device)) }));
      return Response.json({ accounts: told });
    };
  }, devices);
}

async function devicesOf(app: App): Promise<string[]> {
  await toDevices(app);
  return app.page.eval(() => [...document.querySelectorAll<HTMLElement>("[data-device]")].map(({ dataset }) => dataset["device"] ?? ""));
}

/** Writes what has to wait until something is decided. */
async function held(app: App, text: string): Promise<Room> {
  const room = await app.open("Welcome");
  await app.page.waitFor(at("doubtBanner"));
  await room.send(text);
  await room.waitForState(text, "waiting");
  return room;
}

test("a changed key is shown on both devices, and what is decided on one holds on the other", async () => {
  for (const app of [phone, tablet]) {
    await app.reload();
    await lie(app, null);
    await (await app.open("Welcome")).details();
    await app.click("back");
    await (await app.open("Welcome")).waitForSystem(en.trust.notes.keyChanged("Mira"));
  }
  const there = await held(tablet, "only for who you are");
  expect(await (await mira.open("Welcome")).texts()).not.toContain("only for who you are");
  await phone.click("doubtLook");
  await phone.click("decideOld");
  await phone.page.waitGone(at("doubtBanner"));
  await tablet.page.waitGone(at("doubtBanner"));
  await there.waitForState("only for who you are", "sent");
  await (await mira.open("Welcome")).waitFor("only for who you are");
  for (const app of [phone, tablet]) await app.reload();
});

test("a device that nobody certifies is shown on both, and sending to it anyway holds for both", async () => {
  const known = [...(await devicesOf(phone)), ...(await devicesOf(mira))];
  for (const app of [phone, tablet]) {
    await lie(app, known);
    await app.open("Welcome");
  }
  miras = await further(world, mira);
  await all([phone, tablet], `text=${en.trust.banner.device("Mira")}`);
  const here = await held(phone, "to whom does this go");
  expect(await (await mira.open("Welcome")).texts()).not.toContain("to whom does this go");
  await tablet.click("doubtLook");
  await tablet.click("decideAnyway");
  await tablet.click("confirmYes");
  await tablet.page.waitGone(at("doubtBanner"));
  await phone.page.waitGone(at("doubtBanner"));
  await here.waitForState("to whom does this go", "sent");
  for (const app of [mira, miras]) await (await app.open("Welcome")).waitFor("to whom does this go");
  // The server comes round: the device was Mira's, and nothing stands against it any more.
  for (const app of [phone, tablet]) await app.reload();
  for (const app of [phone, tablet]) await app.open("Welcome");
  await (await miras.open("Welcome")).send("It was me");
  for (const app of [phone, tablet]) await (await app.open("Welcome")).waitFor("It was me");
});

/** How often the group has changed, and its check number. */
async function check(app: App): Promise<string> {
  await (await app.open("Welcome")).details();
  await app.click("groupCheck");
  await app.page.waitFor(at("roomCheck"));
  return [...(await app.page.texts(at("roomCheckChanges"))), ...(await app.page.texts(at("roomCheck")))].join(" ");
}

/** The number to compare with this person, as this device shows it. */
async function number(app: App, person: string): Promise<string> {
  await (await app.open("Welcome")).details();
  await app.page.click(await app.holding("member", person));
  // Whoever looks after the room is asked first what they want of the person.
  await app.page.waitFor(`${at("memberMenu")}, ${at("screenPerson")}`);
  if (await app.page.has(at("memberMenu"))) await app.click("memberAbout");
  await app.click("personCompare");
  await app.page.waitFor(at("safetyQr"));
  return (await app.page.texts(at("safetyNumber"))).join(" ");
}

test("all four devices show one number to compare, and who said that it is the same knows so on both", async () => {
  const shown = await Promise.all([number(phone, "Mira"), number(tablet, "Mira"), number(mira, "Asha"), number(miras, "Asha")]);
  expect(shown[0]?.match(/\d{5}/g)).toHaveLength(12);
  expect(new Set(shown).size).toBe(1);
  await tablet.click("safetySame");
  await phone.page.waitFor(at("safetyDone"));
  await mira.page.waitFor(at("safetySame"));
  await miras.click("safetySame");
  await mira.page.waitFor(at("safetyDone"));
});

/** Copies core-crypto's database aside, or puts the copy in its place. The app is locked meanwhile. */
async function keys({ page }: App, what: "copy" | "put back"): Promise<void> {
  await page.eval(async (task) => {
    const done = <T>(request: IDBRequest<T>): Promise<T> => new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error ?? new Error("no database"));
    });
    const place = window as unknown as { kept?: Record<string, [IDBValidKey, unknown][]> };
    const database = await done(indexedDB.open("core-crypto"));
    const names = [...database.objectStoreNames];
    const stores = database.transaction(names, "readwrite");
    if (task === "copy") place.kept = {};
    for (const name of names) {
      const store = stores.objectStore(name);
      if (task === "copy") {
        const [all, values] = await Promise.all([done(store.getAllKeys()), done(store.getAll() as IDBRequest<unknown[]>)]);
        if (place.kept) place.kept[name] = all.map((key, index) => [key, values[index]]);
        continue;
      }
      await done(store.clear());
      for (const [key, value] of place.kept?.[name] ?? []) await done(store.keyPath === null ? store.put(value, key) : store.put(value));
    }
    database.close();
  }, what);
}

test("a device renews its keys by itself, and all devices of both people go along", async () => {
  // A device plans its renewals when it first looks, which the reloads of the tests before may have kept it from.
  await pause(LOOK_MS + 2_000);
  // It must not look at the new group before the days go by, or that may be renewed first.
  await tablet.lock();
  await phone.makeGroup("Lighthouse", ["Mira"]);
  for (const app of [mira, miras]) await app.open("Lighthouse");
  await miras.lock();
  await keys(miras, "copy");
  await miras.unlock();
  const before = await check(phone);
  await tablet.unlock();
  // Nine days go by for the tablet.
  await tablet.page.eval(() => {
    const real = Date.now;
    Date.now = () => real() + 9 * 24 * 3_600_000;
  });
  await until(async () => (await check(phone)) !== before, 60_000, () => "Nothing was renewed");
  const after = await check(phone);
  await tablet.reload();
  for (const app of [tablet, mira, miras]) await until(async () => (await check(app)) === after, patience, async () => `${app.name} has ${await check(app)}, not ${after}`);
  await (await tablet.open("Welcome")).send("With new keys");
  for (const app of [phone, mira, miras]) await (await app.open("Welcome")).waitFor("With new keys");
});

test("a device that lost its state reads what it still can, comes back by itself, and everybody sees a calm line", async () => {
  await miras.lock();
  await (await phone.open("Lighthouse")).send("Said while it was away");
  await (await phone.open("Welcome")).send("Said in between");
  await keys(miras, "put back");
  await miras.reload();
  await (await miras.open("Lighthouse")).waitFor("Said while it was away");
  await (await miras.open("Welcome")).waitForSystem(en.system.rejoined);
  expect(await (await miras.open("Welcome")).texts(), "what it had read is still there, once").toEqual(expect.arrayContaining(["It was me", "With new keys"]));
  await (await mira.open("Welcome")).waitForSystem(en.trust.notes.renewedMine);
  for (const app of [phone, tablet]) await (await app.open("Welcome")).waitForSystem(en.trust.notes.renewed("Mira"));
  await (await miras.open("Welcome")).send("Back again");
  for (const app of [phone, tablet, mira]) await (await app.open("Welcome")).waitFor("Back again");
  await (await tablet.open("Welcome")).send("Welcome back");
  await (await miras.open("Welcome")).waitFor("Welcome back");
});

test("whoever is taken out is out with both devices, and neither reads anything that is said afterwards", async () => {
  await choose(await phone.open("Lighthouse"), "Mira");
  await phone.click("memberRemove");
  await twice(phone);
  for (const app of [mira, miras]) await app.open("Lighthouse");
  await all([mira, miras], "roomRemoved");
  const [here, there] = [await phone.open("Lighthouse"), await tablet.open("Lighthouse")];
  await here.waitForSystem(en.care.notes.removedByYou("Mira"));
  await there.waitForSystem(en.care.notes.removedByYou("Mira"));
  await here.send("Only we two");
  await there.waitFor("Only we two");
  // What comes later in another conversation is there before them: nothing is on its way any more.
  await (await phone.open("Welcome")).send("See you there");
  for (const app of [mira, miras]) {
    await (await app.open("Welcome")).waitFor("See you there");
    expect(await (await app.open("Lighthouse")).texts()).toEqual(["Said while it was away"]);
    expect(await app.page.has(at("composer"))).toBe(false);
  }
  expect(await leavesIn(phone, "Lighthouse"), "of four devices Asha's two are left").toBe(2);
});

/** How many devices the server still has in a conversation. */
async function leavesIn(app: App, title: string): Promise<number> {
  await app.open(title);
  const room = ((await app.place()).split(" ")[1] ?? "").replaceAll("-", "");
  const hex = (value: Value | undefined): string => (value && typeof value === "object" ? value.hex : String(value)).replaceAll("-", "");
  return ((await dump(world.server.dataDir)).rows["chat_roomdevice"] ?? []).filter((row) => hex(row["room_id"]) === room).length;
}
