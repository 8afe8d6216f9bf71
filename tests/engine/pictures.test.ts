import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Forger, insideOf } from "../../client/test/forger.ts";
import { headless, type Headless } from "../../client/test/headless.ts";
import { photo, twoWays } from "../../client/test/photos.ts";
import { base64url, type Bytes, randomBytes, sha256, utf8Text } from "../../client/src/protocol/bytes.ts";
import { nothing } from "../../client/src/protocol/api.ts";
import { decodeMimi, encodeMimi } from "../../client/src/crypto/mimi.ts";
import type { Picture } from "../../client/src/crypto/picture.ts";
import { Batch } from "../../client/src/store/store.ts";
import type { EvidenceChoice, LoadedPicture, Report, ShownMessage } from "../../client/src/contract/index.ts";
import type { Outbox } from "../../client/src/engine/rooms/outbox.ts";
import { keptAt, pictureOf } from "../../client/src/engine/rooms/pictures.ts";
import { unpack } from "../../client/src/evidence/container.ts";
import { verifiedOffline } from "../support/evidence.ts";
import { KindredServer } from "../support/server.ts";

const STEP = 32 * 1024;
let server: KindredServer;
let mod: Headless;
let ann: Headless;
let bea: Headless;
let open: string;
const people: Headless[] = [];
const faults: unknown[] = [];

beforeAll(async () => {
  server = await KindredServer.start();
  mod = await join("Mo", (await server.links()).coordinator);
  [ann, bea] = [await invite("Ann"), await invite("Bea")];
  open = mod.engine.rooms().find(({ kind }) => kind === "open")?.id ?? "";
  for (const { engine } of [mod, ann, bea]) {
    await until(() => engine.room(open) !== null);
    if (engine.room(open)?.joined !== true) await engine.joinOpenRoom(open);
  }
});
afterAll(async () => {
  for (const person of people) await person.end();
  await server.remove();
});

async function join(name: string, link: string): Promise<Headless> {
  const person = await headless({ origin: server.address, unexpected: (error) => faults.push(error) });
  people.push(person);
  const { conduct } = await person.engine.readInvite(link);
  await person.engine.join(link, { name, pin: "2580", conductVersion: conduct?.version ?? 1 });
  await until(() => person.engine.connection() === "online");
  return person;
}

async function invite(name: string): Promise<Headless> {
  const link = await mod.engine.createInvite({ role: "member", uses: 1, days: 1 });
  return join(name, link.slice(link.indexOf("#")));
}

async function until(condition: () => boolean | Promise<boolean>, withinMs = 60_000): Promise<void> {
  const end = Date.now() + withinMs;
  while (!(await condition())) {
    if (Date.now() > end || faults.length > 0) throw new Error(`not in time: ${condition.toString()}`, { cause: faults[0] });
    // What is looked for may be asked of the server, which takes twenty such requests a second from a device.
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

/** The message with this key, once it is in the log. */
async function arrived({ engine }: Headless, key: string): Promise<ShownMessage> {
  const find = async () => (await engine.messages(open, { limit: 1000 })).messages.find((one) => one.key === key && one.seq !== null);
  await until(async () => (await find()) !== undefined);
  return (await find()) as ShownMessage;
}

async function shownTo({ engine }: Headless, id: string): Promise<Report> {
  const found = async () => ((await engine.cases.queue(false)).find((one) => one.id === id)?.inside === true ? engine.cases.reports(id) : []);
  const whole = async () => (await found()).find(({ complete, exhibits }) => complete && exhibits.length > 0);
  await until(async () => (await whole()) !== undefined);
  return (await whole()) as Report;
}

/** The picture of the exhibit, which follows the words. */
async function loaded(id: string, exhibit: string): Promise<LoadedPicture> {
  await until(async () => (await mod.engine.cases.picture(id, exhibit)).state !== "gone");
  return mod.engine.cases.picture(id, exhibit);
}

async function bytes(loaded: LoadedPicture): Promise<Bytes | string> {
  return loaded.state === "here" ? new Uint8Array(await loaded.picture.arrayBuffer()) : loaded.state;
}

/** The pictures in the evidence that the moderator makes of a case, which must be whole, and what the command says of it. */
async function exported(id: string, choice: Partial<EvidenceChoice> = {}): Promise<{ pictures: Bytes[]; page: string; told: string; absent: number }> {
  const { bytes: zip, absent } = await mod.engine.evidence.export(id, { withhold: [], ...choice });
  const files = unpack(zip);
  const pictures = [...files].filter(([name]) => name.startsWith("pictures/")).map(([, content]) => content);
  return { pictures, page: utf8Text(files.get("index.html") ?? new Uint8Array()), told: await verifiedOffline(server.address, zip), absent };
}

const asking = { concern: "threats", urgency: "today", wish: "", named: false, keptFrom: [] } as const;
const send = ({ engine }: Headless, data: Bytes, text = "") => engine.pictures.send(open, new Blob([data]), { text, description: "a hill" });

describe("a picture that is shown to moderators", () => {
  it("is verified with its message and opens to just what was sent, also after its sender took it back", async () => {
    const data = photo(50_000);
    const key = await send(bea, data, "look what I have of you");
    await arrived(ann, key);
    await bea.engine.remove(open, key);
    await until(async () => (await arrived(ann, key)).body.type === "deleted");
    const [suggested] = (await ann.engine.cases.suggest(open, key)).filter(({ asked }) => asked);
    expect(suggested).toMatchObject({ text: "look what I have of you", picture: true, removed: true });
    const id = await ann.engine.cases.ask({ ...asking, room: open, messages: [key] });
    const { exhibits: [exhibit] } = await shownTo(mod, id);
    expect(exhibit).toMatchObject({ doubt: null, text: "look what I have of you", picture: { size: 2 * STEP, description: "a hill" } });
    expect(await bytes(await loaded(id, exhibit?.key ?? ""))).toEqual(data);
    // Only what somebody asked for reached the moderator, and nothing of it stays.
    expect(await mod.engine.pictures.look(open, key).catch((error: { code: string }) => error.code)).toBe("not_found");
  });

  it("of which the reporter gives other bytes, or none, is not shown", async () => {
    const key = await send(bea, photo(2000));
    await arrived(ann, key);
    const id = await ann.engine.cases.ask({ ...asking, room: open, messages: [] });
    await until(async () => (await ann.engine.cases.questions()).find((one) => one.id === id)?.state === "unclaimed");
    const room = (await ann.engine.cases.questions()).find((one) => one.id === id)?.room ?? "";
    const forger = new Forger(ann.engine);
    const shown = await forger.honest(id, open, key);
    await forger.show(room, { concern: "threats", urgency: "today", wish: "", name: null, room: { id: open, kind: "open" }, passed: null }, [shown]);
    const { exhibits: [exhibit] } = await shownTo(mod, id);
    expect(exhibit?.doubt).toBeNull();
    expect(await mod.engine.cases.picture(id, exhibit?.key ?? "")).toEqual({ state: "gone" });
    await insideOf(ann.engine).http.upload("PUT", `/rooms/${room}/blobs/${pictureOf(shown.content)?.blob ?? ""}`, new Uint8Array(STEP), nothing, 20_000);
    expect(await mod.engine.cases.picture(id, exhibit?.key ?? "")).toEqual({ state: "unchecked" });
    await mod.engine.cases.claim(id);
    const { pictures, page, absent, told } = await exported(id);
    expect([pictures, absent]).toEqual([[], 1]);
    expect(page).toContain("This picture is not here.");
    expect(told).toContain("0 pictures as they were sent, 1 not in it.");
  });

  it("goes into evidence as it was sent, with its text and without those that are left out", async () => {
    const [data, alone] = [photo(40_000), photo(500)];
    const keys = [await send(bea, data, "look at this"), await send(bea, alone), await send(ann, photo(300), "not mine to show")];
    for (const key of keys) await arrived(ann, key);
    const id = await ann.engine.cases.ask({ ...asking, named: true, room: open, messages: keys });
    const { exhibits } = await shownTo(mod, id);
    await until(async () => (await ann.engine.cases.questions()).find((one) => one.id === id)?.underway === null);
    await mod.engine.cases.claim(id);
    const withhold = exhibits.filter(({ text }) => text === "not mine to show").map(({ key }) => ({ key, reason: "uninvolved" as const }));
    const { pictures, page, told, absent } = await exported(id, { withhold });
    expect(new Set(pictures.map((one) => one.length))).toEqual(new Set([data.length, alone.length]));
    for (const picture of pictures) expect([data, alone].some((one) => Buffer.compare(one, picture) === 0)).toBe(true);
    expect(page).toContain("look at this\n[picture: a hill]");
    expect(page.match(/<img src="pictures\/[0-9a-f]{64}\.jpg" alt="a hill">/g)).toHaveLength(2);
    expect(told).toContain("Whole. 2 messages as the server stamped them, 1 withheld.");
    expect(told).toContain("2 pictures as they were sent, 0 not in it.");
    expect(absent).toBe(0);
    const bare = await exported(id, { withhold, pictures: false });
    expect([bare.pictures, bare.absent]).toEqual([[], 2]);
    expect(bare.told).toContain("0 pictures as they were sent, 2 not in it.");
  });

  it("that decrypts in two ways is the one that was sent: with the other key it is named as edited", async () => {
    const [mine, other] = [randomBytes(32), randomBytes(32)] as [Bytes, Bytes];
    const [data, plain, nonce] = [photo(2000), new Uint8Array(STEP - 16), randomBytes(12)];
    plain.set(data);
    plain[data.length] = 0x80;
    const sealed = await twoWays(plain, [mine, other], nonce, 20);
    const picture: Picture = {
      blob: base64url(randomBytes(16)), contentType: "image/jpeg", size: STEP, expires: 2_000_000_000, key: mine, nonce, hash: await sha256(sealed), description: "",
    };
    const { session, store } = insideOf(bea.engine);
    const place = session.rooms.get(open);
    const { outbox, sending } = session.conversation as unknown as { outbox: Outbox; sending: { pump(room: unknown): void } };
    if (!place) throw new Error("no room");
    const item = await outbox.add(place, { type: "text", text: "", inReplyTo: null, picture }, new Batch().put("meta", await keptAt(store, open, picture), sealed));
    sending.pump(place);
    const key = item.record.id;
    await arrived(ann, key);
    const read = await bytes(await ann.engine.pictures.load(open, key));

    const id = await ann.engine.cases.ask({ ...asking, room: open, messages: [] });
    await until(async () => (await ann.engine.cases.questions()).find((one) => one.id === id)?.state === "unclaimed");
    const room = (await ann.engine.cases.questions()).find((one) => one.id === id)?.room ?? "";
    const forger = new Forger(ann.engine);
    const honest = await forger.honest(id, open, key);
    const { content } = decodeMimi(honest.content);
    if (content.body.cardinality !== "external") throw new Error("no attachment");
    const forged = { ...honest, content: encodeMimi({ ...content, body: { ...content.body, key: other } }) };
    expect(pictureOf(forged.content)?.key).toEqual(other);
    await insideOf(ann.engine).session.pictures.bring(open, room, honest.content);
    await forger.show(room, { concern: "threats", urgency: "today", wish: "", name: null, room: { id: open, kind: "open" }, passed: null }, [forged, honest]);
    const { exhibits } = await shownTo(mod, id);
    expect(exhibits.map(({ doubt }) => doubt).sort()).toEqual(["edited", null]);
    const keyOf = (doubt: string | null) => exhibits.find((one) => one.doubt === doubt)?.key ?? "";
    expect(await mod.engine.cases.picture(id, keyOf("edited"))).toEqual({ state: "unchecked" });
    expect(await bytes(await mod.engine.cases.picture(id, keyOf(null)))).toEqual(read);
    expect(Buffer.compare(Buffer.from(read).subarray(0, 320), Buffer.from(data).subarray(0, 320))).toBe(0);
    await mod.engine.cases.claim(id);
    const { pictures, told } = await exported(id);
    expect(pictures).toEqual([read]);
    expect(told).toContain("1 pictures as they were sent, 0 not in it.");
  });
});
