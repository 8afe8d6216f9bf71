import { expect, test } from "vitest";
import { isSimple, pinFrom } from "./pin.ts";

test("a PIN is read from whatever is typed or pasted", () => {
  expect(pinFrom("135790")).toBe("135790");
  expect(pinFrom(" 13-57 90\n")).toBe("135790");
  expect(pinFrom("1357901234")).toBe("135790");
  expect(pinFrom("abc")).toBe("");
});

test("digits of other scripts are the same PIN", () => {
  expect(pinFrom("١٣٥٧٩٠")).toBe("135790");
  expect(pinFrom("۱۳۵۷۹۰")).toBe("135790");
  expect(pinFrom("१३५७९०")).toBe("135790");
});

test("what anyone would try first is called simple", () => {
  for (const pin of ["000000", "777777", "123456", "654321", "012345"]) expect(isSimple(pin)).toBe(true);
  for (const pin of ["135790", "112233", "482913"]) expect(isSimple(pin)).toBe(false);
});
