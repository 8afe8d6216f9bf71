import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Headless } from "../../client/test/headless.ts";
import type { EarlierNotes } from "../../client/src/contract/index.ts";
import { account, asking, Desk, PIN } from "./desk.ts";

vi.setConfig({ testTimeout: 300_000 });

let desk: Desk;
let cora: Headless;
let ann: Headless;
let mo: Headless;

beforeAll(async () => {
  desk = await Desk.start();
  cora = desk.coordinator;
  ann = await desk.invite("Ann", "member");
});
afterAll(async () => {
  await desk?.end();
});

/** The case's notes for this person, once they are so: their texts, and what became of earlier ones. */
async function notes({ engine }: Headless, id: string, texts: string[], earlier: EarlierNotes): Promise<void> {
  const now = async () => JSON.stringify([(await engine.staff.notes(id)).map(({ text }) => text), await engine.staff.earlierNotes(id)]);
  try {
    await desk.until(async () => (await now()) === JSON.stringify([texts, earlier]));
  } catch (error) {
    throw new Error(`it is ${await now()}`, { cause: error });
  }
}

describe("notes on a case whose only moderator has gone", () => {
  it("are said to be gone, and the next ones write on, also for those who come after them", async () => {
    const id = await ann.engine.cases.ask({ ...asking, room: desk.open, messages: [] });
    await desk.sees(cora, id, ({ inside }) => inside);
    await cora.engine.staff.writeNote(id, "nobody else knows");
    await notes(cora, id, ["nobody else knows"], "whole");
    const dora = await desk.invite("Dora", "member");
    await cora.engine.recovery.deleteAccount();
    await desk.appoint(dora, "coordinator");
    desk.coordinator = dora;
    await desk.reconnect(ann);
    await desk.sees(dora, id, ({ inside }) => inside);
    await notes(dora, id, [], "gone");
    await dora.engine.staff.writeNote(id, "from here on");
    await notes(dora, id, ["from here on"], "gone");
    // It stays so after a restart, and those who come later are told with the notes there are.
    await dora.restart(PIN);
    await notes(dora, id, ["from here on"], "gone");
    mo = await desk.invite("Mo", "moderator");
    await notes(mo, id, ["from here on"], "gone");
    await mo.engine.staff.writeNote(id, "I am here too");
    await notes(dora, id, ["from here on", "I am here too"], "gone");
  });
});

describe("notes whose only moderator is no moderator for a while", () => {
  it("are gone for the next one, who can write, and are there again with the one who comes back", async () => {
    const dora = desk.coordinator;
    const eve = await desk.invite("Eve", "member");
    await desk.confirmedBefore(eve, "coordinator");
    const id = await ann.engine.cases.ask({ ...asking, room: desk.open, messages: [], keptFrom: [account(mo)] });
    await desk.sees(dora, id, ({ inside }) => inside);
    await dora.engine.staff.writeNote(id, "only Dora has it");
    await notes(dora, id, ["only Dora has it"], "whole");
    await desk.manage("set_role", account(dora), "member");
    await desk.appoint(eve, "coordinator");
    await desk.reconnect(ann);
    await desk.sees(eve, id, ({ inside }) => inside);
    await notes(eve, id, [], "gone");
    await eve.engine.staff.writeNote(id, "Eve begins");
    await notes(eve, id, ["Eve begins"], "gone");
    await desk.appoint(dora, "coordinator");
    await desk.until(async () => (await eve.engine.staff.notes(id)).map(({ text }) => text).join() === "only Dora has it,Eve begins");
    await desk.until(async () => (await dora.engine.staff.notes(id)).map(({ text }) => text).join() === "only Dora has it,Eve begins");
    expect((await eve.engine.staff.notes(id)).map(({ by, passedOnBy }) => [by, passedOnBy])).toEqual([[account(dora), account(dora)], [account(eve), null]]);
    await desk.manage("set_role", account(eve), "member");
  });
});

describe("notes that a moderator does not have yet", () => {
  it("are said to be on their way, until a colleague's device who has them is there", async () => {
    const dora = desk.coordinator;
    const lin = await desk.invite("Lin", "member");
    await desk.confirmedBefore(lin, "moderator");
    const id = await ann.engine.cases.ask({ ...asking, room: desk.open, messages: [] });
    await desk.sees(dora, id, ({ inside }) => inside);
    await dora.engine.staff.writeNote(id, "she is safe");
    await notes(dora, id, ["she is safe"], "whole");
    await notes(mo, id, ["she is safe"], "whole");
    for (const person of [dora, mo]) await desk.disconnect(person);
    await desk.appoint(lin, "moderator");
    await desk.reconnect(ann);
    await notes(lin, id, [], "coming");
    await lin.engine.staff.writeNote(id, "Lin writes meanwhile");
    await notes(lin, id, ["Lin writes meanwhile"], "coming");
    mo.network(true);
    await notes(lin, id, ["she is safe", "Lin writes meanwhile"], "whole");
    dora.network(true);
    await notes(dora, id, ["she is safe", "Lin writes meanwhile"], "whole");

    // So does another device of somebody who has them.
    const tablet = await desk.further(mo, "none");
    await notes(tablet, id, ["she is safe", "Lin writes meanwhile"], "whole");
    expect(desk.faults).toEqual([]);
  });
});
