import { rm, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, at } from "../browser/app.ts";
import type { Room } from "../browser/room.ts";
import { launch } from "../support/browsers/launch.ts";
import type { Browser } from "../support/browsers/page.ts";
import { puppetOf } from "../support/browsers/puppeteer.ts";
import { until } from "../support/processes.ts";
import { KindredServer, type Links } from "../support/server.ts";
import { Service } from "../support/services.ts";
import { dump, type Dump } from "./database.ts";
import { Recorder } from "./recorder.ts";
import { Watch } from "./watch.ts";

/** Words that stand nowhere else in the world; what they are is the key. */
export const secrets = {
  "a pseudonym": "Zéphyrine qx71 Vael",
  "another pseudonym": "Obadiah wm52 Thrup",
  "a private room's name": "Nook of kv93 Ümbers",
  "a message": "The heron jt64 lands at dusk – alone",
  "an edited message": "It was rp28 yesterday, not today",
  "a deleted message": "Forget hb17 what I wrote",
  "a reply": "I saw nc46 the heron too",
  "a message between two": "Only you dz85 may know",
  "a draft": "Perhaps gf39 I will say it tomorrow",
  "a PIN": "970583",
  "a wrong PIN": "813097",
} as const;

/** Typed by a person too, but for the server to know: shows that whoever searches can find. */
export const known = "Openly titled yl20 room";

/** Where everyone seems to come from, for the server and for its rate limits. */
export const addresses = { peer: "127.0.0.77", forwarded: "203.0.113.177" };

export type Turns = [before: Dump, between: Dump, after: Dump];

export interface Evidence {
  server: KindredServer;
  links: Links;
  /** What passed between browsers and server, and between server and Redis. */
  wire: Recorder;
  redis: Recorder;
  /** What the server's memory held after each step. */
  watch: Watch;
  /** Two people write one message each, after one another, and everyone acknowledges: the database before, between, after. */
  turns: Turns;
  /** The same while a third person is away, so that what is sent stays in the log. */
  held: Turns;
  /** The folder of a closed browser in which one of them wrote. */
  profile: string;
  /** Everything in that browser's databases and stores, read by a script, as JSON with bytes in hex. */
  stored: string;
  /** Every address that a page or its workers asked for. */
  asked: string[];
  roomLink: string;
  end: () => Promise<void>;
}

/** Three people use everything that carries words, on a server with Redis, and every byte is kept. */
export async function play(): Promise<Evidence> {
  const [wire, redis] = await Promise.all([Recorder.listen(addresses.peer), Recorder.listen("127.0.0.1")]);
  const service = await Service.start("redis");
  redis.leadTo(Number(new URL(service.url).port));
  const server = await KindredServer.start({
    settings: { ORIGIN: wire.address, REDIS_URL: `redis://127.0.0.1:${redis.port}/0`, TRUSTED_PROXY: addresses.peer, LOG_LEVEL: "DEBUG" },
  });
  wire.leadTo(server.port);
  const watch = new Watch(() => server, wire, { ...secrets, [known]: known });
  const profile = await mkdtemp(join(tmpdir(), "kindred-profile-"));
  const browsers: Browser[] = [];
  const end = async (): Promise<void> => {
    await Promise.all(browsers.map((browser) => browser.close()));
    await Promise.all([server.remove(), wire.close(), redis.close(), rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })]);
    await service.remove();
  };
  try {
    const links = await server.links();
    browsers.push(...(await Promise.all([launch("chromium"), launch("chromium", { profile })])));
    const [shared, own] = browsers as [Browser, Browser];
    const asked: string[] = [];
    const people = await Promise.all([
      enter(shared, secrets["a pseudonym"], links.coordinator, asked),
      enter(own, secrets["another pseudonym"], links.members[0] ?? "", asked),
      enter(shared, "Someone else", links.members[1] ?? "", asked),
    ]);
    await watch.look("everybody has joined");
    const { roomLink, turns } = await meet(server, people);
    await watch.look("a group was made");
    await talk(people, watch);
    const held = await takeTurns(server, people, false);
    await watch.look("before requests that go wrong");
    await ask(wire.address);
    const stored = await people[1].page.eval(everythingStored);
    await own.close();
    browsers.pop();
    return { server, links, wire, redis, watch, turns, held, profile, stored, asked, roomLink, end };
  } catch (error) {
    await end();
    throw error;
  }
}

type People = [App, App, App];

async function enter(browser: Browser, name: string, link: string, asked: string[]): Promise<App> {
  const context = await browser.newContext();
  const app = new App(await context.open("about:blank"), name, context);
  puppetOf(app.page).on("request", (request) => asked.push(request.url()));
  app.pin = secrets["a PIN"];
  await app.page.goto(link);
  await app.join();
  return app;
}

/** Everyone comes together in the open room and in a private group; then the third goes away. */
async function meet(server: KindredServer, people: People): Promise<{ roomLink: string; turns: Turns }> {
  const [one, two, three] = people;
  await (await one.makeOpenRoom(known)).send("Good morning everyone");
  await two.joinOpenRoom(known);
  await three.joinOpenRoom(known);
  const turns = await takeTurns(server, people, true);
  const group = await one.makeGroup(secrets["a private room's name"], [three.name]);
  const roomLink = await group.makeInvite();
  await three.open(secrets["a private room's name"]);
  await two.acceptRoomInvite(roomLink, secrets["a private room's name"]);
  await three.page.close();
  return { roomLink, turns };
}

/** Everything else that carries words. */
async function talk([one, two]: People, watch: Watch): Promise<void> {
  const group = await one.open(secrets["a private room's name"]);
  await group.send(secrets["a message"]);
  const theirs = await two.open(secrets["a private room's name"]);
  await theirs.answer(secrets["a message"], secrets["a reply"]);
  await theirs.react(secrets["a message"], "🤗");
  await watch.look("a message was answered");
  await group.send("It was today");
  await group.edit("It was today", secrets["an edited message"]);
  await group.send(secrets["a deleted message"]);
  await group.remove(secrets["a deleted message"]);
  await watch.look("messages were edited and deleted");
  await (await two.writeTo(one.name)).send(secrets["a message between two"]);
  await (await one.open(two.name)).waitFor(secrets["a message between two"]);
  await watch.look("two talked");
  await two.open(secrets["a private room's name"]);
  await two.fill("composer", secrets["a draft"]);
  await two.lock();
  await two.tapPin(secrets["a wrong PIN"]);
  await two.page.waitFor(at("screenUnlock", " .wrong:not(:empty)"));
  await two.unlock();
  await watch.look("a wrong PIN and the right one were typed");
}

/** First one writes to the open room, then the other, and each time the database is read when it has come to rest. */
async function takeTurns(server: KindredServer, [one, two]: People, everyone: boolean): Promise<Turns> {
  const rooms = [await one.open(known), await two.open(known)] as const;
  const after = async (writer: Room, reader: Room, text: string): Promise<Dump> => {
    await writer.send(text);
    await reader.waitFor(text);
    if (everyone) await writer.waitForState(text, "delivered");
    return quiet(server, everyone);
  };
  await after(rooms[0], rooms[1], "Before we begin, the first");
  const before = await after(rooms[1], rooms[0], "Before we begin, the second");
  return [before, await after(rooms[0], rooms[1], "It is my turn"), await after(rooms[1], rooms[0], "Now it is mine")];
}

/** Longer than an acknowledgement, which comes up to two seconds late, takes to be written down. */
const QUIET_MS = 5000;

/** The database once all who are online have acknowledged everything, and nothing is written any more. */
async function quiet(server: KindredServer, everyone: boolean): Promise<Dump> {
  let last = await dump(server.dataDir);
  let since = Date.now();
  await until(
    async () => {
      const now = await dump(server.dataDir);
      if (JSON.stringify(now.rows) !== JSON.stringify(last.rows)) since = Date.now();
      last = now;
      return Date.now() - since > QUIET_MS && (!everyone || acknowledged(now));
    },
    120_000,
    () => "The database does not come to rest",
  );
  return last;
}

/** Whether every device has everything of the open room: then no frank is left there. How far each one is, the rows do not say. */
function acknowledged({ rows }: Dump): boolean {
  const room = rows["chat_room"]?.find(({ title }) => title === known);
  return (rows["chat_entry"] ?? []).every((entry) => entry["room_id"] !== room?.["id"] || entry["frank"] === null);
}

/** Requests that go wrong in every way, full of what must not be kept or answered. */
async function ask(origin: string): Promise<void> {
  const words = secrets["a message"];
  const headers = { "x-forwarded-for": addresses.forwarded, "user-agent": "Mozilla/5.0 Curious/1", "content-type": "application/json" };
  const bodies = [JSON.stringify({ secret: words }), JSON.stringify({ [words]: 1 }), words, "{"];
  for (const path of ["/api/v1/invites/check", "/api/v1/join", "/api/v1/rooms", "/api/v1/nothing", "/healthz", "/nothing"]) {
    for (const body of bodies) await fetch(origin + path, { method: "POST", headers, body });
    await fetch(`${origin}${path}/${encodeURIComponent(words)}?${encodeURIComponent(words)}`, { headers: { ...headers, authorization: `Bearer ${encodeURIComponent(words)}` } });
  }
  // Until the rate limit has counted whoever asks.
  let status = 0;
  for (let n = 0; n < 500 && status !== 429; n++) {
    const answer = await fetch(`${origin}/api/v1/invites/check`, { method: "POST", headers, body: JSON.stringify({ secret: "AAAAAAAAAAAAAAAAAAAAAA" }) });
    status = answer.status;
  }
}

/** Runs inside the page: every record of every database, and the two simple stores. */
export async function everythingStored(): Promise<string> {
  const hex = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const plain = (_key: string, value: unknown): unknown => {
    if (value instanceof ArrayBuffer) return { hex: hex(new Uint8Array(value)) };
    if (ArrayBuffer.isView(value)) return { hex: hex(new Uint8Array(value.buffer, value.byteOffset, value.byteLength)) };
    return value;
  };
  const done = <T>(request: IDBRequest<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(new Error(String(request.error)));
    });
  const all: unknown[] = [{ ...localStorage }, { ...sessionStorage }];
  for (const { name = "" } of await indexedDB.databases()) {
    const database = await done(indexedDB.open(name));
    for (const store of database.objectStoreNames) {
      const rows = database.transaction(store).objectStore(store);
      const [keys, values] = await Promise.all([done(rows.getAllKeys()), done(rows.getAll())]);
      all.push({ name, store, keys, values });
    }
    database.close();
  }
  for (const name of await caches.keys()) all.push({ name, files: (await (await caches.open(name)).keys()).map((request) => request.url) });
  return JSON.stringify(all, plain);
}
