import { beforeEach, expect, it } from "vitest";
import type { StatementBody } from "../../protocol/api-decisions.ts";
import { MemoryBackend } from "../../store/memory.ts";
import { Store } from "../../store/store.ts";
import { makeVault } from "../../store/vault.ts";
import { Comeback } from "./comeback.ts";
import type { Rooms } from "../rooms/rooms.ts";

const { keys } = await makeVault("2580", { memory: 64, passes: 1, lanes: 1 });
let backend: MemoryBackend;
let changes: number;
let rooms: { id: string; active: boolean; record: { kind: string; removed: boolean } }[];

const room = (id: string, kind = "group") => ({ id, active: true, record: { kind, removed: false } });
const ban = (decision: string, state: string): StatementBody => ({ decision, kind: "ban", state }) as StatementBody;
const warning = { decision: "w", kind: "warn", state: "lifted" } as StatementBody;

beforeEach(() => {
  backend = new MemoryBackend();
  changes = 0;
  rooms = [room("circle"), room("garden"), room("welcome", "open"), room("asha", "direct"), room("own", "self"), room("case", "case")];
});

async function started(): Promise<Comeback> {
  const known = { all: () => rooms, get: (id: string) => rooms.find((one) => one.id === id) ?? null } as unknown as Rooms;
  const comeback = new Comeback(new Store(backend, keys), known, () => {
    changes += 1;
  });
  await comeback.load();
  return comeback;
}

function out(...ids: string[]): void {
  for (const one of rooms) if (ids.includes(one.id)) Object.assign(one, { active: false, record: { ...one.record, removed: true } });
}

/** A connection in which the server says this of decisions, and takes it out of these rooms. */
async function connects(comeback: Comeback, statements: StatementBody[], lost: string[] = [], home = true): Promise<void> {
  await comeback.connected();
  await comeback.heard(statements);
  out(...lost);
  if (home) await comeback.settled();
}

it("tells which conversations a ban took somebody out of once it has ended, also after restarts, until they put it away", async () => {
  await connects(await started(), []);
  const away = await started();
  await connects(away, [ban("b", "in_force")], ["circle"], false);
  expect(away.behind, "not while they are out").toEqual([]);
  const back = await started();
  await connects(back, [ban("b", "overturned"), warning], ["welcome", "asha", "own", "case"]);
  expect(back.behind.sort()).toEqual(["asha", "circle", "welcome"]);
  expect(changes).toBe(1);
  const later = await started();
  await connects(later, [ban("b", "overturned")]);
  expect(later.behind.sort()).toEqual(["asha", "circle", "welcome"]);
  await later.putAway();
  expect(later.behind).toEqual([]);
  const last = await started();
  await connects(last, [ban("b", "overturned")]);
  expect(last.behind).toEqual([]);
});

it("tells it whoever was not connected while it lasted, whichever comes first, the decisions or the rooms", async () => {
  const comeback = await started();
  await comeback.connected();
  out("garden");
  await comeback.settled();
  expect(comeback.behind).toEqual([]);
  await comeback.heard([ban("b", "lifted")]);
  expect(comeback.behind).toEqual(["garden"]);
});

it("no longer tells of a conversation that they are in again, or left by themselves", async () => {
  const comeback = await started();
  await connects(comeback, [ban("b", "lifted")], ["circle", "welcome"]);
  for (const one of rooms) if (one.id === "welcome") one.active = true;
  expect(comeback.behind).toEqual(["circle"]);
  rooms = rooms.map((one) => (one.id === "circle" ? { ...one, record: { ...one.record, removed: false } } : one));
  expect(comeback.behind).toEqual([]);
});

it("tells nothing of what somebody was taken out of without a ban, before one or after one", async () => {
  const comeback = await started();
  await connects(comeback, [], ["garden"]);
  expect(comeback.behind).toEqual([]);
  await connects(comeback, [ban("b", "in_force")], [], false);
  await connects(comeback, [ban("b", "lifted")], ["circle"]);
  expect(comeback.behind, "not what was before").toEqual(["circle"]);
  await comeback.putAway();
  await connects(comeback, [ban("b", "lifted")], ["asha"]);
  expect(comeback.behind).toEqual([]);
});

it("waits until the last ban has ended, and tells of each anew", async () => {
  const comeback = await started();
  await connects(comeback, [ban("a", "lifted"), ban("b", "in_force")], ["circle"]);
  expect(comeback.behind).toEqual([]);
  await connects(comeback, [ban("a", "lifted"), ban("b", "overturned")]);
  expect(comeback.behind).toEqual(["circle"]);
  await comeback.putAway();
  await connects(comeback, [ban("a", "lifted"), ban("b", "overturned"), ban("c", "in_force")], ["garden"], false);
  await connects(comeback, [ban("a", "lifted"), ban("b", "overturned"), ban("c", "lifted")], ["welcome"]);
  expect(comeback.behind.sort()).toEqual(["garden", "welcome"]);
});
