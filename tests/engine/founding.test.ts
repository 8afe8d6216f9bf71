import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { Headless } from "../../client/test/headless.ts";
import { account, asking, Desk, PIN } from "./desk.ts";

vi.setConfig({ testTimeout: 300_000 });

const PATIENT_MS = 120_000;
let desk: Desk;
let cora: Headless;
let ann: Headless;

beforeAll(async () => {
  desk = await Desk.start();
  cora = desk.coordinator;
  ann = await desk.invite("Ann", "member");
});
afterEach(() => vi.restoreAllMocks());
afterAll(async () => {
  await desk?.end();
});

/** From now on nothing comes back from these paths: it does not arrive, or its answer is lost. Counts how often. */
function lost(path: RegExp, what: "request" | "answer"): { times: number } {
  const real = globalThis.fetch;
  const count = { times: 0 };
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const asked = input instanceof Request ? input.url : input.toString();
    if (!path.test(asked) || init?.method !== "POST") return real(input, init);
    if (what === "answer") await real(input, init);
    count.times += 1;
    throw new TypeError("lost");
  });
  return count;
}

async function isRead(id: string): Promise<void> {
  await desk.until(async () => {
    const file = (await cora.engine.cases.queue(false)).find((one) => one.id === id);
    return file?.inside === true && (await cora.engine.cases.reports(id)).length === 1;
  }, PATIENT_MS);
  await desk.until(async () => (await desk.question(ann, id)).state === "unclaimed");
}

describe("a question that one of the staff leaves before its room is there", () => {
  it("is read by the others, though it was kept on the phone with the names of all", async () => {
    const mo = await desk.invite("Mo", "moderator");
    const claims = lost(/\/rooms\/[^/]+\/claim$/u, "request");
    const id = await ann.engine.cases.ask({ ...asking, room: desk.open, messages: [] });
    await desk.until(() => claims.times > 0);
    await mo.engine.recovery.deleteAccount();
    await ann.restart(PIN);
    vi.restoreAllMocks();
    await isRead(id);
    const { room } = await desk.question(ann, id);
    expect(ann.engine.members(room).map((one) => one.account).sort()).toEqual([ann, cora].map(account).sort());
  });

  it("is read by the others and by who came meanwhile, while the app stays open and its requests fail", async () => {
    const lin = await desk.invite("Lin", "moderator");
    const claims = lost(/\/rooms\/[^/]+\/claim$/u, "request");
    const id = await ann.engine.cases.ask({ ...asking, room: desk.open, messages: [] });
    await desk.until(() => claims.times > 0);
    await desk.manage("set_role", account(lin), "member");
    const mia = await desk.invite("Mia", "moderator");
    vi.restoreAllMocks();
    await isRead(id);
    await desk.sees(mia, id, ({ inside }) => inside);
    const { room } = await desk.question(ann, id);
    expect(ann.engine.members(room).map((one) => one.account)).not.toContain(account(lin));
  });

  it("is asked once when the answer is lost", async () => {
    const kai = await desk.invite("Kai", "moderator");
    const answers = lost(/\/api\/v1\/cases$/u, "answer");
    const id = await ann.engine.cases.ask({ ...asking, room: desk.open, messages: [] });
    await desk.until(() => answers.times > 0);
    await desk.manage("set_role", account(kai), "member");
    vi.restoreAllMocks();
    await isRead(id);
    expect((await cora.engine.cases.queue(false)).filter((one) => one.id === id)).toHaveLength(1);
  });

  it("goes out though it was kept from somebody who is no moderator any more, and stays closed to them", async () => {
    const rae = await desk.invite("Rae", "moderator");
    await desk.disconnect(ann);
    const id = await ann.engine.cases.ask({ ...asking, room: desk.open, messages: [], keptFrom: [account(rae)] });
    await desk.manage("set_role", account(rae), "member");
    ann.network(true);
    await isRead(id);
    await desk.appoint(rae, "moderator");
    expect((await rae.engine.cases.queue(false)).map((one) => one.id)).not.toContain(id);
  });
});
