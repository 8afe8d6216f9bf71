import { afterEach, expect, it, vi } from "vitest";
import { browserPlatform } from "./platform-browser.ts";

afterEach(() => {
  vi.unstubAllGlobals();
});

/** A browser whose first `slow` requests for the lock are not answered in time; `held` says whether another tab has it. */
function browser(slow: number, held: boolean): { asked: () => number } {
  let asked = 0;
  const request = (_name: string, { signal }: LockOptions, work: (lock: object) => Promise<void>): Promise<void> => {
    asked += 1;
    if (asked > slow) return Promise.resolve().then(() => work({}));
    return new Promise((_resolve, reject) => {
      signal?.addEventListener("abort", () => {
        reject(new DOMException("too late", "AbortError"));
      });
    });
  };
  const query = () => Promise.resolve({ held: held ? [{ name: "kindred-profile" }] : [], pending: [] });
  vi.stubGlobal("navigator", { locks: { request, query } });
  vi.stubGlobal("location", { origin: "http://kindred.example" });
  return { asked: () => asked };
}

const onLost = () => Promise.resolve();

it("a busy phone is not taken for another tab that has the profile", async () => {
  const { asked } = browser(1, false);
  const { lock } = browserPlatform();
  expect(await lock.acquire(onLost)).toBe(true);
  expect(asked()).toBe(2);
  lock.release();
});

it("another tab that has the profile is", async () => {
  const { asked } = browser(1, true);
  expect(await browserPlatform().lock.acquire(onLost)).toBe(false);
  expect(asked()).toBe(1);
});
