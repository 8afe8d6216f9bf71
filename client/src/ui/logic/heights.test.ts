import { describe, expect, test } from "vitest";
import { Heights } from "./heights.ts";

function heights(count: number, guess = 50): Heights {
  const made = new Heights();
  made.set(Array.from({ length: count }, (_, index) => `k${index}`), () => guess);
  return made;
}

describe("a long list draws only what is seen", () => {
  test("at the bottom it draws the last lines and keeps room for the rest", () => {
    const part = heights(5000).part(0, 600, 300);
    expect(part.last).toBe(5000);
    expect(part.last - part.first).toBeLessThan(25);
    expect(part.above).toBe(part.first * 50);
    expect(part.below).toBe(0);
  });

  test("what is drawn and the room around it are always the whole list", () => {
    const list = heights(1000);
    for (let index = 0; index < 1000; index += 3) list.measured(`k${index}`, 20 + (index % 90));
    for (const distance of [0, 1, 333, 5000, list.total - 600, list.total + 4000]) {
      const { first, last, above, below } = list.part(distance, 600, 400);
      const drawn = list.top(first) - list.top(last);
      expect(above + drawn + below).toBeCloseTo(list.total);
      expect(last).toBeGreaterThan(first);
    }
  });

  test("everything in view is drawn, whatever the heights", () => {
    const list = heights(400, 30);
    for (let index = 0; index < 400; index++) list.measured(`k${index}`, 10 + ((index * 37) % 200));
    for (let distance = 0; distance < list.total - 500; distance += 173) {
      const { first, last } = list.part(distance, 500, 0);
      expect(list.top(first)).toBeGreaterThanOrEqual(Math.min(list.total, distance + 500));
      expect(list.top(last)).toBeLessThanOrEqual(distance);
    }
  });

  test("an empty list is an empty part", () => {
    expect(heights(0).part(0, 600, 300)).toEqual({ first: 0, last: 0, above: 0, below: 0 });
  });

  test("a line that turns out higher above the view changes nothing below it", () => {
    const list = heights(100);
    const before = list.below(60);
    expect(list.measured("k10", 300)).toBe(true);
    expect(list.below(60)).toBe(before);
    expect(list.total).toBe(100 * 50 + 250);
  });

  test("the same height again is no change", () => {
    const list = heights(3);
    list.measured("k1", 80);
    expect(list.measured("k1", 80.02)).toBe(false);
  });

  test("older lines put before keep what was measured", () => {
    const list = heights(2);
    list.measured("k0", 90);
    list.set(["older", "k0", "k1"], () => 50);
    expect(list.total).toBe(190);
    expect(list.top(1)).toBe(140);
  });
});
