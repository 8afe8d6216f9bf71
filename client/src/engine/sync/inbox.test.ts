import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Refusal } from "../../protocol/errors.ts";
import type { InboxItem } from "../../protocol/frames.ts";
import { Errands } from "../common/errands.ts";
import { Inbox } from "./inbox.ts";
import { WrongGroup } from "../common/wrong-group.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const item = (seq: number): InboxItem => ({ seq, room: `room ${String(seq)}`, commitSeq: 1, welcome: new Uint8Array() }) as InboxItem;

/** An inbox of which `broken` says what opening each item throws; `acked` is what the server was told, `opened` what was opened. */
function empty() {
  const broken = new Map<number, Error>();
  const [acked, opened, failed]: [number[], number[], unknown[]] = [[], [], []];
  let online = true;
  const link = {
    post: (frame: { t: string; seq?: number }) => {
      if (online) acked.push(frame.seq ?? -1);
      return online;
    },
  };
  const errands = new Errands((error) => failed.push(error));
  const inbox = new Inbox(link as never, errands, ({ seq }) => {
    const error = broken.get(seq);
    if (error) return Promise.reject(error);
    opened.push(seq);
    return Promise.resolve();
  });
  return { inbox, errands, broken, acked, opened, failed, network: (on: boolean) => (online = on) };
}

const passing = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe("an inbox", () => {
  it.each(["unreachable", "unavailable", "rate_limited", "stale_epoch", "suspended"])("is acknowledged up to what %s has kept from being opened, and past it when that was opened", async (code) => {
    const { inbox, errands, broken, acked, opened, failed } = empty();
    broken.set(6, new Refusal(code));
    inbox.arrived([item(5), item(6), item(7)]);
    await passing(0);
    inbox.arrived([item(8)]);
    await passing(0);
    expect(acked).toEqual([5]);
    expect([inbox.has("room 5"), inbox.has("room 6")]).toEqual([false, true]);
    broken.clear();
    // Whoever is suspended comes back by another connection, which brings it again.
    if (code === "suspended") {
      inbox.connected();
      errands.connected();
      inbox.arrived([item(6), item(7), item(8)]);
    }
    await passing(60_000);
    expect(acked.at(-1)).toBe(8);
    expect([...new Set(opened)].sort()).toEqual([5, 6, 7, 8]);
    expect(failed).toEqual([]);
  });

  it("is acknowledged past what was refused for good or leads into another group", async () => {
    const { inbox, broken, acked } = empty();
    broken.set(5, new Refusal("forbidden"));
    broken.set(6, new WrongGroup());
    inbox.arrived([item(5), item(6), item(7)]);
    await passing(0);
    expect(acked).toEqual([5, 6, 7]);
  });

  it("opens others while one has to wait", async () => {
    const { inbox, broken, opened } = empty();
    broken.set(5, new Refusal("unavailable"));
    inbox.arrived([item(5), item(6)]);
    await passing(0);
    expect(opened).toEqual([6]);
  });

  it("does not acknowledge over a new connection what the one before brought", async () => {
    const { inbox, errands, broken, acked, opened, network } = empty();
    broken.set(5, new Refusal("unreachable"));
    inbox.arrived([item(5), item(6)]);
    await passing(0);
    network(false);
    broken.clear();
    await passing(10_000);
    expect(opened).toEqual([6, 5]);
    network(true);
    inbox.connected();
    errands.connected();
    expect(acked).toEqual([]);
    inbox.arrived([item(5), item(6)]);
    await passing(0);
    expect(acked).toEqual([5, 6]);
  });

  it("opens nothing more of a connection that has ended, and what goes on then acknowledges nothing", async () => {
    const acked: number[] = [];
    const opened: number[] = [];
    let finish: (() => void) | null = null;
    const inbox = new Inbox({ post: (frame: { seq?: number }) => acked.push(frame.seq ?? -1) > 0 } as never, new Errands(() => undefined), ({ seq }) => {
      opened.push(seq);
      return new Promise((resolve) => {
        finish = resolve;
      });
    });
    inbox.arrived([item(5), item(6)]);
    await passing(0);
    inbox.connected();
    (finish as (() => void) | null)?.();
    await passing(0);
    expect([opened, acked]).toEqual([[5], []]);
  });
});
