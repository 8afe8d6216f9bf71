import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Headless } from "../../client/test/headless.ts";
import { rounds } from "../../client/test/rounds.ts";
import type { Decision } from "../../client/src/contract/index.ts";
import { account, asking, Desk } from "./desk.ts";

const races = 3 * rounds;
let desk: Desk;
let staff: [Headless, Headless, Headless];
let ann: Headless;
let rook: Headless;

beforeAll(async () => {
  desk = await Desk.start();
  staff = [desk.coordinator, await desk.invite("Mo", "moderator"), await desk.invite("Lin", "moderator")];
  [ann, rook] = [await desk.invite("Ann", "member"), await desk.invite("Rook", "member")];
});
afterAll(async () => {
  await desk?.end();
});

/** A case that all moderators can read. */
async function asked(): Promise<{ id: string; room: string }> {
  const id = await ann.engine.cases.ask({ ...asking, room: desk.open, messages: [] });
  for (const one of staff) await desk.sees(one, id, ({ inside }) => inside);
  return { id, room: (await desk.question(ann, id)).room };
}

/** Which of them were done; the others have to be refused with one of these codes, and nothing else may go wrong. */
async function winners(tries: readonly Promise<unknown>[], ...codes: readonly string[]): Promise<number[]> {
  const ends = await Promise.allSettled(tries);
  for (const end of ends) if (end.status === "rejected") expect(codes).toContain((end.reason as { code: string }).code);
  return ends.flatMap(({ status }, index) => (status === "fulfilled" ? [index] : []));
}

/** The log's newest actions, the oldest first, as a coordinator's device has checked them. */
async function logged(count: number): Promise<string[]> {
  const { entries, doubts } = await desk.coordinator.engine.openness.log();
  expect(doubts).toEqual([]);
  return entries.slice(0, count).map(({ action }) => action).reverse();
}

describe("moderators who do the same at the same moment", { timeout: (4 + rounds) * 60_000 }, () => {
  it("take a question: one has it, every device shows who, and all of them go on writing in it", async () => {
    for (let round = 0; round < races; round++) {
      const { id, room } = await asked();
      const [winner, ...more] = await winners(staff.map(({ engine }) => engine.cases.claim(id)), "conflict");
      expect(more).toEqual([]);
      const holder = staff[winner ?? -1];
      if (!holder) throw new Error("nobody has it");
      for (const one of staff) expect(await desk.sees(one, id, ({ state }) => state === "claimed")).toMatchObject({ claimedBy: account(holder), mine: one === holder });
      expect(await logged(2)).toEqual(["case_opened", "case_claimed"]);
      const texts = staff.map((_, index) => `I am number ${String(index)} in round ${String(round)}`);
      await Promise.all(staff.map(({ engine }, index) => engine.sendText(room, texts[index] ?? "")));
      for (const text of texts) for (const one of [ann, ...staff]) await desk.sent(one, room, text);
      await ann.engine.cases.withdraw(id);
      // It goes to the server by itself, and must not be among what is logged next.
      await desk.sees(desk.coordinator, id, ({ state }) => state === "closed");
    }
  });

  it("agree to a ban, refuse it and take it back: one of them decides, and whoever it is about is out or not", async () => {
    for (let round = 0; round < races; round++) {
      const [cora, mo, lin] = staff;
      const about = { subject: account(rook), ground: "law", card: null, law: "A law", finding: "other", room: null, until: null, case: null, facts: null } as const;
      const { id } = await mo.engine.decisions.decide({ ...about, kind: "ban" });
      const tries = [cora.engine.decisions.agree(id), lin.engine.decisions.refuse(id), mo.engine.decisions.refuse(id)];
      const done = await winners(tries, "conflict");
      expect(done).toHaveLength(1);
      const state = done[0] === 0 ? "in_force" : "refused";
      const seen = async ({ engine }: Headless): Promise<Decision | undefined> => (await engine.decisions.list({ subject: account(rook) })).find((one) => one.id === id);
      for (const one of staff) expect(await seen(one)).toMatchObject({ state, agreedBy: state === "in_force" ? account(cora) : null });
      expect(await logged(2)).toEqual(["decision_proposed", state === "in_force" ? "decision_agreed" : "decision_refused"]);
      if (state === "in_force") {
        await desk.until(() => rook.engine.phase() === "suspended");
        await cora.engine.decisions.lift(id, "mistake");
      }
      await desk.until(() => rook.engine.phase() === "open");
    }
  });

  it("decide about the same person: both stand, with each moderator's name, and each can be objected to", async () => {
    const [, mo, lin] = staff;
    const about = { subject: account(rook), kind: "warn", ground: "law", card: null, law: "A law", finding: "other", room: null, until: null, case: null, facts: null } as const;
    const [one, other] = await Promise.all([mo, lin].map(({ engine }) => engine.decisions.decide(about)));
    expect(one?.id).not.toBe(other?.id);
    await desk.until(async () => (await rook.engine.decisions.mine()).filter(({ kind }) => kind === "warn").length === 2);
    await Promise.all([one, other].map((decision) => rook.engine.decisions.appeal(decision?.id ?? "")));
    for (const { engine } of [mo, lin]) expect((await engine.decisions.list({ waiting: true })).map(({ id }) => id).sort()).toEqual([one?.id, other?.id].sort());
    // Whoever decided does not look again; of two who may, one answers.
    await expect(mo.engine.decisions.closeAppeal(one?.id ?? "", { outcome: "upheld", reason: "fits" })).rejects.toMatchObject({ code: "forbidden" });
    const answers = [desk.coordinator.engine.decisions.closeAppeal(one?.id ?? "", { outcome: "upheld", reason: "fits" }), lin.engine.decisions.closeAppeal(one?.id ?? "", { outcome: "overturned", reason: "too_much" })];
    expect(await winners(answers, "conflict")).toHaveLength(1);
  });

  it("close, hand over and take back: it ends once, in one way, on every device", async () => {
    for (let round = 0; round < races; round++) {
      const { id } = await asked();
      const [cora, mo, lin] = staff;
      await mo.engine.cases.claim(id);
      const tries = [
        mo.engine.cases.close(id, "helped"), cora.engine.cases.close(id, "acted"), cora.engine.cases.handOver(id, account(lin)), ann.engine.cases.withdraw(id),
      ];
      const done = await winners(tries, "conflict");
      const ends = (["helped", "acted", null, "withdrawn"] as const).filter((outcome, index) => outcome !== null && done.includes(index));
      // Whoever withdraws what is closed already finds it closed, and that is what they wanted.
      const { outcome } = await desk.sees(cora, id, ({ state }) => state === "closed");
      expect(ends).toContain(outcome);
      for (const one of staff) expect(await desk.sees(one, id, ({ state }) => state === "closed")).toMatchObject({ outcome });
      await desk.until(async () => (await desk.question(ann, id)).outcome === outcome);
      const { entries, doubts } = await cora.engine.openness.log();
      expect(doubts).toEqual([]);
      expect(entries.filter((entry) => entry.case === id && entry.action === "case_closed")).toHaveLength(1);
      expect(entries.find((entry) => entry.case === id)?.action).toBe("case_closed");
    }
    expect(desk.faults).toEqual([]);
  });
});
