import { describe, expect, it } from "vitest";
import { someOf } from "./recovery.ts";

describe("which words are asked for", () => {
  it("are as many as wanted, all different, in order, and each comes up at some time", () => {
    const seen = new Set<number>();
    for (let round = 0; round < 400; round += 1) {
      const some = someOf(12, 3);
      expect(new Set(some).size).toBe(3);
      expect(some).toEqual([...some].sort((one, other) => one - other));
      for (const one of some) seen.add(one);
    }
    expect([...seen].sort((one, other) => one - other)).toEqual(Array.from({ length: 12 }, (_, index) => index));
    expect(someOf(2, 3)).toEqual([0, 1]);
  });
});
