import { expect, it } from "vitest";
import { named } from "./law.ts";

it.each([
  ["  Criminal Code,\n section\t232 ", "Criminal Code, section 232"],
  ["ст. 127.1 УК РФ", "ст. 127.1 УК РФ"],
  ["", null],
  [" \n", null],
  ["§", null],
  ["§1", "§1"],
  ["x".repeat(120), "x".repeat(120)],
  ["x".repeat(121), null],
])("%j is sent as %j", (typed, sent) => {
  expect(named(typed)).toBe(sent);
});
