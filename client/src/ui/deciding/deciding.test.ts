import { expect, test } from "vitest";
import type { Report } from "../../state/contract-cases.ts";
import type { Deciding } from "../../state/contract-decisions.ts";
import type { Engine } from "../../state/contract.ts";
import { Choosing } from "./deciding.svelte.ts";

const at = Date.UTC(2026, 0, 12, 12);
const exhibit = { key: "k", room: "room", seq: 1, at, from: "rook", text: "", changes: null, doubt: null, skipped: 0 };
const reports: Report[] = [{ at, by: "tala", passedOnBy: null, concern: "threats", urgency: "today", wish: "", name: null, roomKind: "open", complete: true, exhibits: [exhibit] }];

test("days are told with the rooms they were in, which the server looks at and does not keep", async () => {
  let sent: Deciding | undefined;
  const engine = {
    me: () => ({ account: "mira" }), person: () => null, room: () => ({ kind: "open", title: "Harbour", members: 9 }), cases: { reports: () => Promise.resolve(reports) },
    decisions: {
      moderators: () => Promise.resolve({ moderators: [], secondFor: [] }), list: () => Promise.resolve([]),
      decide: (deciding: Deciding) => Promise.resolve((sent = deciding)),
    },
  };
  const choosing = new Choosing(engine as unknown as Engine, "rook", "case", false);
  await choosing.open();
  choosing.kind = "warn";
  choosing.reason = 0;
  choosing.telling.days = true;
  await choosing.decide();
  const days = { first: "2026-01-12", last: "2026-01-12", rooms: ["room"] };
  expect(sent?.facts).toEqual({ messages: null, proven: null, days, rooms: [] });
});

test("who proposes what takes two is told when there is nobody who could agree", async () => {
  const denied: string[] = [];
  const moderators = ["mira", "rook", "asha"].map((account) => ({ account, role: "moderator", denied: account === "asha" ? denied : [] }));
  const engine = {
    me: () => ({ account: "mira" }), person: () => null, room: () => null, cases: {},
    decisions: { moderators: () => Promise.resolve({ moderators, secondFor: ["ban"] }), list: () => Promise.resolve([]) },
  };
  const alone = async (kind: "ban" | "warn") => {
    const choosing = new Choosing(engine as unknown as Engine, "rook", null, false);
    await choosing.open();
    choosing.kind = kind;
    return choosing.alone;
  };
  expect(await alone("ban")).toBe(false);
  denied.push("ban");
  expect([await alone("ban"), await alone("warn")]).toEqual([true, false]);
});

test("a decision about a room in which few people are comes with a warning: its name tells who asked", async () => {
  const small: Record<string, object | null> = { room: { kind: "group", title: "Four", members: 4 }, five: { kind: "group", title: "Five", members: 5 }, pair: { kind: "direct", title: null, members: 2 } };
  const direct: Report = { ...(reports[0] as Report), roomKind: "direct", exhibits: [{ ...exhibit, room: "pair" }, { ...exhibit, room: "elsewhere" }] };
  const engine = {
    me: () => ({ account: "mira" }), person: () => ({ sharedRooms: ["room", "five"] }), room: (id: string) => small[id] ?? null, cases: { reports: () => Promise.resolve([direct]) },
    decisions: { moderators: () => Promise.resolve({ moderators: [], secondFor: [] }), list: () => Promise.resolve([]) },
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
