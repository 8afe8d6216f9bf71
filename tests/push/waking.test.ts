import { afterAll, beforeAll, expect, test } from "vitest";
import type { Note } from "../../client/src/contract/index.ts";
import { headless, type Headless } from "../../client/test/headless.ts";
import { until } from "../support/processes.ts";
import { LocalBrowser, PushService } from "../support/push.ts";
import { KindredServer, type Links } from "../support/server.ts";

const patience = 60_000;
const reminder: Note = { words: "Reminder", icon: "clock" };

let service: PushService;
let server: KindredServer;
let links: Links;
const people: Headless[] = [];

beforeAll(async () => {
  service = await PushService.start();
  server = await KindredServer.start({
    settings: { VAPID_SUBJECT: "mailto:push@kindred.example", PUSH_TRUSTED_ORIGINS: service.address, PUSH_GRACE_MS: "100", PUSH_COLLAPSE_MS: "500" },
  });
  links = await server.links();
});
afterAll(async () => {
  for (const person of people) await person.end();
  await server.remove();
  await service.end();
});

async function joined(name: string, link: string, waking?: LocalBrowser): Promise<Headless> {
  const person = await headless({ origin: server.address, ...(waking ? { waking } : {}) });
  people.push(person);
  const { conduct } = await person.engine.readInvite(link);
  await person.engine.join(link, { name, pin: "2580", conductVersion: conduct?.version ?? 1 });
  await soon(() => person.engine.connection() === "online");
  return person;
}

async function soon(so: () => boolean | Promise<boolean>): Promise<void> {
  await until(async () => so(), patience, () => `not in time: ${so.toString()}`);
}

test("whoever turned notes on is woken while away, by a push that says nothing, and fetches the message when back", async () => {
  const browser = new LocalBrowser(service.address);
  const ann = await joined("Ann", links.moderator);
  const bea = await joined("Bea", links.members[0] ?? "", browser);
  await soon(() => ann.engine.rooms().length === 1 && bea.engine.rooms().length === 1);
  const room = ann.engine.rooms()[0]?.id ?? "";
  for (const { engine } of [ann, bea]) await engine.joinOpenRoom(room);
  await soon(() => ann.engine.members(room).length === 2);

  expect(await bea.engine.push.state()).toEqual({ state: "off", quiet: null, delay: 20_000, note: null });
  expect(browser.id).toBeNull();
  await bea.engine.push.turnOn(reminder);
  expect(await bea.engine.push.state()).toEqual({ state: "on", quiet: null, delay: 20_000, note: reminder });
  expect(browser.note).toEqual(reminder);
  await bea.engine.push.setDelay(0);

  await bea.engine.lock();
  await ann.engine.sendText(room, "are you there?");
  await soon(async () => (await service.received(browser)).length > 0);
  expect(new Set(await service.received(browser))).toEqual(new Set(["sync"]));

  await bea.engine.unlock("2580");
  await soon(async () => (await bea.engine.messages(room)).messages.some(({ body }) => body.type === "text" && body.text === "are you there?"));
});

test("quiet hours, the random delay and muted chats are told to the server, and turning notes off leaves nothing there", async () => {
  const browser = new LocalBrowser(service.address);
  const cleo = await joined("Cleo", links.members[1] ?? "", browser);
  await soon(() => cleo.engine.rooms().length === 1);
  const room = cleo.engine.rooms()[0]?.id ?? "";
  await cleo.engine.joinOpenRoom(room);
  await cleo.engine.push.turnOn(reminder);
  await cleo.engine.push.setQuiet({ start: 1320, end: 420 });
  await cleo.engine.push.setDelay(3_600_000);
  await expect(cleo.engine.push.setDelay(3_600_001)).rejects.toMatchObject({ code: "malformed" });
  await cleo.engine.push.setNote({ words: "Something is new", icon: "none" });
  const first = browser.id;
  await cleo.engine.setMuted(room, true);
  // A muted chat is told at once, with the address as it is then.
  await soon(() => browser.id !== first);
  expect(await cleo.engine.push.state()).toEqual({ state: "on", quiet: { start: 1320, end: 420 }, delay: 3_600_000, note: { words: "Something is new", icon: "none" } });
  expect(browser.note).toEqual({ words: "Something is new", icon: "none" });
  await cleo.engine.push.turnOff();
  expect((await cleo.engine.push.state()).state).toBe("off");
  expect([browser.id, browser.note]).toEqual([null, null]);
});

test("what the browser refuses is not asked of the server, and what is taken back in its settings ends there too", async () => {
  const browser = new LocalBrowser(service.address);
  browser.answer = "denied";
  const dina = await joined("Dina", links.members[2] ?? "", browser);
  await expect(dina.engine.push.turnOn(reminder)).rejects.toMatchObject({ code: "forbidden" });
  expect((await dina.engine.push.state()).state).toBe("denied");
  expect(browser.id).toBeNull();
  for (const taken of ["denied", "default"] as const) {
    browser.answer = "granted";
    await dina.engine.push.turnOn(reminder);
    expect((await dina.engine.push.state()).state).toBe("on");
    browser.answer = taken;
    await dina.restart("2580");
    await soon(() => browser.id === null && browser.note === null);
    expect((await dina.engine.push.state()).state).toBe(taken === "denied" ? "denied" : "off");
    // Allowing it again does not turn it on again.
    browser.answer = "granted";
    expect((await dina.engine.push.state()).state).toBe("off");
  }
});

test("forgetting the device gives the browser's address up", async () => {
  const browser = new LocalBrowser(service.address);
  const eve = await joined("Eve", links.coordinator, browser);
  await eve.engine.push.turnOn(reminder);
  expect(browser.id).not.toBeNull();
  await eve.engine.erase();
  expect([browser.id, browser.note]).toEqual([null, null]);
});
