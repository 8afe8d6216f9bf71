import { expect, it } from "vitest";
import { joined } from "./joined.ts";

it("runs once for all who ask at the same moment, and once more for all who ask meanwhile", async () => {
  const ends: ((result: number) => void)[] = [];
  const work = joined(() => new Promise<number>((resolve) => ends.push(resolve)));
  const early = [work(), work()];
  await Promise.resolve();
  const late = [work(), work(), work()];
  expect(ends).toHaveLength(1);
  ends[0]?.(1);
  expect(await Promise.all(early)).toEqual([1, 1]);
  await Promise.resolve();
  expect(ends).toHaveLength(2);
  ends[1]?.(2);
  expect(await Promise.all(late)).toEqual([2, 2, 2]);
});

it("goes on after a failure, which only those hear of who asked for that run", async () => {
  let calls = 0;
  const work = joined(() => Promise.resolve().then(() => {
    calls += 1;
    if (calls === 1) throw new Error("no connection");
    return calls;
  }));
  const first = work();
  await Promise.resolve();
  const second = work();
  await expect(first).rejects.toThrow("no connection");
  expect(await second).toBe(2);
});
