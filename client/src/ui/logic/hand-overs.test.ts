import { describe, expect, test } from "vitest";
import { en } from "../words/en.ts";
import { mySaying } from "./hand-overs.ts";

const said = en.helping.handOver.mine;
const now = Date.UTC(2026, 10, 24, 14);
const yes = { consented: true, handedOverAt: null };
const handedOver = { consented: true, handedOverAt: now };
const closed = { state: "closed", outcome: "helped" } as const;
const withdrawn = { state: "closed", outcome: "withdrawn" } as const;

describe("whoever asked reads of a hand-over", () => {
  test("that their yes stands when the question was only closed, and nothing of a yes that they never gave", () => {
    expect(mySaying(yes, { state: "claimed", outcome: null }, now)).toBe(said.yes);
    expect(mySaying(yes, closed, now)).toBe(said.stands);
    expect(mySaying({ ...yes, consented: null }, closed, now)).toBe(said.closed);
    expect(mySaying({ ...yes, consented: false }, closed, now)).toBe(said.no);
  });

  test("that nothing is handed over once they took the question back, and what was stays", () => {
    for (const consented of [true, false, null]) expect(mySaying({ ...yes, consented }, withdrawn, now)).toBe(said.withdrawn);
    expect(mySaying(handedOver, withdrawn, now)).toBe(said.withdrawnOver);
    expect(mySaying(handedOver, closed, now)).toContain("It was handed over");
    expect(mySaying({ ...handedOver, consented: false }, closed, now)).toBe(said.over);
  });
});
