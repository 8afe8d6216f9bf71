import { expect, test } from "vitest";
import { Exposure, OFFER_AFTER } from "./exposure.svelte.ts";

test("a pause is offered after enough was read, and again only after as much more", () => {
  const exposure = new Exposure(() => 10_000_000_000);
  exposure.add(OFFER_AFTER - 1);
  expect(exposure.offers).toBe(false);
  exposure.add(1);
  expect(exposure.offers).toBe(true);
  exposure.later();
  expect(exposure.offers).toBe(false);
  exposure.add(OFFER_AFTER);
  expect(exposure.offers).toBe(true);
  exposure.paused();
  expect([exposure.offers, exposure.seen]).toEqual([false, 0]);
});

test("hours without reading begin a new shift", () => {
  let now = 10_000_000_000;
  const exposure = new Exposure(() => now);
  exposure.add(10);
  now += 4 * 3_600_000;
  exposure.add(2);
  expect(exposure.seen).toBe(2);
});
