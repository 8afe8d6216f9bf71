import { describe, expect, test } from "vitest";
import { brief, clock, dayLabel, dayOf, daysAgo, moment } from "./time.ts";

const at = (day: number, hour: number, minute = 0, month = 2, year = 2025): number => new Date(year, month, day, hour, minute).getTime();
const now = at(14, 9, 30);

describe("times are said plainly", () => {
  test("a day changes at local midnight, not after 24 hours", () => {
    expect(dayOf(at(13, 23, 59))).not.toBe(dayOf(at(14, 0, 0)));
    expect(daysAgo(at(13, 23, 59), at(14, 0, 1))).toBe(1);
    expect(daysAgo(at(14, 0, 1), at(14, 23, 59))).toBe(0);
  });

  test("day lines say today, yesterday, the weekday, then the date", () => {
    expect(dayLabel(at(14, 1), now)).toBe("Today");
    expect(dayLabel(at(13, 1), now)).toBe("Yesterday");
    expect(dayLabel(at(10, 1), now)).toBe("Monday");
    expect(dayLabel(at(1, 1), now)).toBe("1 March");
    expect(dayLabel(at(1, 1, 0, 2, 2024), now)).toBe("1 March 2024");
  });

  test("a moment names the day unless it is today", () => {
    expect(clock(at(14, 7, 5))).toBe("07:05");
    expect(moment(at(14, 7, 5), now)).toBe("07:05");
    expect(moment(at(13, 14, 20), now)).toBe("yesterday, 14:20");
    expect(moment(at(10, 14, 20), now)).toBe("Monday, 14:20");
    expect(moment(at(15, 0, 20), now)).toBe("tomorrow, 00:20");
    expect(moment(at(16, 0, 20), now)).toBe("16 March, 00:20");
  });

  test("the chats list has room for a word only", () => {
    expect(brief(at(14, 7, 5), now)).toBe("07:05");
    expect(brief(at(13, 7, 5), now)).toBe("Yesterday");
    expect(brief(at(12, 7, 5), now)).toBe("Wed");
    expect(brief(at(1, 7, 5), now)).toBe("1 Mar");
  });

  test("a clock that runs ahead does not break the label", () => {
    expect(dayLabel(at(15, 1), now)).toBe("15 March");
  });
});
