import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { insideOf } from "../../client/test/forger.ts";
import type { Headless } from "../../client/test/headless.ts";
import type { Deciding, Decision } from "../../client/src/contract/index.ts";
import { account, Desk, isIn, PIN } from "./desk.ts";

vi.setConfig({ testTimeout: 300_000 });

/** A colleague who is in, or whom it is about, leaves it to the others for a while. */
const PATIENT_MS = 120_000;
let desk: Desk;
let cora: Headless;
let rook: Headless;

beforeAll(async () => {
  desk = await Desk.start();
  cora = desk.coordinator;
  rook = await desk.invite("Rook", "member");
});
afterAll(async () => {
  await desk?.end();
});

const about = (person: Headless, kind: "warn" | "suspend"): Deciding => ({
  subject: account(person), kind, ground: "law", card: null, law: "A law", finding: "other", room: null, until: kind === "warn" ? null : Date.now() + 3_600_000, case: null, facts: null,
});

/** What somebody reads in the talk: who wrote it, what, and of whom they say that it is. */
async function read({ engine }: Headless, room: string): Promise<[from: string, text: string, by: string | null][]> {
  const { messages } = await engine.messages(room, { limit: 1000 });
  return messages.flatMap(({ from, body }) => (body.type === "text" ? [[from, body.text, body.retold?.by ?? null] as [string, string, string | null]] : []));
}

/** Its talk, begun by this moderator with these words. */
async function begun(moderator: Headless, decision: Decision, person: Headless, words: string): Promise<string> {
  const talk = await moderator.engine.decisions.openTalk(decision.id);
  await moderator.engine.sendText(talk, words);
  await desk.until(() => person.engine.room(talk)?.active === true);
  await desk.sent(person, talk, words);
  return talk;
}

describe("a talk about a decision whose only moderator has gone", () => {
  it("is opened for the next one by the device of whoever is shut out, with what was said, by whom and since when", async () => {
    const dora = await desk.invite("Dora", "member");
    const decision = await cora.engine.decisions.decide(about(rook, "suspend"));
    await desk.until(() => rook.engine.phase() === "suspended");
    const talk = await begun(cora, decision, rook, "This is why");
    await desk.says(rook, talk, "I did not mean it", cora);
    const first = await desk.sent(rook, talk, "I did not mean it");
    await rook.engine.edit(talk, first, "I did not mean it like that");
    await rook.engine.sendText(talk, "a word too many");
    await rook.engine.remove(talk, await desk.sent(rook, talk, "a word too many"));
    await desk.until(async () => (await read(cora, talk)).map(([, text]) => text).join() === "This is why,I did not mean it like that");
    const before = (await rook.engine.messages(talk)).messages;

    const gone = account(cora);
    await cora.engine.recovery.deleteAccount();
    await desk.until(() => !rook.engine.members(talk).some(({ me }) => !me));
    await desk.appoint(dora, "coordinator");
    desk.coordinator = dora;
    await desk.reconnect(rook);
    await desk.until(() => dora.engine.room(talk)?.active === true);
    await desk.until(async () => (await read(dora, talk)).length === 2);
    expect(await read(dora, talk)).toEqual([
      [account(rook), "This is why", gone], [account(rook), "I did not mean it like that", account(rook)],
    ]);
    const retold = (await dora.engine.messages(talk)).messages.flatMap(({ body }) => (body.type === "text" && body.retold ? [body.retold.at] : []));
    expect(retold).toEqual(before.filter(({ body }) => body.type === "text").map(({ at }) => at));
    expect(dora.engine.decisions.talksUnread()).toBe(2);

    expect(await dora.engine.decisions.openTalk(decision.id)).toBe(talk);
    await desk.says(dora, talk, "I am Dora, and I read it", rook);
    await desk.says(rook, talk, "thank you", dora);
    // To Rook it is the talk that it was.
    expect((await read(rook, talk)).map(([, text, by]) => [text, by])).toEqual([
      ["This is why", null], ["I did not mean it like that", null], ["I am Dora, and I read it", null], ["thank you", null],
    ]);
    await rook.restart(PIN);
    await desk.until(() => rook.engine.phase() === "suspended");
    await desk.says(dora, talk, "and after that", rook);
    expect((await read(dora, talk)).filter(([, , by]) => by !== null)).toHaveLength(2);
    await dora.engine.decisions.lift(decision.id, "heard");
    await desk.until(() => rook.engine.phase() === "open");
  });
});

describe("a moderator who comes later", () => {
  it("is let into a talk by a colleague who is in, who need not open it; what they were told is told on as what it is", async () => {
    const dora = desk.coordinator;
    const lin = await desk.invite("Lin", "member");
    await desk.confirmedBefore(lin, "moderator");
    const decision = await dora.engine.decisions.decide(about(rook, "warn"));
    const talk = await begun(dora, decision, rook, "Please be kind");
    await desk.says(rook, talk, "I will", dora);
    await desk.disconnect(rook);
    const mo = await desk.invite("Mo", "moderator");
    await desk.until(() => mo.engine.room(talk)?.active === true, PATIENT_MS);
    await desk.until(async () => (await read(mo, talk)).length === 2);
    expect(await read(mo, talk)).toEqual([[account(dora), "Please be kind", account(dora)], [account(dora), "I will", account(rook)]]);

    await desk.disconnect(dora);
    await desk.appoint(lin, "moderator");
    await desk.reconnect(mo);
    await desk.until(() => lin.engine.room(talk)?.active === true, PATIENT_MS);
    await desk.until(async () => (await read(lin, talk)).length === 2);
    expect(await read(lin, talk)).toEqual([[account(mo), "Please be kind", account(dora)], [account(mo), "I will", account(rook)]]);

    // Whoever was there has it once, from whoever wrote it.
    for (const person of [dora, rook]) {
      person.network(true);
      await desk.until(() => isIn(person, talk, lin));
      await desk.says(lin, talk, `hello ${account(person)}`, person);
      expect((await read(person, talk)).filter(([, , by]) => by !== null)).toEqual([]);
    }
    expect((await read(mo, talk)).filter(([, , by]) => by !== null)).toHaveLength(2);
    expect(desk.faults).toEqual([]);
  });

  it("is let into no talk that nothing can come of any more", async () => {
    const { session } = insideOf(rook.engine);
    const talk = (await rook.engine.decisions.mine()).find(({ kind }) => kind === "warn")?.talk ?? "";
    const [statement] = (await session.moderation.statements.look()).filter((one) => one.talk === talk);
    if (!statement) throw new Error("no such statement");
    const stranger = crypto.randomUUID();
    const tried = vi.spyOn(session.membership, "letIn");
    session.moderation.talks.heard([{ ...statement, state: "lifted", appeal_until: Date.now() - 1, talk_with: [...statement.talk_with, stranger] }]);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(tried).not.toHaveBeenCalled();
    tried.mockRestore();
  });
});
