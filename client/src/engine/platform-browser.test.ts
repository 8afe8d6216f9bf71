import { afterEach, expect, it, vi } from "vitest";
import { browserPlatform } from "./platform-browser.ts";

afterEach(() => {
  vi.unstubAllGlobals();
});

/** A browser in which another page has the lock for the first `tries`, and which takes `ms` to say so. */
function browser(tries: number, ms: number): { asked: () => number } {
  let asked = 0;
  const request = async (_name: string, _options: LockOptions, work: (lock: object | null) => Promise<void> | undefined): Promise<void> => {
    asked += 1;
    const free = asked > tries;
    await new Promise((resolve) => setTimeout(resolve, ms));
    await work(free ? {} : null);
  };
  vi.stubGlobal("navigator", { locks: { request } });
  vi.stubGlobal("location", { origin: "http://kindred.example" });
  return { asked: () => asked };
}

const onLost = () => Promise.resolve();

it("a browser that is slow to answer is not taken for another tab that has the profile", async () => {
  const { asked } = browser(0, 1_500);
  const { lock } = browserPlatform();
  expect(await lock.acquire(onLost)).toBe(true);
  expect(asked()).toBe(1);
  lock.release();
});

it("nor is the page before a reload, which lets go a little later", async () => {
  const { asked } = browser(3, 0);
  const { lock } = browserPlatform();
  expect(await lock.acquire(onLost)).toBe(true);
  expect(asked()).toBe(4);
  lock.release();
});

it("another tab that keeps it is", async () => {
  browser(Infinity, 0);
  expect(await browserPlatform().lock.acquire(onLost)).toBe(false);
});
