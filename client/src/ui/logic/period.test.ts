import { expect, it } from "vitest";
import { lastMonths, monthsOf } from "./period.ts";

it("takes whole months that are over, over the turn of a year too", () => {
  const january = Date.UTC(2026, 0, 1, 0, 0, 1);
  expect(lastMonths(january, 1)).toEqual({ start: "2025-12-01", end: "2025-12-31" });
  expect(lastMonths(january, 12)).toEqual({ start: "2025-01-01", end: "2025-12-31" });
  expect(lastMonths(Date.UTC(2028, 2, 31, 23, 59), 3)).toEqual({ start: "2027-12-01", end: "2028-02-29" });
});

it("names them", () => {
  expect(monthsOf({ start: "2026-10-01", end: "2026-10-31" })).toBe("October 2026");
  expect(monthsOf({ start: "2026-08-01", end: "2026-10-31" })).toMatch(/^August.+October 2026$/u);
});
