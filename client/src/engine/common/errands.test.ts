import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Refusal } from "../../protocol/errors.ts";
import { Errands, oneByOne } from "./errands.ts";
import { WrongGroup } from "./wrong-group.ts";

const HOUR_MS = 60 * 60_000;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Errands, what went wrong with them, and work that ends in these ways, one after the other, and then well. */
function begun(...ends: (Error | null)[]) {
  const failed: unknown[] = [];
  const errands = new Errands((error) => failed.push(error));
  const at: number[] = [];
  const start = Date.now();
  const work = vi.fn(() => {
    at.push(Date.now() - start);
    const end = ends.shift();
    return end ? Promise.reject(end) : Promise.resolve();
  });
  return { errands, failed, work, at };
}

describe("an errand", () => {
  it.each(["unreachable", "unavailable", "rate_limited", "stale_epoch", "pending_removal", "room_not_ready"])("that met %s is done again until it is done", async (code) => {
    const { errands, failed, work } = begun(new Refusal(code), new Refusal(code), new Refusal(code));
    const done = errands.run("one", work);
    await vi.advanceTimersByTimeAsync(HOUR_MS);
    await done;
    expect(work).toHaveBeenCalledTimes(4);
    expect(failed).toEqual([]);
  });

  it("waits as long as the server asks, and otherwise longer each time, a minute at most", async () => {
    const { errands, work, at } = begun(new Refusal("rate_limited", { retryAfterMs: 20_000 }), ...Array.from({ length: 9 }, () => new Refusal("unreachable")));
    void errands.run("one", work);
    await vi.advanceTimersByTimeAsync(HOUR_MS);
    const waits = at.slice(1).map((time, index) => time - (at[index] ?? 0));
    expect(waits[0]).toBe(20_000);
    expect(waits[1]).toBeLessThanOrEqual(3_000);
    expect(waits.slice(-2).every((wait) => wait >= 30_000 && wait <= 60_000)).toBe(true);
    expect(waits).toHaveLength(10);
  });

  it("that was refused is not asked for again", async () => {
    const { errands, failed, work } = begun(new Refusal("forbidden"));
    await errands.run("one", work);
    await vi.advanceTimersByTimeAsync(HOUR_MS);
    expect(work).toHaveBeenCalledTimes(1);
    expect(failed).toEqual([]);
  });

  it("that fails in another way is told, and can be asked for anew", async () => {
    const fault = new Error("full disk");
    const { errands, failed, work } = begun(fault);
    await errands.run("one", work);
    expect(failed).toEqual([fault]);
    await errands.run("one", work);
    expect(work).toHaveBeenCalledTimes(2);
  });

  it("that waits is tried at once when there is a connection", async () => {
    const { errands, work, at } = begun(new Refusal("unavailable", { retryAfterMs: HOUR_MS }));
    void errands.run("one", work);
    await vi.advanceTimersByTimeAsync(1_000);
    errands.connected();
    await vi.advanceTimersByTimeAsync(0);
    expect(at).toEqual([0, 1_000]);
  });

  it("that is asked for while it goes on is done once more after it, as it was asked for last", async () => {
    const { errands } = begun();
    const done: string[] = [];
    let finish: (() => void) | null = null;
    const first = errands.run("one", async () => {
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      done.push("first");
    });
    for (const name of ["second", "third"]) void errands.run("one", () => Promise.resolve(done.push(name)));
    await errands.run("another", () => Promise.resolve(done.push("another")));
    expect(done).toEqual(["another"]);
    (finish as (() => void) | null)?.();
    await first;
    expect(done).toEqual(["another", "first", "third"]);
  });

  it("ends when the app is closed", async () => {
    const { errands, work } = begun(new Refusal("unavailable"), new Refusal("unavailable"));
    const done = errands.run("one", work);
    await vi.advanceTimersByTimeAsync(0);
    errands.stop();
    await done;
    await vi.advanceTimersByTimeAsync(HOUR_MS);
    expect(work).toHaveBeenCalledTimes(1);
  });
});

describe("what is done one by one", () => {
  it("goes on past what is refused, and says in the end what is worth another try", async () => {
    const tried: number[] = [];
    const refusals: Record<number, Error> = { 1: new Refusal("forbidden"), 2: new Refusal("unavailable"), 3: new WrongGroup() };
    const doing = oneByOne([1, 2, 3, 4], (one) => {
      tried.push(one);
      return refusals[one] ? Promise.reject(refusals[one]) : Promise.resolve();
    });
    await expect(doing).rejects.toEqual(new Refusal("unavailable"));
    expect(tried).toEqual([1, 2, 3, 4]);
  });

  it("asks no further where there is no answer", async () => {
    const tried: number[] = [];
    const doing = oneByOne([1, 2], (one) => {
      tried.push(one);
      return Promise.reject(new Refusal("unreachable"));
    });
    await expect(doing).rejects.toEqual(new Refusal("unreachable"));
    expect(tried).toEqual([1]);
  });
});
