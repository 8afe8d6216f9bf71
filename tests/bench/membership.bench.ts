/**
 * What coming, adding, removing and renewing cost in rooms of growing size, with real devices against the real server. Two
 * shapes of a room: `at_once`, where one commit added everybody and the tree's inner nodes are blank (the dearest), and
 * `one_by_one`, where each came by an external commit, as open rooms grow.
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ClaimedPackage } from "../../client/src/protocol/api.ts";
import { openInvite } from "../../client/src/crypto/room-invite.ts";
import { newUuid } from "../../client/src/protocol/ids.ts";
import type { Committed } from "../model/committing.ts";
import { secretOf, SmallDevice } from "../model/small_device.ts";
import type { SmallRoom } from "../model/small_room.ts";
import { pause, until } from "../support/processes.ts";
import { KindredServer } from "../support/server.ts";
import { processorMs } from "./server_time.ts";

const sizes = (process.env["BENCH_SIZES"] ?? "2,50,300,1000").split(",").map(Number);
const largest = Math.max(...sizes);
const runs = 5;
const minutes = 60_000;
const figures: Record<string, number> = {};
const faults: unknown[] = [];
let server: KindredServer;
/** The founder of every room, the guest who comes and goes, and all others, who only lend their keys. */
let [founder, guest]: (SmallDevice | null)[] = [null, null];
const crowd: SmallDevice[] = [];

beforeAll(async () => {
  server = await KindredServer.start({ settings: { RATE_SCALE: "10000" } });
  const { coordinator } = await server.links();
  const join = (secret: Uint8Array<ArrayBuffer>, keyPackages: number): Promise<SmallDevice> =>
    SmallDevice.join({ origin: server.address, secret, keyPackages, unexpected: (error) => faults.push(error) });
  founder = await join(secretOf(coordinator), 1);
  const secret = await founder.invite(1000);
  guest = await join(secret, 100);
  while (crowd.length < largest - 2) crowd.push(await join(secret, sizes.length));
  await promisify(execFile)(".venv/bin/python", ["-m", "tests.bench.acquaint"], {
    cwd: `${import.meta.dirname}/../..`, env: { ...process.env, DATA_DIR: server.dataDir, ORIGIN: server.address },
  });
  await founder.connect();
  await guest.connect();
}, 5 * minutes);

afterAll(async () => {
  for (const device of [founder, guest, ...crowd]) await device?.end();
  await server.remove();
  for (const shape of ["at_once", "one_by_one"]) growth(shape);
  console.log(JSON.stringify(figures));
});

// First, while no Welcome waits for those who come.
test("a room into which everybody comes by an external commit", async () => {
  const room = await newRoom();
  let invite = { link: await room.invite(50), left: 50 };
  let here = 1;
  for (const size of sizes) {
    for (; here < size - 1; here += 1) {
      const device = crowd[here - 1];
      if (!device) throw new Error("too few devices");
      if (invite.left === 0) invite = { link: await room.invite(50), left: 50 };
      invite.left -= 1;
      await device.connect();
      await device.room(room.id).enterBy(invite.link);
      // Nobody needs it any more, and a thousand connections would be measured too.
      await device.end();
    }
    await measure("one_by_one", size, room);
  }
}, 10 * minutes);

test("the server does nothing for anybody", async () => {
  const idle: number[] = [];
  for (let run = 0; run < runs; run += 1) idle.push((await processorOf(() => Promise.resolve()))[0]);
  // Part of each of the other figures: waiting for the server to come to rest takes its timers in.
  figures["idle_server_cpu_ms"] = median(idle);
});

test.each(sizes)("a room of %i whom one commit added", async (size) => {
  const room = await newRoom();
  if (size > 2) {
    const packages: ClaimedPackage[] = [];
    const accounts = crowd.slice(0, size - 2).map(({ account }) => account);
    for (let from = 0; from < accounts.length; from += 100) packages.push(...(await room.claim(accounts.slice(from, from + 100))));
    note(`at_once_fill_${size}`, [await costOf(() => room.add(packages))]);
  }
  await measure("at_once", size, room);
});

async function newRoom(): Promise<SmallRoom> {
  if (!founder) throw new Error("nobody founds");
  const room = founder.room(newUuid());
  room.attentive = false;
  await room.found();
  return room;
}

interface Cost extends Committed {
  /** Of the server's process, ms. */
  processor: number;
}

/** Runs it alone and adds the server's time on a processor, that of passing it on included. */
async function costOf(work: () => Promise<Committed | null>): Promise<Cost> {
  const [processor, committed] = await processorOf(work);
  if (!committed) throw new Error("nothing was committed");
  return { ...committed, processor };
}

async function processorOf<T>(work: () => Promise<T>): Promise<[number, T]> {
  await quiet();
  const before = await processorMs(server.pid);
  const outcome = await work();
  await quiet();
  return [(await processorMs(server.pid)) - before, outcome];
}

/** Waits until the server does nothing more for what was asked. */
async function quiet(): Promise<void> {
  let last = await processorMs(server.pid);
  await until(async () => {
    await pause(30);
    const now = await processorMs(server.pid);
    const idle = now - last < 1.5;
    last = now;
    return idle;
  }, minutes, () => "the server does not come to rest");
}

/** In a room that has one place less than `size`: the guest is added, all is renewed, it goes, and comes by itself. */
async function measure(shape: string, size: number, room: SmallRoom): Promise<void> {
  if (!guest) throw new Error("nobody comes");
  const its = guest.room(room.id);
  its.attentive = false;
  const costs: Record<string, Cost[]> = { add: [], renew: [], remove: [], join: [] };
  const [welcomes, processings]: [number[], number[]] = [[], []];
  const { presented: invite } = await openInvite((await room.invite(runs)).secret);
  const gone = async (): Promise<void> => {
    await its.leave();
    costs["remove"]?.push(await costOf(async () => {
      await room.refresh();
      return room.commitRemovals();
    }));
  };
  for (let run = 0; run < runs; run += 1) {
    const packages = await room.claim([guest.account]);
    const asked = its.workMs;
    costs["add"]?.push(await costOf(() => room.add(packages)));
    await until(() => Promise.resolve(its.inside), minutes, () => "the guest does not come");
    welcomes.push(its.workMs - asked);
    expect((await room.asTheServerHasIt()).roster).toHaveLength(size);
    const began = its.workMs;
    costs["renew"]?.push(await costOf(() => room.renew()));
    await until(() => Promise.resolve(its.epoch === room.epoch), minutes, () => "the guest does not follow");
    processings.push(its.workMs - began);
    await gone();
    costs["join"]?.push(await costOf(() => its.enter(invite)));
    await gone();
  }
  expect(faults).toEqual([]);
  for (const [what, each] of Object.entries(costs)) note(`${shape}_${what}_${size}`, each);
  figures[`${shape}_welcome_${size}_client_ms`] = median(welcomes);
  figures[`${shape}_process_${size}_client_ms`] = median(processings);
}

function note(name: string, costs: readonly Cost[]): void {
  figures[`${name}_client_ms`] = median(costs.map(({ clientMs }) => clientMs));
  figures[`${name}_server_cpu_ms`] = median(costs.map(({ processor }) => processor));
  for (const part of ["commit", "welcome", "groupInfo"] as const) {
    const bytes = median(costs.map((cost) => cost.bytes[part]));
    if (bytes > 0) figures[`${name}_${part === "groupInfo" ? "group_info" : part}_bytes`] = bytes;
  }
}

/** How much dearer the largest room is than one of fifty, by size: 1 is growth in proportion. */
function growth(shape: string): void {
  const [small, large] = [50, largest];
  for (const what of ["add", "renew", "remove", "join", "process"]) {
    for (const unit of ["client_ms", "server_cpu_ms", "commit_bytes"]) {
      const [one, other] = [figures[`${shape}_${what}_${small}_${unit}`], figures[`${shape}_${what}_${large}_${unit}`]];
      if (one && other) figures[`${shape}_${what}_growth_${unit}`] = Math.round((100 * other * small) / (one * large)) / 100;
    }
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return Math.round(10 * (sorted[Math.floor(sorted.length / 2)] ?? 0)) / 10;
}
