import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Actor, together, until, World } from "../../../test/actors.ts";
import { photo, place } from "../../../test/photos.ts";
import type { Bytes } from "../../protocol/bytes.ts";
import type { LoadedPicture, ShownMessage, ShownPicture } from "../../contract/index.ts";

vi.setConfig({ testTimeout: 120_000 });

let world: World;
beforeEach(async () => {
  world = await World.start();
});
afterEach(async () => {
  await world.end();
});

const file = (data: Bytes) => new Blob([data], { type: "image/jpeg" });
const words = { text: "", description: "a hill" };

async function pictures(who: Actor, room: string): Promise<(ShownMessage & { picture: ShownPicture })[]> {
  return (await who.shown(room)).flatMap((message) => (message.body.type === "text" && message.body.picture ? [{ ...message, picture: message.body.picture }] : []));
}

async function only(who: Actor, room: string): Promise<ShownMessage & { picture: ShownPicture }> {
  await until(async () => (await pictures(who, room)).length === 1);
  const [picture] = await pictures(who, room);
  if (!picture) throw new Error("no picture");
  return picture;
}

async function bytes(loaded: LoadedPicture): Promise<Bytes | string> {
  return loaded.state === "here" ? new Uint8Array(await loaded.picture.arrayBuffer()) : loaded.state;
}

const settled = (who: Actor, room: string) => until(async () => (await who.shown(room)).every(({ state }) => state !== "waiting"));

describe("a picture in a conversation", () => {
  it("is taken without a connection, waits through a restart, and reaches the others just as it was", async () => {
    const { room, people: [ann, bea] } = await together(world, "Ann", "Bea");
    ann.offline();
    await until(() => ann.engine.connection() === "offline");
    const data = photo(40_000);
    const key = await ann.engine.pictures.send(room, file(data), { text: "my hill", description: "a hill" });
    expect(await only(ann, room)).toMatchObject({ key, state: "waiting", body: { text: "my hill" } });
    expect(ann.engine.room(room)?.last).toMatchObject({ text: "my hill", picture: true, state: "waiting" });
    expect(await bytes(await ann.engine.pictures.look(room, key))).toEqual(data);
    await ann.restart();
    const got = await only(bea, room);
    expect(got).toMatchObject({ key, body: { type: "text", text: "my hill" }, picture: { size: 64 * 1024, description: "a hill" } });
    expect(Object.keys(got.picture).sort()).toEqual(["description", "expiresAt", "size"]);
    expect(bea.engine.room(room)?.last).toMatchObject({ text: "my hill", picture: true });
    expect(await bea.engine.pictures.look(room, key)).toEqual({ state: "away" });
    expect(await bytes(await bea.engine.pictures.load(room, key))).toEqual(data);
    world.server.blobs.clear();
    await bea.restart();
    expect(await bytes(await bea.engine.pictures.look(room, key))).toEqual(data);
  });

  it("lies on the server as nothing but noise in a padded size", async () => {
    const { room, people: [ann] } = await together(world, "Ann", "Bea");
    const data = photo(500);
    await ann.engine.pictures.send(room, file(data), words);
    await settled(ann, room);
    const [sealed] = [...world.server.blobs.values()];
    expect(sealed).toHaveLength(32 * 1024);
    expect(Buffer.from(sealed ?? []).includes(Buffer.from(data.slice(0, 24)))).toBe(false);
  });

  it("whose arrival the server could not acknowledge is brought again, the same bytes, and sent once", async () => {
    const { room, people: [ann, bea] } = await together(world, "Ann", "Bea");
    let lost = 0;
    world.server.httpFault = (path) => {
      if (!path.includes("/blobs/") || lost > 0) return null;
      lost += 1;
      return "lose";
    };
    await ann.engine.pictures.send(room, file(photo()), words);
    await only(bea, room);
    expect(world.server.brought).toHaveLength(2);
    expect(new Set(world.server.brought).size).toBe(1);
  });

  it("that the room has no place for is shown as not sent, and can be tried again or given up", async () => {
    const { room, people: [ann, bea] } = await together(world, "Ann", "Bea");
    world.server.refuseBlobs = "too_many";
    const keys = [await ann.engine.pictures.send(room, file(photo()), words), await ann.engine.pictures.send(room, file(photo()), words)] as const;
    await until(async () => (await pictures(ann, room)).every(({ state }) => state === "failed"));
    expect(await pictures(bea, room)).toEqual([]);
    world.server.refuseBlobs = null;
    await ann.engine.discard(room, keys[1]);
    await ann.engine.retry(room, keys[0]);
    expect((await only(bea, room)).key).toBe(keys[0]);
  });

  it("in whose place the server gives other bytes is not shown and not kept; one that it lost is gone", async () => {
    const { room, people: [ann, bea] } = await together(world, "Ann", "Bea");
    const key = await ann.engine.pictures.send(room, file(photo()), words);
    await only(bea, room);
    const [name = "", sealed = new Uint8Array()] = [...world.server.blobs][0] ?? [];
    world.server.blobs.set(name, sealed.map((byte) => byte ^ 1));
    expect(await bea.engine.pictures.load(room, key)).toEqual({ state: "unchecked" });
    world.server.blobs.delete(name);
    expect(await bea.engine.pictures.load(room, key)).toEqual({ state: "gone" });
    world.server.blobs.set(name, sealed);
    expect((await bea.engine.pictures.load(room, key)).state).toBe("here");
  });

  it("goes from every device when its message is deleted, also before it was sent", async () => {
    const { room, people: [ann, bea] } = await together(world, "Ann", "Bea");
    const empty = [await ann.records("meta"), await bea.records("meta")];
    const key = await ann.engine.pictures.send(room, file(photo()), words);
    await only(bea, room);
    await bea.engine.pictures.load(room, key);
    await settled(ann, room);
    expect([await ann.records("meta"), await bea.records("meta")]).toEqual(empty.map(([count = 0]) => [count + 1]));
    await ann.engine.remove(room, key);
    await until(async () => (await pictures(bea, room)).length === 0);
    await settled(ann, room);
    await expect(bea.engine.pictures.load(room, key)).rejects.toMatchObject({ code: "not_found" });
    ann.offline();
    await until(() => ann.engine.connection() === "offline");
    await ann.engine.remove(room, await ann.engine.pictures.send(room, file(photo()), words));
    expect([await ann.records("meta"), await bea.records("meta")]).toEqual(empty);
  });

  it("says to nobody where it was taken", async () => {
    const { room, people: [ann, bea] } = await together(world, "Ann", "Bea");
    const taken = photo(1000, place());
    const key = await ann.engine.pictures.send(room, file(taken), words);
    await only(bea, room);
    const got = await bytes(await bea.engine.pictures.load(room, key));
    expect([taken.length - got.length, Buffer.from(got).includes("Exif")]).toEqual([place().length, false]);
    expect(await bytes(await ann.engine.pictures.look(room, key))).toEqual(got);
  });

  it("that is too large, or none, is not taken", async () => {
    const { room, people: [ann] } = await together(world, "Ann", "Bea");
    await expect(ann.engine.pictures.send(room, new Blob(["<svg/>"]), words)).rejects.toMatchObject({ code: "conflict" });
    await expect(ann.engine.pictures.send(room, file(photo(1_600_000)), words)).rejects.toMatchObject({ code: "too_large" });
    expect(await ann.shown(room).then((all) => all.filter(({ body }) => body.type === "text"))).toEqual([]);
    expect(world.server.brought).toEqual([]);
  });

  it("is answered and reacted to as any message, and not edited", async () => {
    const { room, people: [ann, bea] } = await together(world, "Ann", "Bea");
    const key = await ann.engine.pictures.send(room, file(photo()), words);
    await only(bea, room);
    await bea.engine.react(room, key, "❤");
    await bea.engine.sendText(room, "lovely", { replyTo: key });
    await until(async () => (await ann.shown(room)).some(({ replyTo }) => replyTo?.key === key && replyTo.picture === true));
    expect((await only(ann, room)).reactions).toMatchObject([{ emoji: "❤" }]);
    await expect(ann.engine.edit(room, key, "other")).rejects.toMatchObject({ code: "forbidden" });
  });
});
