import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { headless, type Headless } from "../../client/test/headless.ts";
import type { Fields } from "../../client/test/fake-model.ts";
import { utf8Text } from "../../client/src/protocol/bytes.ts";
import type { Tamper } from "../../client/test/tamper.ts";
import { KindredServer } from "../support/server.ts";

const period = { start: "2026-01-01", end: "2026-03-31" };
const people: Headless[] = [];
let server: KindredServer;
let staff: Headless;
let ann: Headless;
/** What the coordinator's device reads in place of the log that the server answered. */
let bend: (entries: Fields[]) => Fields[] = (entries) => entries;

beforeAll(async () => {
  server = await KindredServer.start();
  const tamper = { http: (path: string, body: Fields) => (path === "/audit" ? { ...body, entries: bend(body["entries"] as Fields[]) } : body) };
  staff = await join("Staff", (await server.links()).coordinator, tamper);
  ann = await join("Ann", (await server.links()).members[0] ?? "");
});
afterAll(async () => {
  for (const person of people) await person.end();
  await server.remove();
});

async function join(name: string, link: string, tamper?: Tamper): Promise<Headless> {
  const person = await headless({ origin: server.address, ...(tamper ? { tamper } : {}) });
  people.push(person);
  const { conduct } = await person.engine.readInvite(link);
  await person.engine.join(link, { name, pin: "2580", conductVersion: conduct?.version ?? 1 });
  return person;
}

describe("how the network is run", () => {
  it("is read by every member, on the screen and as files", async () => {
    const report = await ann.engine.openness.report(period);
    expect(report).toMatchObject({ ...period, withheld: [], medians: { toClaim: null, toClose: null, toAnswerAppeal: null } });
    expect(report.tables.totals).toContainEqual(["cases", 0]);
    const csv = await ann.engine.openness.file(period, "csv");
    expect([csv.name, utf8Text(csv.bytes).split("\r\n")[0]]).toEqual(["network-2026-01-01-2026-03-31.csv", "table,code,number"]);
    const template = JSON.parse(utf8Text((await ann.engine.openness.file(period, "template")).bytes)) as object;
    expect(template).toHaveProperty("notices");
  });

  it("has a log that coordinators read and their devices check, of which members learn nothing that is new", async () => {
    const before = (await staff.engine.openness.signed()).entries ?? 0;
    await staff.engine.createInvite({ role: "moderator", uses: 1, days: 1 });
    await staff.engine.createOpenRoom("Garden");
    const { entries, withheld, doubts } = await staff.engine.openness.log();
    expect([doubts, withheld]).toEqual([[], 0]);
    expect(entries.map(({ seq }) => seq)).toEqual(Array.from({ length: before + 2 }, (_, index) => before + 2 - index));
    expect(entries.slice(0, 2).map(({ action }) => action)).toEqual(["room_opened", "invite_made"]);
    expect(new Set(entries.slice(0, 2).map(({ actor }) => actor)).size).toBe(1);
    expect(entries.at(-1)?.actor).toBe("operator");
    expect(await staff.engine.openness.signed()).toEqual({ entries: before + 2, until: null, doubt: null });
    // The network began today: at the end of the last quarter there was no entry.
    expect(await ann.engine.openness.signed()).toEqual({ entries: null, until: null, doubt: null });
    await expect(ann.engine.openness.log()).rejects.toMatchObject({ code: "forbidden" });
  });

  it("is doubted on each device that has seen more of the log, and when a word of it is another", async () => {
    await staff.engine.openness.signed();
    const whole = (await staff.engine.openness.log()).entries.length;
    const cut = (entries: Fields[]): Fields[] => entries.filter(({ seq }) => (seq as number) < whole);
    const reworded = (entries: Fields[]): Fields[] => entries.map((entry) => (entry["seq"] === whole ? { ...entry, action: "room_renamed" } : entry));
    for (const [how, why] of [[cut, "cut"], [reworded, "changed"]] as const) {
      bend = how;
      expect((await staff.engine.openness.log()).doubts).toEqual([{ seq: whole, why }]);
    }
    bend = (entries) => entries;
    expect((await staff.engine.openness.log()).doubts).toEqual([]);
  });
});
