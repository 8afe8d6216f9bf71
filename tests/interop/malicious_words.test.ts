import { beforeAll, describe, expect, it } from "vitest";
import type { Headless } from "../../client/test/headless.ts";
import { encodeContent, frankingTag, pad, render, text, type Content } from "./independent/content.ts";
import type { Device } from "./independent/device.ts";
import { bytes, concat, fromHex, roomUri, userUri, type Bytes } from "./independent/encodings.ts";
import type { Line } from "./independent/lines.ts";
import type { Room } from "./independent/room.ts";
import { flipped, noise } from "./malice.ts";
import { shown, shows, soon, useScene } from "./scene.ts";

/** Eve is in a private group and writes what is not so. Ann has Kindred's own engine, Jun the independent client. */
const scene = useScene();
let ann: Headless;
let jun: Device;
let eve: Device;
let room: Room;
let juns: Room;

beforeAll(async () => {
  ann = await scene.engine("Ann", scene.links.moderator);
  [jun, eve] = [await scene.device("Jun"), await scene.device("Eve")];
  await soon("the open room is known", () => ann.engine.rooms().length === 1);
  const open = ann.engine.rooms()[0]?.id ?? "";
  await ann.engine.joinOpenRoom(open);
  for (const device of [jun, eve]) await device.room(open).enter();
  await soon("Ann sees everyone", () => ann.engine.members(open).length === 3);
  const id = await ann.engine.createGroup("Tuesday", [jun.account, eve.account]);
  await soon("all are in", () => [jun, eve].every((device) => device.room(id).group !== null));
  [room, juns] = [eve.room(id), jun.room(id)];
  await juns.say("good morning");
  await shows(ann, id, ["Jun: good morning"]);
});

interface Lie {
  data: Bytes;
  tag: Bytes;
}

/** What Eve would send if she were honest, with some of it changed. */
function lie(given: Partial<Content>, bend: (honest: Lie, content: Content) => Lie = (honest) => honest): Lie {
  const content = room.compose({ part: text("believe me"), ...given });
  const raw = encodeContent(content);
  return bend({ data: pad(raw), tag: frankingTag(content.salt, raw) }, content);
}

async function tell({ data, tag }: Lie): Promise<Line> {
  return room.sendBytes(data, tag, { account: eve.account, id: "", content: null, doubt: "a lie" });
}

describe("what receivers show as unchecked", () => {
  it.each<[string, () => Lie]>([
    ["a franking tag of something else", () => lie({}, ({ data, tag }) => ({ data, tag: flipped(tag) }))],
    ["the sender of somebody else", () => lie({ sender: userUri(jun.client.domain, jun.account) })],
    ["the room of another conversation", () => lie({ room: roomUri(eve.client.domain, eve.account) })],
    ["no content at all", () => ({ data: bytes(Buffer.from("no CBOR".padEnd(256, "!"))), tag: noise(32) })],
    ["something hidden in the padding", () => lie({}, ({ data, tag }) => ({ data: concat(data.subarray(0, 255), Uint8Array.of(1)), tag }))],
  ])("%s", async (_title, make) => {
    const before = (await shown(ann, room.id)).filter((line) => line.endsWith("(unchecked)")).length;
    const { seq } = await tell(make());
    await soon("Ann is told that it could not be checked", async () => (await shown(ann, room.id)).filter((line) => line.endsWith("(unchecked)")).length === before + 1);
    await soon("Jun has it with a doubt", () => juns.lines.some((line) => line.seq === seq && line.doubt !== null));
    expect((await shown(ann, room.id)).join()).not.toContain("believe me");
  });
});

describe("what receivers pass over", () => {
  it("edits and deletions of somebody else's words", async () => {
    const target = juns.lines.find(({ content }) => content?.disposition === render);
    const replaces = fromHex(target?.id ?? "");
    await room.send({ replaces, part: text("I said this") });
    await room.send({ replaces, part: null });
    await room.say("after the edits");
    await soon("Ann is past it", async () => (await shown(ann, room.id)).at(-1) === "Eve: after the edits");
    expect(await shown(ann, room.id)).toContain("Jun: good morning");
    expect((await shown(ann, room.id)).join()).not.toMatch(/I said this|deleted/);
  });

  it("a message of somebody else sent once more, and one that nobody can open", async () => {
    const before = await shown(ann, room.id);
    const { items } = await eve.wire.fetch(room.raw, 0);
    const theirs = items.find((entry) => entry[0] === juns.lines.find(({ content }) => content?.disposition === render)?.seq);
    if (theirs === undefined) throw new Error("Jun said something");
    const [, , , epoch, , payload, tag] = theirs;
    await eve.wire.send(room.raw, epoch, bytes(payload), tag ?? noise(32));
    const spoilt = bytes(payload);
    spoilt.set(noise(16), spoilt.length - 16);
    await eve.wire.send(room.raw, epoch, spoilt, noise(32));
    await room.catchUp();
    await room.say("after the echo");
    await soon("Ann is past it", async () => (await shown(ann, room.id)).at(-1) === "Eve: after the echo");
    expect((await shown(ann, room.id)).filter((line) => line === "Jun: good morning")).toHaveLength(1);
    expect((await shown(ann, room.id)).filter((line) => !line.endsWith("(unchecked)"))).toEqual([...before.filter((line) => !line.endsWith("(unchecked)")), "Eve: after the echo"]);
  });
});

describe("what is too large", () => {
  it("is refused as a message, a frame, a commit or a body, and what just fits is shown", async () => {
    const epoch = room.group?.epoch ?? 0;
    const [payload] = await Promise.all([room.group?.encrypt(noise(65_536))]);
    await expect(eve.wire.send(room.raw, epoch, payload ?? noise(0), noise(32))).rejects.toMatchObject({ code: "too_large" });
    await expect(eve.http.uploadKeyPackages(["A".repeat(1_200_000)])).rejects.toMatchObject({ code: "too_large" });
    await room.say("x".repeat(56_000));
    await soon("Ann has the long one", async () => (await shown(ann, room.id)).some((line) => line.length > 56_000));
    await room.send({ name: "n".repeat(20_000), part: text("a long name") });
    await soon("Ann is past it", async () => (await shown(ann, room.id)).some((line) => line.endsWith("a long name") || line.endsWith("(unchecked)")));
    expect((await shown(ann, room.id)).every((line) => (line.split(":")[0]?.length ?? 0) <= 40)).toBe(true);
  });

  it("ends the socket when it is beyond any frame, and nothing else", async () => {
    eve.wire.tell({ t: "commit", id: noise(16), room: room.raw, epoch: 1, commit: noise(3_000_000), group_info: noise(1), welcome: null, invite: null });
    await soon("Eve is cut off", () => eve.wire.closed);
    await eve.connect();
    await room.say("back again");
    await soon("Ann reads it", async () => (await shown(ann, room.id)).at(-1) === "Eve: back again");
  });
});

it("leaves everyone in one conversation", async () => {
  await ann.engine.sendText(room.id, "we are still here");
  await soon("Jun reads it", () => juns.texts.at(-1) === "we are still here");
  await juns.say("so we are");
  await soon("Ann reads it", async () => (await shown(ann, room.id)).at(-1) === "Jun: so we are");
  expect(scene.faults).toEqual([]);
});
