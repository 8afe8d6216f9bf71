import { expect, test } from "vitest";
import { colourOf, initialOf, matches, shortened } from "./names.ts";

test("a person keeps their colour, and it is one that exists", () => {
  expect(colourOf("3f0c")).toBe(colourOf("3f0c"));
  for (const id of ["", "a", "b", "f81d4fae-7dec-11d0-a765-00a0c91e6bf6"]) expect(colourOf(id)).toBeLessThan(8);
});

test("initials work in every script and never cut a letter in two", () => {
  expect(initialOf("asha")).toBe("A");
  expect(initialOf("  ‏أمل")).toBe("أ");
  expect(initialOf("क्षमा")).toMatch(/^क/u);
  expect(initialOf("👩‍👧 family")).toBe("👩‍👧");
  expect(initialOf("")).toBe("");
});

test("search forgives case, accents and order", () => {
  expect(matches("Quiet Évening Room", "evening quiet")).toBe(true);
  expect(matches("Quiet Evening Room", "morning")).toBe(false);
});

test("a long name is shortened between letters", () => {
  expect(shortened("Asha", 6)).toBe("Asha");
  expect(shortened("Konstantina", 6)).toBe("Konst…");
  expect(shortened("👩‍👧👩‍👧👩‍👧", 2)).toBe("👩‍👧…");
});
