import { expect, test } from "vitest";
import type { Exposed } from "../../contract/index.ts";
import { Exposure, OFFER_AFTER } from "./exposure.svelte.ts";

const HOUR = 3_600_000;

/** A device that remembers, slowly. */
class Device {
  now = 10_000_000_000;
  kept: Exposed | null = null;

  async exposed(): Promise<Exposed | null> {
    await Promise.resolve();
    return this.kept;
  }

  async keepExposed(exposed: Exposed): Promise<void> {
    await new Promise((done) => setTimeout(done, 5));
    this.kept = exposed;
  }

  /** The page is loaded anew. */
  async opened(): Promise<Exposure> {
    const exposure = new Exposure(() => this.now);
    await exposure.open(this);
    return exposure;
  }
}

test("a pause is offered after enough was read, and again only after as much more", async () => {
  const exposure = await new Device().opened();
  await exposure.add(OFFER_AFTER - 1);
  expect(exposure.offers).toBe(false);
  await exposure.add(1);
  expect(exposure.offers).toBe(true);
  await exposure.later();
  expect(exposure.offers).toBe(false);
  await exposure.add(OFFER_AFTER);
  expect(exposure.offers).toBe(true);
  await exposure.paused();
  expect([exposure.offers, exposure.seen]).toEqual([false, 0]);
});

test("hours without reading begin a new shift", async () => {
  const device = new Device();
  const exposure = await device.opened();
  await exposure.add(10);
  device.now += 4 * HOUR;
  await exposure.add(2);
  expect(exposure.seen).toBe(2);
});

test("loading the page anew within a shift forgets nothing, neither what was read nor that somebody went on", async () => {
  const device = new Device();
  const before = await device.opened();
  await before.add(OFFER_AFTER);
  await before.later();
  await before.add(3);
  device.now += 2 * HOUR;
  const after = await device.opened();
  expect([after.seen, after.offers]).toEqual([OFFER_AFTER + 3, false]);
  await after.add(OFFER_AFTER - 3);
  expect(after.offers).toBe(true);
});

test("a shift that is over is not gone on with, and neither is one in which a pause was taken", async () => {
  const device = new Device();
  await (await device.opened()).add(OFFER_AFTER);
  device.now += 4 * HOUR;
  expect((await device.opened()).seen).toBe(0);
  device.now -= 4 * HOUR;
  await (await device.opened()).paused();
  expect((await device.opened()).seen).toBe(0);
});

test("what is counted while a screen opens is neither lost nor takes the place of what was, and another person's profile begins with none", async () => {
  const device = new Device();
  await (await device.opened()).add(10);
  const exposure = new Exposure(() => device.now);
  const opened = exposure.open(device);
  await Promise.all([opened, exposure.add(4)]);
  expect(exposure.seen).toBe(14);
  const kept = exposure.later();
  await exposure.open(device);
  await kept;
  expect([exposure.seen, exposure.offers]).toEqual([14, false]);
  await exposure.open(new Device());
  expect(exposure.seen).toBe(0);
});
