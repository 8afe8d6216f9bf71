import { expect, test } from "vitest";
import { minuteOf, timeOf } from "./minutes.ts";

test("minutes of the day are written as time fields write them, and read back", () => {
  for (const [minute, time] of [[0, "00:00"], [7 * 60 + 5, "07:05"], [1439, "23:59"]] as const) {
    expect(timeOf(minute)).toBe(time);
    expect(minuteOf(time)).toBe(minute);
  }
});

test("a time with seconds is read without them, and what is no time is none", () => {
  expect(minuteOf("22:30:15")).toBe(1350);
  for (const wrong of ["", "24:00", "7:05", "12:60", "noon"]) expect(minuteOf(wrong)).toBeNull();
});
