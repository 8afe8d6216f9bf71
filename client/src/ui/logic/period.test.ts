import { expect, it } from "vitest";
import { dayOf, lastQuarters, monthsOf } from "./period.ts";

it("takes quarters that have been over for four weeks, the newest first, over the turn of a year too", () => {
  const quarters = (now: number, count: number): string[] => lastQuarters(now, count).map(({ start, end }) => `${start} ${end}`);
  expect(quarters(Date.UTC(2026, 0, 29, 0, 0, 1), 2)).toEqual(["2025-10-01 2025-12-31", "2025-07-01 2025-09-30"]);
  expect(quarters(Date.UTC(2026, 0, 28, 23, 59), 1)).toEqual(["2025-07-01 2025-09-30"]);
  expect(quarters(Date.UTC(2028, 4, 31, 12), 4)).toEqual(["2028-01-01 2028-03-31", "2027-10-01 2027-12-31", "2027-07-01 2027-09-30", "2027-04-01 2027-06-30"]);
});

it("names them", () => {
  expect(monthsOf({ start: "2026-10-01", end: "2026-10-31" })).toBe("October 2026");
  expect(monthsOf({ start: "2026-07-01", end: "2026-09-30" })).toMatch(/^July.+September 2026$/u);
  expect(dayOf("2026-09-30")).toBe("30 September 2026");
});
