import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { CASES_MS, Emitter } from "./emitter.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it("tells of a changed case at once, and of what follows close on it together", () => {
  const emitter = new Emitter();
  let told = 0;
  emitter.on("cases", () => (told += 1));
  emitter.emit("cases", null);
  expect(told).toBe(1);
  for (let change = 0; change < 10; change += 1) emitter.emit("cases", null);
  expect(told).toBe(1);
  vi.advanceTimersByTime(CASES_MS);
  expect(told).toBe(2);
  vi.advanceTimersByTime(10 * CASES_MS);
  expect(told).toBe(2);
  emitter.emit("cases", null);
  expect(told).toBe(3);
});
