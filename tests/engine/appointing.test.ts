import { afterAll, beforeAll, expect, it } from "vitest";
import type { Headless } from "../../client/test/headless.ts";
import { account, asking, Desk } from "./desk.ts";

let desk: Desk;
let mo: Headless;
let ann: Headless;
let rook: Headless;

beforeAll(async () => {
  desk = await Desk.start();
  [mo, ann, rook] = [await desk.invite("Mo", "member"), await desk.invite("Ann", "member"), await desk.invite("Rook", "member")];
});
afterAll(async () => {
  await desk?.end();
});

/** Both learn of it: whoever it is about, and the colleague whose device lets them in or out. */
async function becomes(person: Headless, role: "member" | "moderator"): Promise<void> {
  await desk.appoint(person, role);
  await desk.reconnect(desk.coordinator);
}

const shows = async (text: string): Promise<string> => ann.engine.cases.ask({ ...asking, room: desk.open, messages: [await desk.says(rook, desk.open, text, ann)] });

it("a member who becomes a moderator is let into open cases but those about themselves, and out of them as a member again", async () => {
  const about = await shows("pay or else");
  await desk.shown(desk.coordinator, about);
  const { room } = await desk.question(ann, about);
  for (const person of [mo, rook]) await becomes(person, "moderator");
  const [report] = await desk.shown(mo, about);
  expect(report?.exhibits.map(({ text, doubt }) => [text, doubt])).toEqual([["pay or else", null]]);
  await mo.engine.cases.claim(about);
  await desk.says(mo, room, "I read it", ann);
  expect(await rook.engine.cases.queue(false)).toEqual([]);
  expect(rook.engine.room(room)).toBeNull();
  expect((await desk.coordinator.engine.cases.file(about)).staff.sort()).toEqual([desk.coordinator, mo].map(account).sort());

  await becomes(mo, "member");
  await desk.until(async () => (await desk.question(ann, about)).state === "unclaimed");
  await desk.says(ann, room, "only for those who are left", desk.coordinator);
  expect((await mo.engine.messages(room)).messages.some(({ body }) => body.type === "text" && body.text.startsWith("only"))).toBe(false);
  await expect(mo.engine.cases.file(about)).rejects.toMatchObject({ code: "not_found" });
});
