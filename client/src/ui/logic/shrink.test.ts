import { expect, it } from "vitest";
import { fitted } from "./shrink.ts";

it("makes a picture no larger than it has to be, and keeps its shape", () => {
  expect(fitted(4000, 3000)).toEqual([1600, 1200]);
  expect(fitted(3000, 4000)).toEqual([1200, 1600]);
  expect(fitted(800, 600)).toEqual([800, 600]);
  expect(fitted(10_000, 2)).toEqual([1600, 1]);
});
