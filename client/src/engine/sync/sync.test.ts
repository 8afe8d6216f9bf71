import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Refusal } from "../../protocol/errors.ts";
import type { Entry, Page } from "../../protocol/frames.ts";
import type { Link } from "../../transport/link.ts";
import type { Receiver } from "./receiver.ts";
import { Room } from "../rooms/rooms.ts";
import { Sync, type SyncHooks } from "./sync.ts";

const MS_AN_ENTRY = 150;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Rooms of so many entries behind a network that brings them slowly and gives up after 20 s; `asked` are the limits. */
function slow(head: number) {
  const asked: number[] = [];
  let underway = 0;
  let most = 0;
  const link = {
    request: async ({ after, limit }: { after: number; limit: number }): Promise<Page> => {
      asked.push(limit);
      most = Math.max(most, (underway += 1));
      const items = Array.from({ length: Math.min(limit, head - after) }, (_, at) => ({ seq: after + 1 + at }) as Entry);
      const ms = items.length * MS_AN_ENTRY;
      await new Promise((done) => setTimeout(done, Math.min(ms, 20_000)));
      underway -= 1;
      if (ms > 20_000) throw new Refusal("unreachable");
      return { t: "page", items, head } as unknown as Page;
    },
  };
  const receiver = {
    receive: (room: Room, _entries: readonly Entry[], to: number) => {
      room.cursor = to;
      return Promise.resolve(null);
    },
  };
  const failed: unknown[] = [];
  const hooks: SyncHooks = { received: vi.fn(), caughtUp: vi.fn(), shutOut: () => Promise.resolve(), advanced: vi.fn(), failed: (error) => failed.push(error) };
  const sync = new Sync(link as unknown as Link, receiver as unknown as Receiver, hooks);
  const room = (id: string) => new Room(id, {} as never, { state: "joined", members: [] } as never, {} as never, 0);
  return { sync, room, asked, failed, most: () => most };
}

it("asks a network that is too slow for a page for less, until something comes", async () => {
  const { sync, room, asked, failed } = slow(300);
  const behind = room("a");
  for (let connections = 0; connections < 3 && behind.cursor < 300; connections += 1) {
    sync.reaches(behind, 300);
    await vi.advanceTimersByTimeAsync(120_000);
  }
  expect(behind.cursor).toBe(300);
  expect(asked.slice(0, 3)).toEqual([200, 25, 50]);
  expect(failed).toEqual([]);
});

it("waits where the server does not answer about somebody, and calls nothing missing before that", async () => {
  const entries = [1, 2, 5].map((seq) => ({ seq }) as Entry);
  const link = { state: "online", request: ({ after }: { after: number }) => Promise.resolve({ t: "page", items: entries.filter(({ seq }) => seq > after), head: 5 } as unknown as Page) };
  const happened: string[] = [];
  let refusals = 2;
  const receiver = {
    receive: (room: Room, some: readonly Entry[], to: number) => {
      refusals -= 1;
      if (refusals >= 0) return Promise.reject(new Refusal(refusals === 1 ? "unavailable" : "unreachable"));
      happened.push(...some.map(({ seq }) => `read ${String(seq)}`));
      room.cursor = to;
      return Promise.resolve(null);
    },
    missing: (room: Room, to: number) => {
      happened.push(`missing to ${String(to)}`);
      room.cursor = to;
      return Promise.resolve();
    },
  };
  const failed: unknown[] = [];
  const hooks: SyncHooks = { received: vi.fn(), caughtUp: vi.fn(), shutOut: () => Promise.resolve(), advanced: vi.fn(), failed: (error) => failed.push(error) };
  const room = new Room("a", {} as never, { state: "joined", members: [] } as never, {} as never, 0);
  new Sync(link as unknown as Link, receiver as unknown as Receiver, hooks).reaches(room, 5);
  await vi.advanceTimersByTimeAsync(30_000);
  expect(happened).toEqual(["read 1", "read 2", "missing to 4", "read 5"]);
  expect(failed).toEqual([]);
});

it("asks for no more than eight rooms at once, and for each in the end", async () => {
  const { sync, room, most } = slow(10);
  const behind = Array.from({ length: 40 }, (_, at) => room(String(at)));
  for (const each of behind) sync.reaches(each, 10);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(most()).toBe(8);
  expect(behind.every(({ cursor }) => cursor === 10)).toBe(true);
});
