import { describe, expect, test } from "vitest";
import { en } from "../words/en.ts";
import type { Referral } from "../../contract/index.ts";
import { mySaying, standing, waysOf } from "./hand-overs.ts";

const said = en.helping.handOver.mine;
const now = Date.UTC(2026, 10, 24, 14);
const yes = { consented: true, handedOverAt: null, refusedAt: null };
const handedOver = { ...yes, handedOverAt: now };
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

  test("that it is off once moderators refused it or took it back, whatever was answered", () => {
    for (const consented of [true, false, null]) expect(mySaying({ ...yes, consented, refusedAt: now }, { state: "claimed", outcome: null }, now)).toBe(said.off);
    expect(mySaying({ ...yes, refusedAt: now }, withdrawn, now)).toBe(said.withdrawn);
  });
});

const proposed: Referral = {
  id: "r", proposedBy: "mo", proposedAt: now, about: { to: "a", what: "b", why: "c" }, consented: null, needsSecond: true, agreedBy: null, agreedAt: null,
  refusedBy: null, refusedAt: null, ready: false, handedOverAt: null, dueAt: now,
};
const held = { state: "claimed", outcome: null, mine: false } as const;
const mo = { account: "mo", role: "moderator" };
const lin = { account: "lin", role: "moderator" };
const cora = { account: "cora", role: "coordinator" };
const none = { agree: false, refuse: false, back: false };

describe("a moderator", () => {
  const may = (more: Partial<Referral>, who: typeof mo, file: Parameters<typeof waysOf>[1] = held) => waysOf({ ...proposed, ...more }, file, who);

  test("who proposed it may take it back until it is over, and another one agree or not", () => {
    expect(may({}, mo)).toEqual({ ...none, back: true });
    for (const other of [lin, cora]) expect(may({}, other)).toEqual({ ...none, agree: true, refuse: true });
    for (const who of [mo, lin, cora]) {
      for (const over of [{ refusedAt: now }, { consented: false }]) expect(may(over, who)).toEqual(none);
      for (const file of [{ ...held, state: "closed", outcome: "helped" }, { ...held, ...withdrawn }] as const) expect(may({}, who, file)).toEqual(none);
    }
  });

  test("can end what came without its words, and agree to nothing that nobody can read", () => {
    expect(may({ about: null }, mo)).toEqual({ ...none, back: true });
    expect(may({ about: null }, lin)).toEqual({ ...none, refuse: true });
  });

  test("who has the question and coordinators take back what was agreed to, until it was handed over", () => {
    const agreed = { agreedBy: "lin", agreedAt: now, consented: true, ready: true };
    expect(may(agreed, lin)).toEqual(none);
    for (const [who, mine] of [[mo, false], [cora, false], [lin, true]] as const) {
      expect(may(agreed, who, { ...held, mine })).toEqual({ ...none, back: true });
      expect(may(agreed, who, { state: "closed", outcome: "referred", mine })).toEqual({ ...none, back: true });
      expect(may({ ...agreed, handedOverAt: now }, who, { ...held, mine })).toEqual(none);
    }
  });

  test("reads who ended it and how", () => {
    const said = en.helping.handOver.states;
    const reads = (more: Partial<Referral>) => standing({ ...proposed, ...more, refusedAt: now }, held, now, (account) => account ?? "?");
    expect(reads({ refusedBy: "lin" })).toBe(said.refused("lin"));
    expect(reads({ refusedBy: null })).toBe(said.refused("?"));
    expect(reads({ refusedBy: "mo" })).toBe(said.back("mo"));
    expect(reads({ refusedBy: "cora", agreedAt: now })).toBe(said.back("cora"));
    expect(reads({ refusedBy: "cora", needsSecond: false })).toBe(said.back("cora"));
    expect(standing(proposed, held, now, () => "?")).toBe(`${said.asked} ${said.second}`);
  });
});
