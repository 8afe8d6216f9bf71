import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { contentsIn, insideOf } from "../../client/test/forger.ts";
import type { Headless } from "../../client/test/headless.ts";
import { account, asking, Desk, isIn, PIN, texts } from "./desk.ts";

vi.setConfig({ testTimeout: 300_000 });

/** Whoever asked leaves it to the staff who are in, for a while. */
const PATIENT_MS = 120_000;
let desk: Desk;
let cora: Headless;
let ann: Headless;
let rook: Headless;

beforeAll(async () => {
  desk = await Desk.start();
  cora = desk.coordinator;
  [ann, rook] = [await desk.invite("Ann", "member"), await desk.invite("Rook", "member")];
});
afterAll(async () => {
  await desk?.end();
});

/** A case of Ann's in which these messages of Rook's are shown, one after the other, and that Cora has. */
async function taken(...said: string[]): Promise<{ id: string; room: string }> {
  const [first = "", ...more] = said;
  const id = await ann.engine.cases.ask({ ...asking, room: desk.open, messages: [await desk.says(rook, desk.open, first, ann)] });
  for (const text of more) await ann.engine.cases.showMore(id, desk.open, [await desk.says(rook, desk.open, text, ann)]);
  await desk.shown(cora, id, said.length);
  await cora.engine.cases.claim(id);
  await desk.until(async () => (await desk.question(ann, id)).state === "claimed");
  return { id, room: (await desk.question(ann, id)).room };
}

/** Those of the staff who are none of these: whom a question is kept from that is about the others. */
async function besides({ engine }: Headless, ...readers: Headless[]): Promise<string[]> {
  return (await engine.cases.readers(null)).map((one) => one.account).filter((one) => !readers.map(account).includes(one));
}

describe("a question that nobody of the staff can open any more", () => {
  it("is opened for a new coordinator by the device of whoever asked, with all that was shown; until then nobody is said to read it", async () => {
    const { id, room } = await taken("pay or else", "I know where you live");
    await desk.says(cora, room, "I read it", ann);
    const before = await desk.shown(cora, id, 2);
    const dora = await desk.invite("Dora", "member");
    expect((await desk.question(ann, id)).unopened).toBe(false);
    await cora.engine.recovery.deleteAccount();
    await desk.until(async () => (await desk.question(ann, id)).unopened);
    await desk.disconnect(ann);
    await desk.appoint(dora, "coordinator");
    desk.coordinator = dora;
    expect(await desk.sees(dora, id, ({ inside }) => !inside)).toMatchObject({ staff: [account(dora)], claimedBy: null });
    await dora.engine.cases.claim(id);

    ann.network(true);
    await desk.believes(ann, dora);
    const shown = await desk.shown(dora, id, 2);
    // Word for word as it was shown to the one who has gone, and when; nobody stands between.
    expect(shown).toEqual(before);
    expect(shown.map(({ by, passedOnBy, exhibits }) => [by, passedOnBy, exhibits.map(({ text, doubt }) => [text, doubt])])).toEqual([
      [account(ann), null, [["pay or else", null]]], [account(ann), null, [["I know where you live", null]]],
    ]);
    await desk.until(async () => {
      const { state, unopened } = await desk.question(ann, id);
      return state === "claimed" && !unopened;
    });
    expect(ann.engine.members(room).map((one) => one.account).sort()).toEqual([ann, dora].map(account).sort());
    await desk.says(dora, room, "I am Dora and have it now", ann);
    await desk.says(ann, room, "thank you, Dora", dora);
    expect(await texts(dora, room)).toEqual(["I am Dora and have it now", "thank you, Dora"]);

    // An app that was put away between letting somebody in and passing on does the rest at the next connection.
    const parts = async () => (await contentsIn(dora.engine, room)).filter((content) => content.includes("report+cbor")).length;
    const had = await parts();
    const { rooms } = insideOf(ann.engine).session;
    const place = rooms.get(room);
    if (place) await rooms.update(place, (record) => {
      record.passing = true;
    });
    await ann.restart(PIN);
    await desk.until(async () => (await parts()) === 2 * had);
    expect(await desk.shown(dora, id, 2)).toEqual(before);
    await desk.until(() => insideOf(ann.engine).session.rooms.get(room)?.record.passing === false);
    await dora.engine.cases.close(id, "helped");
  });

  it("stays closed to those from whom it is kept, and to whoever is staff no more", async () => {
    const dora = desk.coordinator;
    const mo = await desk.invite("Mo", "member");
    for (const person of [rook, mo]) await desk.confirmedBefore(person, "moderator");
    const id = await ann.engine.cases.ask({ ...asking, room: desk.open, messages: [await desk.says(rook, desk.open, "come and work for me", ann)] });
    await desk.shown(dora, id);
    const { room } = await desk.question(ann, id);
    ann.network(false);
    dora.network(false);
    // Rook's own messages are shown in it; Mo helps for a moment only.
    for (const person of [rook, mo]) await desk.appoint(person, "moderator");
    await desk.sees(mo, id, ({ inside }) => !inside);
    expect(await rook.engine.cases.queue(false)).toEqual([]);
    await desk.appoint(mo, "member");
    await desk.appoint(dora, "member");
    ann.network(true);
    await desk.until(async () => (await desk.question(ann, id)).unopened);
    await desk.until(() => !isIn(ann, room, dora));
    const { membership } = insideOf(ann.engine).session;
    const place = insideOf(ann.engine).session.rooms.get(room);
    if (!place) throw new Error("no such room");
    // Nor does the server let a device that asks for it all the same.
    for (const person of [rook, mo, dora]) {
      await expect(membership.letIn(place, [account(person)])).rejects.toMatchObject({ code: expect.stringMatching(/^(forbidden|not_found)$/) as string });
    }
    await desk.appoint(dora, "coordinator");
    await desk.reconnect(ann);
    expect((await desk.shown(dora, id)).map(({ by, passedOnBy }) => [by, passedOnBy])).toEqual([[account(ann), null]]);
    expect(ann.engine.members(room).map((one) => one.account).sort()).toEqual([ann, dora].map(account).sort());
    await ann.engine.cases.withdraw(id);
    await desk.appoint(rook, "member");
  });

  it("is opened by whoever asked also while a moderator is in whose device stays away", async () => {
    const dora = desk.coordinator;
    const lin = await desk.invite("Lin", "member");
    await desk.confirmedBefore(lin, "moderator");
    const id = await ann.engine.cases.ask({ ...asking, room: desk.open, messages: [await desk.says(rook, desk.open, "nobody will believe you", ann)] });
    await desk.shown(dora, id);
    const { room } = await desk.question(ann, id);
    await desk.disconnect(dora);
    await desk.appoint(lin, "moderator");
    await desk.reconnect(ann);
    await desk.until(() => isIn(ann, room, lin), PATIENT_MS);
    expect((await desk.shown(lin, id)).map(({ passedOnBy, exhibits }) => [passedOnBy, exhibits.map(({ doubt }) => doubt)])).toEqual([[null, [null]]]);
    dora.network(true);
    await desk.until(() => isIn(dora, room, lin));
    // To Dora it is what she had: passing it on asked nothing anew.
    expect((await desk.shown(dora, id)).length).toBe(1);
    await ann.engine.cases.withdraw(id);
  });
});

describe("another device of whoever asked, which has nothing of what was shown", () => {
  it("lets a moderator in all the same, says where it is, and the device that has it passes it on", async () => {
    const dora = desk.coordinator;
    const kim = await desk.invite("Kim", "member");
    await desk.confirmedBefore(kim, "moderator");
    const id = await ann.engine.cases.ask({ ...asking, room: desk.open, keptFrom: await besides(ann, dora), messages: [await desk.says(rook, desk.open, "you owe me", ann)] });
    await desk.shown(dora, id);
    const { room } = await desk.question(ann, id);
    const second = await desk.further(ann, "none");
    await desk.until(() => second.engine.room(room)?.active === true);
    for (const person of [ann, dora]) await desk.disconnect(person);
    await desk.appoint(kim, "moderator");
    await desk.reconnect(second);
    await desk.until(() => isIn(second, room, kim), PATIENT_MS);
    await desk.until(async () => (await desk.question(second, id)).elsewhere);
    await desk.sees(kim, id, ({ inside }) => inside);
    expect(await kim.engine.cases.reports(id)).toEqual([]);
    // They can talk until then.
    await desk.says(second, room, "it is on my phone", kim);

    ann.network(true);
    const shown = await desk.shown(kim, id);
    expect(shown.map(({ by, passedOnBy, exhibits }) => [by, passedOnBy, exhibits.map(({ text, doubt }) => [text, doubt])])).toEqual([[account(ann), null, [["you owe me", null]]]]);
    await desk.until(async () => !(await desk.question(second, id)).elsewhere);
    expect((await desk.question(ann, id)).elsewhere).toBe(false);
    await desk.until(() => insideOf(ann.engine).session.rooms.get(room)?.record.owed === false);
    dora.network(true);
    await desk.until(() => isIn(dora, room, kim));
    expect(await desk.shown(dora, id)).toHaveLength(1);
    await second.engine.cases.withdraw(id);
    await desk.manage("set_role", account(kim), "member");
  });
});

describe("a question of somebody who is suspended", () => {
  it("is opened for a moderator who comes later, where nobody else of the staff is in, by their own device", async () => {
    const dora = desk.coordinator;
    const sue = await desk.invite("Sue", "member");
    const kim = await desk.invite("Kim too", "member");
    await desk.confirmedBefore(kim, "coordinator");
    const id = await sue.engine.cases.ask({ ...asking, room: desk.open, keptFrom: await besides(sue, dora), messages: [await desk.says(rook, desk.open, "this stays with us", sue)] });
    await desk.shown(dora, id);
    const { room } = await desk.question(sue, id);
    await dora.engine.decisions.decide({ subject: account(sue), kind: "suspend", ground: "law", card: null, law: "A law", finding: "other", room: null, until: Date.now() + 3_600_000, case: null, facts: null });
    await desk.until(() => sue.engine.phase() === "suspended");
    await desk.disconnect(dora);
    await desk.appoint(kim, "coordinator");
    await desk.reconnect(sue);
    await desk.until(() => isIn(sue, room, kim), PATIENT_MS);
    expect((await desk.shown(kim, id)).map(({ by, passedOnBy }) => [by, passedOnBy])).toEqual([[account(sue), null]]);
    dora.network(true);
    await desk.until(() => isIn(dora, room, kim));
    await desk.manage("set_role", account(kim), "member");
    expect(desk.faults).toEqual([]);
  });
});

describe("several devices that let the same one in at the same moment", () => {
  it("bring them in once, and all of them go on in the room", async () => {
    const dora = desk.coordinator;
    const id = await ann.engine.cases.ask({ ...asking, room: desk.open, messages: [await desk.says(rook, desk.open, "last warning", ann)] });
    const { room } = await desk.question(ann, id);
    await desk.shown(dora, id);
    const second = await desk.further(ann, "all");
    await desk.until(() => second.engine.room(room)?.active === true);
    const devices = [ann, second, dora];
    // The three look for themselves too; whoever is first, it is one.
    const sam = await desk.invite("Sam", "moderator");
    const tries = devices.map(async ({ engine }) => {
      const { session } = insideOf(engine);
      const place = session.rooms.get(room);
      if (!place) throw new Error("no such room");
      return session.membership.letIn(place, [account(sam)]);
    });
    expect((await Promise.all(tries)).filter((added) => added).length).toBeLessThanOrEqual(1);
    for (const device of [...devices, sam]) await desk.until(() => isIn(device, room, sam));
    const joined = (await ann.engine.messages(room, { limit: 1000 })).messages.filter(({ body }) => body.type === "system" && body.note.type === "joined" && body.note.account === account(sam));
    expect(joined).toHaveLength(1);
    const talk = [[ann, sam], [sam, second], [second, dora], [dora, ann]] as const;
    for (const [index, [from, to]] of talk.entries()) await desk.says(from, room, `line ${String(index)}`, to);
    expect(desk.faults).toEqual([]);
  });
});
