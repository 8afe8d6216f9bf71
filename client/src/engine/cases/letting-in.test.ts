import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { CaseBody } from "../../protocol/api-cases.ts";
import { Refusal } from "../../protocol/errors.ts";
import { LettingIn } from "./letting-in.ts";
import type { Membership } from "../groups/membership.ts";
import type { Reports } from "./reports.ts";
import type { RoomRecord } from "../records/records.ts";
import type { Room, Rooms } from "../rooms/rooms.ts";

const HALF_A_MINUTE = 30_000;
const [ann, cora, dora, mo] = ["a", "c", "d", "e"].map((letter) => `${letter.repeat(8)}-0000-4000-8000-${letter.repeat(12)}`) as [string, string, string, string];

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Ann's phone in the room of her case, with whoever else is in; `refuses` says of whom the server wants nothing, or why it answers not at all. */
function phone(inside: readonly string[], staff: readonly string[], { refuses = [], unconfirmed = [], hasReports = true }: { refuses?: (string | Error)[]; unconfirmed?: string[]; hasReports?: boolean } = {}) {
  const room = { id: "room", active: true, record: { members: [ann, ...inside].map((account) => `${account}:1`), broken: false } } as unknown as Room;
  const body = { id: "case", room: "room", mine: true, state: "claimed", opened_by: null, staff: [...staff] } as unknown as CaseBody;
  const tries: string[][] = [];
  let passedOn = 0;
  const membership = {
    letIn: (_: Room, accounts: readonly string[]) => {
      tries.push([...accounts]);
      const fault = refuses.find((one) => one instanceof Error);
      if (fault) return Promise.reject(fault as Error);
      if (accounts.some((account) => refuses.includes(account))) return Promise.reject(new Refusal("not_found"));
      room.record.members.push(...accounts.map((account) => `${account}:1`));
      return Promise.resolve(true);
    },
  } as unknown as Membership;
  const rooms = {
    get: () => room,
    update: (_: Room, patch: (record: RoomRecord) => void) => {
      patch(room.record);
      return Promise.resolve();
    },
  } as unknown as Rooms;
  const reports = {
    any: () => Promise.resolve(hasReports),
    passOn: (_: Room, opener: string) => {
      expect(opener).toBe(ann);
      passedOn += 1;
      return Promise.resolve();
    },
  } as unknown as Reports;
  const letting = new LettingIn(rooms, membership, { certified: (one) => !unconfirmed.includes(one) }, reports, { account: ann, device: "1", domain: "host" }, () => body, () => undefined, (_, work) => {
    work().catch(() => undefined);
  });
  const after = async (ms: number) => {
    await vi.advanceTimersByTimeAsync(ms);
    return { tries, passedOn, owes: room.record.passing === true };
  };
  return { letting, body, room, refuses, after, look: () => {
    letting.look([body]);
  } };
}

describe("the device of whoever asked", () => {
  test("lets nobody in whom no coordinator has confirmed, and asks the server for nothing of theirs", async () => {
    const unconfirmed = [dora];
    const alone = phone([], [dora], { unconfirmed });
    alone.look();
    expect(await alone.after(HALF_A_MINUTE)).toMatchObject({ tries: [] });
    unconfirmed.pop();
    alone.look();
    expect(await alone.after(HALF_A_MINUTE)).toMatchObject({ tries: [[dora]] });
  });

  test("lets a new moderator in at once where nobody of the staff is in, and later where somebody is who could", async () => {
    const alone = phone([], [dora]);
    alone.look();
    expect(await alone.after(1_000)).toEqual({ tries: [[dora]], passedOn: 1, owes: false });
    // Whoever is in and no staff any more lets nobody in.
    const gone = phone([cora], [dora]);
    gone.look();
    expect((await gone.after(1_000)).tries).toEqual([[dora]]);
    for (const other of [phone([cora], [cora, dora]), phone([], [dora], { hasReports: false })]) {
      other.look();
      expect((await other.after(HALF_A_MINUTE)).tries).toEqual([]);
      expect((await other.after(1_000)).tries).toEqual([[dora]]);
    }
  });

  test("does nothing that somebody else did meanwhile, or once it is closed", async () => {
    const late = phone([cora], [cora, dora]);
    late.look();
    late.room.record.members.push(`${dora}:1`);
    expect((await late.after(2 * HALF_A_MINUTE)).tries).toEqual([]);
    const closed = phone([], [dora]);
    closed.look();
    closed.body.state = "closed";
    expect((await closed.after(HALF_A_MINUTE)).tries).toEqual([]);
  });

  test("lets one in though another may not come, whom it asks for again with the next connection alone", async () => {
    const { look, after, letting } = phone([], [dora, mo], { refuses: [mo] });
    look();
    expect(await after(1_000)).toEqual({ tries: [[dora, mo], [dora], [mo]], passedOn: 1, owes: false });
    look();
    expect((await after(HALF_A_MINUTE)).tries).toHaveLength(3);
    letting.connected();
    look();
    expect(await after(2 * HALF_A_MINUTE)).toMatchObject({ tries: [[dora, mo], [dora], [mo], [mo]], passedOn: 1 });
  });

  test("goes on after it was cut off, and passes on what it still owes though everybody is in", async () => {
    const { look, after, refuses } = phone([], [dora], { refuses: [new Refusal("unreachable")] });
    look();
    expect(await after(1_000)).toEqual({ tries: [[dora]], passedOn: 0, owes: true });
    refuses.length = 0;
    look();
    expect(await after(1_000)).toEqual({ tries: [[dora], [dora]], passedOn: 1, owes: false });
    const owing = phone([dora], [dora]);
    owing.room.record.passing = true;
    owing.look();
    expect(await owing.after(1_000)).toEqual({ tries: [], passedOn: 1, owes: false });
  });
});
