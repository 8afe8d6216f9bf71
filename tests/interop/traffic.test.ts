import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import type { Device } from "./independent/device.ts";
import { clientId, fromBase64url } from "./independent/encodings.ts";
import { reads, soon, useScene } from "./scene.ts";

const scene = useScene();
const root = resolve(import.meta.dirname, "../..");

/** One room's traffic as the server stores and hands it out; second_opinion.py says what reads it. */
class Recording {
  readonly keyPackages = new Set<string>();
  readonly welcomes = new Set<string>();
  readonly groupInfos: Record<number, string> = {};
  readonly rosters: Record<number, Record<string, string>> = {};

  constructor(
    private readonly witness: Device,
    private readonly room: string,
  ) {}

  /** What the room is like after another step. */
  async look(): Promise<void> {
    const { epoch, group_info, roster } = await this.witness.http.groupInfo(this.room);
    this.groupInfos[epoch] = base64(fromBase64url(group_info));
    // Who is about to be removed is in the tree and no longer in the server's roster.
    const { pending_removals } = await this.witness.http.room(this.room);
    if (pending_removals.length > 0) return;
    const { domain } = this.witness.client;
    this.rosters[epoch] = Object.fromEntries(roster.flatMap(({ account, device, leaf }) => (leaf === undefined ? [] : [[leaf, Buffer.from(clientId({ account, device, domain })).toString()]])));
  }

  async whole(): Promise<Record<string, unknown>> {
    const { items } = await this.witness.wire.fetch(this.witness.room(this.room).raw, 0);
    return {
      madeAt: Math.floor(Date.now() / 1000),
      externalSender: base64(fromBase64url((await this.witness.http.server()).external_sender)),
      keyPackages: [...this.keyPackages],
      welcomes: [...this.welcomes],
      groupInfos: this.groupInfos,
      rosters: this.rosters,
      handshakes: items.filter(([, , kind]) => kind !== 0).map(([, , , epoch, , payload]) => ({ epoch, payload: base64(payload) })),
    };
  }
}

/** Plays a run; with RECORD=file it is kept there, for tests that need no server. */
it("is verified by a third implementation, as the server stored it", async () => {
  const ann = await scene.engine("Ann", scene.links.moderator);
  const [ivo, jun, lara] = [await scene.device("Ivo", scene.memberLink(), "00000000000abcde"), await scene.device("Jun"), await scene.device("Lara")];
  await soon("the open room is known", () => ann.engine.rooms().length === 1);
  const open = ann.engine.rooms()[0]?.id ?? "";
  await ann.engine.joinOpenRoom(open);
  for (const device of [ivo, jun, lara]) await device.room(open).enter();
  await soon("Ann sees everyone", () => ann.engine.members(open).length === 4);

  const room = await ivo.createRoom("group", [ann.engine.me().account]);
  const recording = new Recording(ivo, room.id);
  await recording.look();
  await soon("Ann is in", () => ann.engine.room(room.id)?.joined === true);
  ivo.claimed.forEach((raw) => recording.keyPackages.add(base64(raw)));

  // core-crypto adds Jun; its claim is not ours to see, but Jun knows which key package opened.
  await ann.engine.addMembers(room.id, [jun.account]);
  await soon("Jun is in", () => jun.room(room.id).group !== null);
  await room.catchUp();
  await recording.look();
  jun.opened.forEach((raw) => recording.keyPackages.add(base64(raw)));
  jun.welcomes.forEach((raw) => recording.welcomes.add(base64(raw)));

  for (const member of [room, jun.room(room.id), room]) {
    await member.renew();
    await recording.look();
  }
  await lara.acceptRoomInvite(await ann.engine.createRoomInvite(room.id, { uses: 1, days: 1 }));
  await recording.look();
  await room.catchUp();
  await room.renew();
  await recording.look();
  await lara.room(room.id).leave();
  await soon("Lara is out of the group", async () => (await ivo.http.room(room.id)).pending_removals.length === 0);
  await room.catchUp();
  await recording.look();
  await room.say("still readable");
  await reads(jun.room(room.id), ["still readable"]);

  const folder = await mkdtemp(join(tmpdir(), "kindred-traffic-"));
  try {
    const file = process.env.RECORD ?? join(folder, "traffic.json");
    await writeFile(file, `${JSON.stringify(await recording.whole(), null, 1)}\n`);
    const { stdout } = await promisify(execFile)(join(root, ".venv/bin/python"), ["-m", "tests.interop.second_opinion", file], { cwd: root });
    expect(JSON.parse(stdout)).toMatchObject({ "external commits": 1, proposals: 1, welcomes: 1 });
    expect((JSON.parse(stdout) as Record<string, number>)["commits"]).toBeGreaterThanOrEqual(6);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

function base64(data: Uint8Array): string {
  return Buffer.from(data).toString("base64");
}
