import { expect, test } from "vitest";
import type { Deciding, Engine, Report } from "../../contract/index.ts";
import { Choosing } from "./deciding.svelte.ts";

const at = Date.UTC(2026, 0, 12, 12);
const exhibit = { key: "k", room: "room", seq: 1, at, from: "rook", text: "", changes: null, doubt: null, skipped: 0 };
const MIRA = { account: "mira", conduct: { cards: [{ finding: "hurtful" }, { finding: null }, { finding: null }] } };
const reports: Report[] = [{ id: "r", at, by: "tala", passedOnBy: null, concern: "threats", urgency: "today", wish: "", name: null, roomKind: "open", complete: true, exhibits: [exhibit] }];

test("days are told with the rooms they were in, which the server looks at and does not keep", async () => {
  let sent: Deciding | undefined;
  const engine = {
    me: () => MIRA, person: () => null, room: () => ({ kind: "open", title: "Harbour", members: 9 }), cases: { reports: () => Promise.resolve(reports), file: () => Promise.resolve({ staff: [] }) },
    decisions: {
      moderators: () => Promise.resolve({ moderators: [], secondFor: [], aloneDays: 30 }), list: () => Promise.resolve([]), page: () => Promise.resolve({ decisions: [], more: false }),
      decide: (deciding: Deciding) => Promise.resolve((sent = deciding)),
    },
  };
  const choosing = new Choosing(engine as unknown as Engine, "rook", "case", false);
  await choosing.open();
  choosing.kind = "warn";
  choosing.reason = 0;
  choosing.finding = "lured";
  choosing.telling.days = true;
  await choosing.decide();
  const days = { first: "2026-01-12", last: "2026-01-12", rooms: ["room"] };
  expect(sent?.facts).toEqual({ messages: null, proven: null, days, rooms: [] });
});

/** A network in which nothing takes two; what is sent of a decision is kept in `sent`. */
function network(sent: Deciding[], more: object) {
  return {
    me: () => MIRA, person: () => ({ sharedRooms: ["room", "elsewhere"] }), room: (id: string) => ({ id, kind: "open", title: "Harbour", members: 5 }),
    decisions: {
      moderators: () => Promise.resolve({ moderators: [], secondFor: [], aloneDays: 30 }), list: () => Promise.resolve([]), page: () => Promise.resolve({ decisions: [], more: false }),
      decide: (deciding: Deciding) => Promise.resolve(sent.push(deciding)),
    },
    ...more,
  } as unknown as Engine;
}

test("who saw something in a room decides about it there without a question, and tells which messages it is about", async () => {
  const sent: Deciding[] = [];
  const said = (key: string, from: string, type = "text", seq: number | null = 1) => ({ key, room: "room", seq, at, from, hidden: false, body: { type } });
  const messages = [said("a", "rook", "text", 1), said("b", "tala", "text", 2), said("c", "rook", "unchecked", 3), said("d", "rook", "text", 4), said("e", "rook", "text", null)];
  const choosing = new Choosing(network(sent, { messages: () => Promise.resolve({ messages, before: null }) }), "rook", null, false, { room: "elsewhere", kind: "mute" });
  await choosing.open();
  expect([choosing.kind, choosing.room, choosing.refused, choosing.facts]).toEqual(["mute", "elsewhere", false, null]);
  expect(choosing.seen.map(({ key }) => key), "theirs that this device has checked, newest first").toEqual(["d", "a"]);
  choosing.reason = 2;
  choosing.finding = "pretended";
  choosing.days = 1 / 24;
  choosing.choose("a", true);
  choosing.choose("d", true);
  choosing.choose("a", false);
  choosing.telling = { messages: true, days: true, rooms: true };
  const before = Date.now();
  await choosing.decide();
  const [deciding] = sent;
  expect(deciding).toMatchObject({ subject: "rook", kind: "mute", ground: "conduct", card: 2, finding: "pretended", room: "elsewhere", case: null });
  expect(deciding?.facts).toEqual({ messages: 1, proven: true, days: { first: "2026-01-12", last: "2026-01-12", rooms: ["room"] }, rooms: ["room"] });
  expect(Math.round(((deciding?.until ?? 0) - before) / 60_000)).toBe(60);
});

test("whose right to it was taken is told so, and is offered the rest", async () => {
  const moderators = [{ account: "mira", role: "moderator", denied: ["remove_from_room"] }];
  const decisions = { moderators: () => Promise.resolve({ moderators, secondFor: [], aloneDays: 30 }), list: () => Promise.resolve([]), page: () => Promise.resolve({ decisions: [], more: false }) };
  const choosing = new Choosing(network([], { decisions, messages: () => Promise.resolve({ messages: [], before: null }) }), "rook", null, false, { room: "room", kind: "remove_from_room" });
  await choosing.open();
  expect([choosing.refused, choosing.kind, choosing.kinds.includes("remove_from_room")]).toEqual([true, null, false]);
});

/** The staff, what was taken from each, whether they see the question, and whether a ban would wait for nobody. */
test.each<[string, Record<string, { denied?: string[]; sees?: boolean }>, boolean]>([
  ["one moderator", { mira: {} }, true],
  ["two", { mira: {}, asha: {} }, false],
  ["two, one of whom it is about", { mira: {}, rook: {} }, true],
  ["two, one without the right", { mira: {}, asha: { denied: ["ban"] } }, true],
  ["two, one of whom asked, or from whom it is kept", { mira: {}, asha: { sees: false } }, true],
  ["three, one of whom asked", { mira: {}, asha: { sees: false }, noor: {} }, false],
  ["three, one of whom asked, one without the right", { mira: {}, asha: { sees: false }, noor: { denied: ["ban"] } }, true],
])("who proposes what takes two is told whether anybody could agree: %s", async (_staff, staff, alone) => {
  const moderators = Object.entries(staff).map(([account, { denied = [] }]) => ({ account, role: "moderator", denied }));
  const sees = Object.entries(staff).filter(([, one]) => one.sees ?? true).map(([account]) => account);
  const engine = network([], {
    cases: { reports: () => Promise.resolve([]), file: () => Promise.resolve({ staff: sees, mine: true, claimedBy: "mira" }) },
    decisions: { moderators: () => Promise.resolve({ moderators, secondFor: ["ban"], aloneDays: 30 }), list: () => Promise.resolve([]), page: () => Promise.resolve({ decisions: [], more: false }) },
  });
  const choosing = new Choosing(engine, "rook", "case", false);
  await choosing.open();
  choosing.kind = "ban";
  expect(choosing.alone).toBe(alone);
  choosing.kind = "warn";
  expect(choosing.alone, "a warning takes one").toBe(false);
});

test("a decision about a room in which few people are comes with a warning: its name tells who asked", async () => {
  const small: Record<string, object | null> = { room: { kind: "group", title: "Four", members: 4 }, five: { kind: "group", title: "Five", members: 5 }, pair: { kind: "direct", title: null, members: 2 } };
  const direct: Report = { ...(reports[0] as Report), roomKind: "direct", exhibits: [{ ...exhibit, room: "pair" }, { ...exhibit, room: "elsewhere" }] };
  const engine = {
    me: () => MIRA, person: () => ({ sharedRooms: ["room", "five"] }), room: (id: string) => small[id] ?? null, cases: { reports: () => Promise.resolve([direct]), file: () => Promise.resolve({ staff: [] }) },
    decisions: { moderators: () => Promise.resolve({ moderators: [], secondFor: [], aloneDays: 30 }), list: () => Promise.resolve([]), page: () => Promise.resolve({ decisions: [], more: false }) },
  };
  const choosing = new Choosing(engine as unknown as Engine, "rook", "case", false);
  await choosing.open();
  choosing.kind = "mute";
  const warned = choosing.rooms.map(({ id }) => {
    choosing.room = id;
    return [id, choosing.telltale];
  });
  expect(Object.fromEntries(warned)).toEqual({ pair: true, elsewhere: true, room: true, five: false });
  choosing.room = "pair";
  choosing.kind = "warn";
  expect(choosing.telltale).toBe(false);
});

test("whoever decides from a question that they do not have is told who has it, or that nobody does", async () => {
  let file = { claimedBy: "noor" as string | null, mine: false, staff: [] };
  const engine = {
    me: () => MIRA, person: () => null, room: () => null, cases: { reports: () => Promise.resolve([]), file: () => Promise.resolve(file) },
    decisions: { moderators: () => Promise.resolve({ moderators: [], secondFor: [], aloneDays: 30 }), list: () => Promise.resolve([]), page: () => Promise.resolve({ decisions: [], more: false }) },
  };
  const held = async (question: string | null) => {
    const choosing = new Choosing(engine as unknown as Engine, "rook", question, false);
    await choosing.open();
    expect(choosing.state).toBe("ready");
    return choosing.held;
  };
  expect(await held("case")).toEqual({ by: "noor" });
  file = { ...file, claimedBy: null };
  expect(await held("case")).toEqual({ by: null });
  file = { ...file, claimedBy: "mira", mine: true };
  expect(await held("case")).toBeNull();
  expect(await held(null)).toBeNull();
});

test("the law is named where it is the reason, and nothing can be decided before", async () => {
  const sent: Deciding[] = [];
  const decisions = { moderators: () => Promise.resolve({ moderators: [], secondFor: [], aloneDays: 30 }), list: () => Promise.resolve([]), page: () => Promise.resolve({ decisions: [], more: false }), decide: (deciding: Deciding) => Promise.resolve(sent.push(deciding)) };
  const engine = { me: () => MIRA, person: () => null, room: () => null, cases: { reports: () => Promise.resolve([]) }, decisions };
  const choosing = new Choosing(engine as unknown as Engine, "rook", "case", false);
  await choosing.open();
  choosing.kind = "warn";
  choosing.reason = 0;
  choosing.finding = "lured";
  expect(choosing.complete).toBe(false);
  choosing.law = "  Criminal Code,  section 232 ";
  expect(choosing.complete).toBe(true);
  await choosing.decide();
  choosing.reason = 3;
  await choosing.decide();
  expect(sent.map(({ ground, card, law }) => [ground, card, law])).toEqual([["law", null, "Criminal Code, section 232"], ["conduct", 3, null]]);
});

test("why it falls under the reason is suggested by the question and can be changed, and without it nothing is decided", async () => {
  const sent: Deciding[] = [];
  const cases = { reports: () => Promise.resolve([]), file: () => Promise.resolve({ staff: [], mine: true, concern: "recruitment" }) };
  const choosing = new Choosing(network(sent, { cases }), "rook", "case", false);
  await choosing.open();
  choosing.kind = "warn";
  expect(choosing.finding, "nothing before a reason").toBeNull();
  choosing.reason = 2;
  expect([choosing.finding, choosing.complete]).toEqual(["lured", true]);
  await choosing.decide();
  choosing.finding = "told_on";
  choosing.reason = 1;
  await choosing.decide();
  expect(sent.map(({ card, finding }) => [card, finding])).toEqual([[2, "lured"], [1, "told_on"]]);
  choosing.kind = "limit_reports";
  choosing.finding = "false_reports";
  choosing.kind = "warn";
  expect(choosing.finding, "it is said of a pause from asking alone").toBe("lured");
});

test("nothing is suggested where nothing is near, and then nothing can be decided", async () => {
  const choosing = new Choosing(network([], {}), "rook", null, false);
  await choosing.open();
  choosing.kind = "warn";
  choosing.reason = 2;
  expect([choosing.finding, choosing.complete]).toEqual([null, false]);
  choosing.reason = 1;
  expect([choosing.finding, choosing.complete], "one of the first cards").toEqual(["hurtful", true]);
});

test("what is on no list is said in own words, at once or when a second moderator agreed", async () => {
  const decisions = { moderators: () => Promise.resolve({ moderators: [], secondFor: ["ban"], aloneDays: 30 }), list: () => Promise.resolve([]), page: () => Promise.resolve({ decisions: [], more: false }) };
  const choosing = new Choosing(network([], { decisions }), "rook", null, false);
  await choosing.open();
  choosing.kind = "warn";
  choosing.reason = 1;
  choosing.finding = "other";
  expect(choosing.complete).toBe(false);
  choosing.own = "  ";
  expect(choosing.complete).toBe(false);
  choosing.own = "You sent a bill to everybody.";
  expect(choosing.complete).toBe(true);
  choosing.own = "";
  choosing.kind = "ban";
  expect(choosing.complete).toBe(true);
});
