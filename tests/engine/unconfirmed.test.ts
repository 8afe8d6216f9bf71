import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Headless } from "../../client/test/headless.ts";
import { pause } from "../support/processes.ts";
import { account, asking, Desk, isIn } from "./desk.ts";

vi.setConfig({ testTimeout: 300_000 });

let desk: Desk;
let cora: Headless;
let ann: Headless;

beforeAll(async () => {
  desk = await Desk.start();
  cora = desk.coordinator;
  ann = await desk.invite("Ann", "member");
});
afterAll(async () => {
  await desk?.end();
});

/** Somebody new by a link that the operator's command prints. */
async function byOperator(name: string, role: "moderator" | "coordinator" = "moderator"): Promise<Headless> {
  const link = await desk.manage("make_invite", "--role", role);
  return desk.join(name, link.slice(link.indexOf("#")).trim());
}

const unconfirmed = async (who: Headless): Promise<string[]> => (await who.engine.appointments.unconfirmed()).map((one) => one.account);
const acts = async (): Promise<string[]> => (await cora.engine.appointments.operatorActs()).map(({ action, detail }) => `${action} ${detail}`);

describe("a moderator whom the operator alone has made", () => {
  it("never gets into an open case, its notes or its talk, and the coordinator is told", async () => {
    const id = await ann.engine.cases.ask({ ...asking, room: desk.open, messages: [await desk.says(cora, desk.open, "here", ann)], letIn: [account(cora)] });
    await desk.shown(cora, id);
    const { room } = await desk.question(ann, id);
    await cora.engine.cases.claim(id);
    await cora.engine.staff.writeNote(id, "for the staff alone");
    const spy = await byOperator("Spy");
    await desk.until(async () => (await unconfirmed(cora)).includes(account(spy)));
    // 1.4 seconds were enough once.
    for (let times = 0; times < 5; times += 1) {
      await desk.reconnect(spy);
      await desk.reconnect(ann);
      await pause(3_000);
    }
    expect((await spy.engine.cases.file(id)).inside).toBe(false);
    expect(spy.engine.room(room)).toBeNull();
    expect(await spy.engine.staff.notes(id)).toEqual([]);
    expect([ann, cora].map((one) => isIn(one, room, spy))).toEqual([false, false]);
    await cora.engine.cases.handOver(id, account(spy));
    await pause(3_000);
    expect(isIn(ann, room, spy)).toBe(false);
    expect((await ann.engine.cases.readers(id)).map((one) => one.account)).toEqual([account(cora)]);
    await desk.reconnect(cora);
    await desk.until(async () => (await acts()).includes("invite_made moderator/1"));
    await cora.engine.appointments.actsRead();
    expect(await acts()).toEqual([]);
    await desk.says(ann, room, "still among us", cora);
    await cora.engine.cases.close(id, "helped");
  });

  it("is let in once the coordinator has confirmed them, whose app shows the number that they read out", async () => {
    const mo = await byOperator("Mo");
    await desk.until(async () => (await unconfirmed(cora)).includes(account(mo)));
    const id = await ann.engine.cases.ask({ ...asking, room: desk.open, messages: [await desk.says(cora, desk.open, "again", ann)], letIn: [account(cora)] });
    await desk.shown(cora, id);
    const shown = (await cora.engine.appointments.unconfirmed()).find((one) => one.account === account(mo));
    expect(shown).toMatchObject({ role: "moderator", number: (await mo.engine.appointments.waiting())?.number });
    await cora.engine.appointments.confirm(account(mo), "moderator");
    await desk.shown(mo, id);
    expect(await mo.engine.appointments.waiting()).toBeNull();
    await cora.engine.cases.close(id, "helped");
  });

  it("is a member again when the coordinator does not agree, and nothing of a case was ever theirs", async () => {
    const rook = await byOperator("Rook");
    await desk.until(async () => (await unconfirmed(cora)).includes(account(rook)));
    await cora.engine.appointments.refuse(account(rook));
    await desk.until(() => rook.engine.me().role === "member");
    // The operator's command brings back what the server says, and nothing of what was signed.
    await desk.manage("set_role", account(rook), "moderator");
    for (const person of [rook, cora]) await desk.reconnect(person);
    const id = await ann.engine.cases.ask({ ...asking, room: desk.open, messages: [] });
    await desk.until(async () => (await desk.question(ann, id)).state === "unclaimed");
    await pause(4_000);
    expect(isIn(ann, (await desk.question(ann, id)).room, rook)).toBe(false);
    await desk.until(async () => (await unconfirmed(cora)).includes(account(rook)));
    await desk.until(async () => (await acts()).includes("role_set moderator"));
    await cora.engine.cases.close(id, "helped");
  });
});

it("a question that nobody may read yet waits, says so, and goes when somebody is confirmed", async () => {
  const alone = await Desk.start();
  try {
    const bea = await alone.invite("Bea", "member");
    await alone.coordinator.engine.recovery.deleteAccount();
    const link = await alone.manage("make_invite", "--role", "coordinator");
    const dora = await alone.join("Dora", link.slice(link.indexOf("#")).trim());
    const id = await bea.engine.cases.ask({ ...asking, room: alone.open, messages: [] });
    await alone.until(async () => (await alone.question(bea, id)).unreadable && (await bea.engine.appointments.newFirst()) !== null);
    expect(await bea.engine.cases.readers(id)).toEqual([]);
    expect((await dora.engine.cases.file(id)).inside).toBe(false);
    // Whom the operator put in the place of the one who has gone is somebody else: that is told, and this person's to decide.
    const first = await bea.engine.appointments.newFirst();
    expect(first).toMatchObject({ account: account(dora) });
    await bea.engine.appointments.decideFirst(account(dora), true);
    await alone.shown(dora, id);
    expect((await alone.question(bea, id)).unreadable).toBe(false);
    expect(await bea.engine.appointments.newFirst()).toBeNull();
  } finally {
    await alone.end();
  }
});

it("a coordinator's own invite needs no question: who came by it is certified at once, and nobody else by the server's word", async () => {
  const lin = await desk.invite("Lin", "moderator");
  await desk.until(async () => (await lin.engine.appointments.waiting()) === null);
  expect(await unconfirmed(cora)).not.toContain(account(lin));
});
