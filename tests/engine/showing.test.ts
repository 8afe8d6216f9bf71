import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Forger, insideOf } from "../../client/test/forger.ts";
import type { Headless } from "../../client/test/headless.ts";
import { photo } from "../../client/test/photos.ts";
import { base64url, randomBytes } from "../../client/src/protocol/bytes.ts";
import { type Picture, sealPicture } from "../../client/src/crypto/picture.ts";
import { Batch } from "../../client/src/store/store.ts";
import type { Outbox } from "../../client/src/engine/rooms/outbox.ts";
import { keptAt } from "../../client/src/engine/rooms/pictures.ts";
import { account, asking, Desk } from "./desk.ts";

let desk: Desk;
let cora: Headless;
let mo: Headless;
let ann: Headless;
let rook: Headless;

beforeAll(async () => {
  desk = await Desk.start();
  cora = desk.coordinator;
  [mo, ann, rook] = [await desk.invite("Mo", "moderator"), await desk.invite("Ann", "member"), await desk.invite("Rook", "member")];
});
afterAll(async () => {
  await desk?.end();
});

/** What Rook's app would not send: a picture under a name that he chooses, or a text with any tag. Its key for the others. */
async function sends(room: string, text: string, { blob, tag }: { blob?: string; tag?: Uint8Array<ArrayBuffer> }): Promise<string> {
  const { session, store } = insideOf(rook.engine);
  const place = session.rooms.get(room);
  const { outbox, sending } = session.conversation as unknown as { outbox: Outbox; sending: { pump(room: unknown): void } };
  if (!place) throw new Error("no such room");
  const batch = new Batch();
  let picture: Picture | undefined;
  if (blob !== undefined) {
    const made = await sealPicture(photo(2000), "image/jpeg", "", 2_000_000_000);
    picture = { ...made.picture, blob };
    batch.put("meta", await keptAt(store, room, picture), made.sealed);
  }
  const item = await outbox.add(place, { type: "text", text, inReplyTo: null, ...(picture && { picture }) }, batch);
  if (tag) await outbox.change(place, item, { tag });
  sending.pump(place);
  await desk.until(async () => (await ann.engine.messages(room, { limit: 1000 })).messages.some(({ key, seq }) => key === item.record.id && seq !== null));
  return item.record.id;
}

const stayed = async (id: string) => (await desk.question(ann, id)).stayed;
const through = (id: string): Promise<void> => desk.until(async () => {
  const { state, underway } = await desk.question(ann, id);
  return state !== "sending" && underway === null;
});

describe("what somebody sends so that it cannot be shown to moderators", () => {
  it("is shown all the same where two pictures have one name in two rooms: the words of both, and the first picture", async () => {
    const two = await rook.engine.startDirect(account(ann));
    await desk.until(() => ann.engine.room(two)?.active === true);
    const blob = base64url(randomBytes(16));
    const first = await sends(two, "for you alone", { blob });
    const second = await sends(desk.open, "for everybody", { blob });
    const third = await desk.says(rook, desk.open, "and words alone", ann);
    const id = await ann.engine.cases.ask({ ...asking, room: two, messages: [first] });
    await through(id);
    await ann.engine.cases.showMore(id, desk.open, [second]);
    await ann.engine.cases.showMore(id, desk.open, [third]);
    const reports = await desk.shown(cora, id, 3);
    expect(reports.flatMap(({ exhibits }) => exhibits.map(({ text, doubt }) => [text, doubt]))).toEqual([
      ["for you alone", null], ["for everybody", null], ["and words alone", null],
    ]);
    await through(id);
    expect(await stayed(id)).toEqual({ picture: 1 });
    const loaded = await Promise.all(reports.slice(0, 2).map(async ({ exhibits }) => (await cora.engine.cases.picture(id, exhibits[0]?.key ?? "")).state));
    expect(loaded).toEqual(["here", "unchecked"]);

    // As whoever asked reads: anew, it goes.
    const anew = await ann.engine.cases.ask({ ...asking, room: desk.open, messages: [second] });
    const [report] = await desk.shown(cora, anew);
    await through(anew);
    expect(await stayed(anew)).toEqual({});
    expect((await cora.engine.cases.picture(anew, report?.exhibits[0]?.key ?? "")).state).toBe("here");
  });

  it("is not shown, nor offered, where its tag is wrong: nothing proves it, and it is no text for anybody", async () => {
    await desk.says(rook, desk.open, "before", ann);
    const key = await sends(desk.open, "do as I say", { tag: randomBytes(32) });
    const shown = (await ann.engine.messages(desk.open, { limit: 1000 })).messages.find((message) => message.key === key);
    expect(shown?.body.type).toBe("unchecked");
    const offered = await ann.engine.cases.suggest(desk.open, key);
    expect(offered.map(({ asked }) => asked)).not.toContain(true);
    expect(offered.at(-1)?.text).toBe("before");
    await expect(ann.engine.cases.ask({ ...asking, room: desk.open, messages: [key] })).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("a question about somebody who would read it", () => {
  it("is kept from them, also when nobody said so and the app was closed in between", async () => {
    const key = await desk.says(cora, desk.open, "Cora's own words", ann);
    ann.network(false);
    const id = await ann.engine.cases.ask({ ...asking, room: desk.open, messages: [key] });
    await ann.restart("2580");
    ann.network(true);
    const [report] = await desk.shown(mo, id);
    expect(report?.exhibits.map(({ text, doubt }) => [text, doubt])).toEqual([["Cora's own words", null]]);
    expect((await mo.engine.cases.file(id)).staff).toEqual([account(mo)]);
    await expect(cora.engine.cases.file(id)).rejects.toMatchObject({ code: "not_found" });
    const { room } = await desk.question(ann, id);
    expect(cora.engine.room(room)).toBeNull();
  });

  it("is read by them when they were let in by hand", async () => {
    const key = await desk.says(cora, desk.open, "more of Cora's", ann);
    const id = await ann.engine.cases.ask({ ...asking, room: desk.open, messages: [key], letIn: [account(cora)] });
    const [report] = await desk.shown(cora, id);
    expect(report?.exhibits.map(({ text }) => text)).toEqual(["more of Cora's"]);
    await through(id);
    expect(await stayed(id)).toEqual({});
  });
});

it("a moderator who passes on what nobody showed, at the time of what was shown or at no time that there is, changes no other report", async () => {
  const key = await desk.says(rook, desk.open, "pay or else", ann);
  const id = await ann.engine.cases.ask({ ...asking, room: desk.open, messages: [key] });
  const [report] = await desk.shown(cora, id);
  await desk.shown(mo, id);
  const { room } = await desk.question(ann, id);
  const head = { concern: "threats", urgency: "today", wish: "", name: null, room: null } as const;
  const forger = new Forger(mo.engine);
  for (const at of [report?.at ?? 0, Number.MAX_SAFE_INTEGER]) await forger.show(room, { ...head, passed: { by: account(ann), at } }, []);
  const reports = await desk.shown(cora, id, 3);
  expect(reports[0]).toEqual(report);
  expect(reports.filter(({ at }) => at === report?.at)).toHaveLength(2);
  expect(new Set(reports.map((one) => one.id)).size).toBe(3);
  for (const { at } of reports) expect(at).toBeLessThan(Date.now() + 60_000);
});
