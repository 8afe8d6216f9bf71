import { describe, expect, test } from "vitest";
import { ShiftCounter } from "./shift.ts";

describe("leaving by Shift", () => {
  test("three presses within five seconds of each other leave", () => {
    const counter = new ShiftCounter();
    expect([0, 4000, 8500].map((now) => counter.keyup("Shift", false, now))).toEqual([1, 2, 3]);
  });

  test("too slow starts again", () => {
    const counter = new ShiftCounter();
    expect([0, 4000, 9500].map((now) => counter.keyup("Shift", false, now))).toEqual([1, 2, 1]);
  });

  test("writing capital letters never leaves", () => {
    const counter = new ShiftCounter();
    for (let now = 0; now < 5000; now += 100) {
      expect(counter.keyup("A", true, now)).toBe(0);
      expect(counter.keyup("Shift", false, now + 20)).toBe(0);
    }
  });

  test("another key in between starts again", () => {
    const counter = new ShiftCounter();
    counter.keyup("Shift", false, 0);
    counter.keyup("Shift", false, 100);
    expect(counter.keyup("a", false, 200)).toBe(0);
    expect(counter.keyup("Shift", false, 300)).toBe(1);
  });
});
