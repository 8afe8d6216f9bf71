import { afterAll, beforeAll, expect, it } from "vitest";
import { newUuid } from "../../client/src/protocol/ids.ts";
import { rooms as roomsBody } from "../../client/src/protocol/api.ts";
import { until } from "../support/processes.ts";
import { KindredServer } from "../support/server.ts";
import { secretOf, SmallDevice } from "./small_device.ts";
import type { SmallRoom } from "./small_room.ts";

const LONG_MS = 60_000;
const faults: unknown[] = [];
const devices: SmallDevice[] = [];
let server: KindredServer;

beforeAll(async () => {
  server = await KindredServer.start({ settings: { RATE_SCALE: "1000" } });
  const { coordinator, members } = await server.links();
  for (const link of [coordinator, ...members.slice(0, 2)]) {
    const device = await SmallDevice.join({ origin: server.address, secret: secretOf(link), unexpected: (error) => faults.push(error) });
    await device.connect();
    const { rooms, open } = await device.http.get("/rooms", roomsBody);
    for (const { id } of [...rooms, ...open]) await device.room(id).enter();
    devices.push(device);
  }
});
afterAll(async () => {
  for (const device of devices) await device.end();
  await server.remove();
});

async function circle(): Promise<[SmallRoom, SmallRoom, SmallRoom]> {
  const id = newUuid();
  const [keeper, member, gone] = devices.map((device) => device.room(id));
  if (!keeper || !member || !gone) throw new Error("three are needed");
  keeper.log = new Map();
  await keeper.found();
  await keeper.admit(devices.slice(1).map(({ account }) => account));
  await until(() => Promise.resolve(member.inside && gone.inside), LONG_MS, () => "not everybody came");
  return [keeper, member, gone];
}

/** How a device goes, and how many are left. */
const ways: [string, number, (keeper: SmallRoom, gone: SmallRoom) => Promise<void>][] = [
  ["has left", 2, (_, gone) => gone.leave()],
  ["was put out while it was away", 2, async (keeper) => {
    devices[2]?.network(false);
    await keeper.remove(devices[2]?.account ?? "");
  }],
  // The last: nothing lets it in again.
  ["was cut off by another device of its person, who stays", 3, async (keeper, gone) => {
    const [, , lost] = devices;
    const kept = await lost?.another();
    if (!lost || !kept) throw new Error("the account has no two devices");
    devices.push(kept);
    await kept.connect();
    await kept.room(keeper.id).enter();
    await until(() => Promise.resolve(gone.members.length === 4), LONG_MS, () => "the further device was not seen");
    await kept.revoke(lost);
  }],
];

it.each(ways)("a device that %s reads nothing sent afterwards, with its keys and the whole log in hand", async (_, left, remove) => {
  const [keeper, member, gone] = await circle();
  await member.say("before");
  await until(() => Promise.resolve(gone.texts.has("before")), LONG_MS, () => "nothing was read before");
  // Written by somebody whom the news of the removal has not reached.
  const late = await member.encrypt(await member.written("late"));
  await remove(keeper, gone);
  expect(await gone.pry([late.payload])).toEqual([0]);
  await expect(member.send(late)).rejects.toMatchObject({ code: "epoch_too_old" });
  const seq = await member.say("after");
  await until(() => Promise.resolve(keeper.texts.has("after")), LONG_MS, () => "the others do not read on");
  expect(await Promise.all([keeper, member].map(async (room) => (await room.asTheServerHasIt()).roster.length))).toEqual([left, left]);

  const since = [...(keeper.log ?? [])].filter(([at]) => at > gone.cursor).map(([at, { payload }]) => ({ at, payload }));
  expect(since.map(({ at }) => at)).toContain(seq);
  // As they come, the commit that puts it out among them, and each message for itself.
  expect(await gone.pry(since.map(({ payload }) => payload))).toEqual([]);
  for (const { payload } of since) expect(await gone.pry([payload])).toEqual([]);
  devices[2]?.network(true);
  expect(faults).toEqual([]);
});
