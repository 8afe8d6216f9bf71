import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { beforeAll, expect, test } from "vitest";
import { testid } from "../../client/src/ui/testids.ts";
import { en } from "../../client/src/ui/words/en.ts";
import type { ClaimedPackage } from "../../client/src/protocol/api.ts";
import { newUuid } from "../../client/src/protocol/ids.ts";
import { formatLink } from "../../client/src/protocol/links.ts";
import { secretOf, SmallDevice } from "../model/small_device.ts";
import type { SmallRoom } from "../model/small_room.ts";
import { patience } from "../support/browsers/page.ts";
import { until } from "../support/processes.ts";
import { at, type App } from "./app.ts";
import type { Room } from "./room.ts";
import { useWorld } from "./world.ts";

/** A room's members, this many real MLS devices on real accounts, the one in the browser among them. */
const MANY = 300;
const AT_ONCE = 10;
/** How many one request may claim key packages for. */
const CLAIMED = 100;
const world = useWorld({ settings: { RATE_SCALE: "10000" } });
const devices: SmallDevice[] = [];
const faults: unknown[] = [];
let noor: App;
let noors: Room;
let keeper: SmallRoom;
let guest: SmallRoom;

world.atEnd(async () => {
  for (const device of devices) await device.end();
});

beforeAll(async () => {
  const origin = world.server.address;
  const join = (secret: Uint8Array<ArrayBuffer>): Promise<SmallDevice> => SmallDevice.join({ origin, secret, keyPackages: 1, unexpected: (error) => faults.push(error) });
  const first = await join(secretOf(world.links.coordinator));
  devices.push(first);
  const secret = await first.invite(MANY);
  while (devices.length < MANY - 1) {
    const missing = Math.min(AT_ONCE, MANY - 1 - devices.length);
    devices.push(...(await Promise.all(Array.from({ length: missing }, () => join(secret)))));
  }
  // They would take minutes to meet by themselves.
  await promisify(execFile)(".venv/bin/python", ["-m", "tests.bench.acquaint"], {
    cwd: resolve(import.meta.dirname, "../.."), env: { ...process.env, DATA_DIR: world.server.dataDir, ORIGIN: origin },
  });
  const [, second] = devices;
  if (!second) throw new Error("two are needed");
  await first.connect();
  await second.connect();
  const id = newUuid();
  [keeper, guest] = [first.room(id), second.room(id)];
  await keeper.found();
  const accounts = devices.slice(1).map(({ account }) => account);
  const packages: ClaimedPackage[] = [];
  for (let from = 0; from < accounts.length; from += CLAIMED) packages.push(...(await keeper.claim(accounts.slice(from, from + CLAIMED))));
  await keeper.add(packages);
  await until(() => Promise.resolve(guest.inside), patience, () => "who was let in does not come");
  noor = await world.member("Noor");
});

/** Waits until the room says that so many people are in it. */
const people = (count: number): Promise<void> => noor.page.waitFor(`text=${en.room.people(count)}`);

test("somebody comes into a room of 300 by a link, and sees everybody who is there", async () => {
  noors = await noor.acceptRoomInvite(formatLink(world.server.address, await keeper.invite(1)), "Circle");
  await people(MANY);
  await noors.details();
  await noor.page.click(`text=${en.group.showAll(MANY)}`);
  const listed = (): Promise<number> => noor.page.eval((id) => new Set([...document.querySelectorAll<HTMLElement>(`[data-testid="${id}"]`)].map(({ dataset }) => dataset["account"])).size, testid.member);
  await until(async () => (await listed()) === MANY, patience, async () => `${await listed()} people are listed`);
  await noor.click("back");
  expect(await noor.page.has(at("doubtBanner"))).toBe(false);
  for (const room of [keeper, guest]) await until(() => Promise.resolve(room.members.length === MANY), patience, () => `a member sees ${room.members.length}`);
});

test("what they write there is read, and they read what the others write", async () => {
  await noors.send("Hello, all of you");
  await noors.waitForState("Hello, all of you", "sent");
  for (const room of [keeper, guest]) await until(() => Promise.resolve(room.texts.has("Hello, all of you")), patience, () => "a member does not read it");
  await keeper.say("Welcome, Noor");
  await noors.waitFor("Welcome, Noor");
  await guest.say("Good to see you");
  await noors.waitFor("Good to see you");
});

test("who is put out reads nothing more, and the 299 others write on", async () => {
  const out = devices[1]?.account ?? "";
  await keeper.remove(out);
  await people(MANY - 1);
  await until(() => Promise.resolve(keeper.members.length === MANY - 1 && !guest.inside), patience, () => `${keeper.members.length} are left, ${guest.inside ? "the one put out too" : "without the one put out"}`);
  await noors.send("Are we all still here?");
  await until(() => Promise.resolve(keeper.texts.has("Are we all still here?")), patience, () => "the others do not read it");
  await keeper.say("We are");
  await noors.waitFor("We are");
  expect(guest.texts.has("Are we all still here?")).toBe(false);
  await noors.details();
  await noor.page.click(`text=${en.group.showAll(MANY - 1)}`);
  expect(await noor.page.has(at("member", `[data-account="${out}"]`))).toBe(false);
  expect(faults).toEqual([]);
});
