import { describe, expect, it } from "vitest";
import type { CaseBody } from "../../protocol/api-cases.ts";
import { Refusal, type ServerCode } from "../../protocol/errors.ts";
import type { Http } from "../../transport/http.ts";
import { CaseFiles } from "./case-files.ts";
import type { CaseTurns } from "./case-turns.ts";
import type { Rooms } from "../rooms/rooms.ts";

const taken = { id: "one", room: "here", state: "claimed", moved_at: 100, answered: false, asked_at: null, opened_by: "ann", claimed_by: "mira", mine: false } as CaseBody;

/** What a device tells the server when `by` has answered in a case at 110. */
async function tells(by: string, { me = "mira", coordinates = false, refused = null as ServerCode | null, body = taken, at = 110, room = "here" as string | null } = {}): Promise<unknown[]> {
  const told: unknown[] = [];
  const http = {
    get: async (path: string) => Promise.resolve({ cases: path.includes("closed") ? [] : [body], more: false }),
    post: async (path: string, sent: unknown) => {
      told.push([path, sent]);
      if (refused) throw new Refusal(refused);
      return Promise.resolve({ ...body, answered: true });
    },
  } as unknown as Http;
  const rooms = { get: () => ({ active: true }) } as unknown as Rooms;
  const turns = { end: async () => Promise.resolve({ answered: { at, by }, since: [] }) } as unknown as CaseTurns;
  const files = new CaseFiles(http, rooms, turns, me, () => coordinates, async () => Promise.resolve());
  await files.refresh();
  for (let times = 0; times < 2; times++) await files.tellAnswers(room ?? undefined);
  return told;
}

const once = [["/cases/one/answered", { at: 110 }]];

describe("that a moderator has answered in a case", () => {
  it("is told once by who has it, whoever wrote", async () => {
    expect(await tells("mira")).toEqual(once);
    expect(await tells("noor")).toEqual(once);
  });

  it("is told by nobody else but a coordinator, of their own words", async () => {
    expect(await tells("noor", { me: "noor" })).toEqual([]);
    expect(await tells("noor", { me: "noor", coordinates: true })).toEqual(once);
    expect(await tells("mira", { me: "noor", coordinates: true })).toEqual([]);
  });

  it("is told in one that was set to wait before anybody wrote, also after the device was away", async () => {
    expect(await tells("mira", { body: { ...taken, state: "waiting" }, room: null })).toEqual(once);
    expect(await tells("mira", { body: { ...taken, state: "waiting", answered: true }, room: null })).toEqual([]);
  });

  it("is not told of what was there before it was taken", async () => {
    expect(await tells("mira", { at: 90 })).toEqual([]);
  });

  it("is not asked again when somebody else has it by then, and no failure", async () => {
    for (const refused of ["case_claimed", "case_closed", "not_found"] as const) expect(await tells("mira", { refused })).toEqual(once);
    await expect(tells("mira", { refused: "unavailable" })).rejects.toThrow("unavailable");
  });
});
