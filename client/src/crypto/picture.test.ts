import { describe, expect, it } from "vitest";
import { photo, place, twoWays } from "../../test/photos.ts";
import { type Bytes, concat, equal, randomBytes, sha256, utf8 } from "../protocol/bytes.ts";
import { isSealed, isSent, LARGEST_PICTURE, NotThePicture, openPicture, type Picture, picturePart, readPicture, sealPicture } from "./picture.ts";
import { barePhoto, readHead } from "./picture-head.ts";

const STEP = 32 * 1024;
const ROOM = "mimi://kindred.test/r/4f9f2bd2-1a5c-4bb5-8a3b-2a51f9f0a001";

const changed = (data: Bytes, at: number): Bytes => data.map((byte, index) => (index === at ? byte ^ 1 : byte));

describe("a picture", () => {
  it.each([1, STEP - 17, STEP - 16, 3 * STEP, LARGEST_PICTURE])("of %i bytes opens to just itself, and shows no more of its size than a step", async (length) => {
    const data = concat(photo(0), new Uint8Array(LARGEST_PICTURE)).slice(0, Math.max(length, 60));
    const { picture, sealed } = await sealPicture(data, "image/jpeg", "a hill", 1);
    expect([sealed.length % STEP, sealed.length]).toEqual([0, picture.size]);
    const opened = await openPicture(picture, sealed);
    expect([equal(opened.data, data), opened.contentType]).toEqual([true, "image/jpeg"]);
  });

  it("larger than the server takes is not sealed", async () => {
    await expect(sealPicture(new Uint8Array(LARGEST_PICTURE + 1), "image/jpeg", "", 1)).rejects.toBeInstanceOf(RangeError);
  });

  it("gives the same ciphertext once more, however far it was padded, and no other does", async () => {
    const { picture, sealed } = await sealPicture(photo(), "image/jpeg", "", 1);
    const { data } = await openPicture(picture, sealed);
    const size = 4 * STEP;
    const plain = new Uint8Array(size - 16);
    plain.set(data);
    plain[data.length] = 0x80;
    const key = await crypto.subtle.importKey("raw", picture.key, "AES-GCM", false, ["encrypt"]);
    const far = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv: picture.nonce }, key, plain));
    for (const named of [picture, { ...picture, size, hash: await sha256(far) }]) {
      expect(await isSent(named, data)).toBe(true);
      for (const other of [changed(data, 9), data.slice(0, -1), concat(data, Uint8Array.of(0)), new Uint8Array(size)]) expect(await isSent(named, other)).toBe(false);
    }
  });

  it("of which one byte, the key, the nonce, the size or the hash is another is not the picture", async () => {
    const { picture, sealed } = await sealPicture(photo(), "image/jpeg", "", 1);
    const wrong: [Picture, Bytes][] = [
      [picture, changed(sealed, 5)], [picture, changed(sealed, sealed.length - 1)], [picture, sealed.slice(0, -1)], [{ ...picture, key: randomBytes(32) }, sealed],
      [{ ...picture, nonce: randomBytes(12) }, sealed], [{ ...picture, size: 2 * STEP }, sealed], [{ ...picture, hash: randomBytes(32) }, sealed],
    ];
    for (const [named, bytes] of wrong) await expect(openPicture(named, bytes)).rejects.toBeInstanceOf(NotThePicture);
  });

  it("that decrypts in two ways is the one whose key its message names", async () => {
    const plain = new Uint8Array(STEP - 16);
    const data = photo(2000);
    plain.set(data);
    plain[data.length] = 0x80;
    const [mine, other] = [randomBytes(32), randomBytes(32)] as [Bytes, Bytes];
    const nonce = randomBytes(12);
    const sealed = await twoWays(plain, [mine, other], nonce, 20);
    const opened = await Promise.all([mine, other].map(async (key) => {
      const imported = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["decrypt"]);
      return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv: nonce }, imported, sealed));
    }));
    // The attack works: no tag tells the two apart.
    expect(opened[0]?.slice(0, 320)).toEqual(plain.slice(0, 320));
    expect(opened[1]).not.toEqual(opened[0]);
    const picture: Picture = { blob: "", contentType: "image/jpeg", size: STEP, expires: 1, key: mine, nonce, hash: await sha256(sealed), description: "" };
    expect((await openPicture(picture, sealed)).data).toEqual(opened[0]?.slice(0, data.length));
    expect(await isSealed({ ...picture, key: other }, sealed)).toBe(true);
  });

  it("stands in a content as it is read", async () => {
    const { picture } = await sealPicture(photo(), "image/jpeg", "a hill", 1_800_000_000);
    const part = picturePart(picture, ROOM);
    expect(readPicture(part, ROOM)).toEqual(picture);
    expect(part).toMatchObject({ encAlg: 2, hashAlg: 1, filename: "", url: `${ROOM}/b/${picture.blob}` });
  });

  it("elsewhere, of another type, size or algorithm is none", async () => {
    const { picture } = await sealPicture(photo(), "image/jpeg", "", 1);
    const part = { ...picturePart(picture, ROOM), cardinality: "external" } as Extract<ReturnType<typeof picturePart>, { cardinality: "external" }>;
    const others: Partial<typeof part>[] = [
      { url: `https://elsewhere.example/${picture.blob}` }, { url: `${ROOM}0/b/${picture.blob}` }, { url: `${ROOM}/b/../../me` }, { url: `${ROOM}/b/${picture.blob}A` },
      { contentType: "image/svg+xml" }, { contentType: "text/html" }, { size: 0 }, { size: STEP + 1 }, { size: 49 * STEP }, { size: 2 ** 52 }, { encAlg: 1 }, { encAlg: 0 },
      { hashAlg: 2 }, { key: randomBytes(16) }, { nonce: randomBytes(16) }, { aad: randomBytes(1) }, { contentHash: randomBytes(31) },
    ];
    for (const other of others) expect(readPicture({ ...part, ...other }, ROOM)).toBeNull();
  });
});

describe("the head of a picture", () => {
  const tail = new Uint8Array(30);
  it.each([
    ["image/jpeg", photo()],
    ["image/png", concat(Uint8Array.of(0x89), utf8("PNG\r\n\x1a\n"), Uint8Array.of(0, 0, 0, 13), utf8("IHDR"), Uint8Array.of(0, 0, 0, 16, 0, 0, 0, 8), tail)],
    ["image/gif", concat(utf8("GIF89a"), Uint8Array.of(16, 0, 8, 0), tail)],
    ["image/webp", concat(utf8("RIFF"), new Uint8Array(4), utf8("WEBPVP8X"), new Uint8Array(8), Uint8Array.of(15, 0, 0, 7, 0, 0), tail)],
  ])("says that it is %s, how wide and how high", (type, data) => {
    expect(readHead(data)).toEqual({ type, width: 16, height: 8 });
    for (let length = 0; length < 10; length += 1) expect(readHead(data.slice(0, length))).toBeNull();
  });

  it("is refused when it would take more memory than a phone has, and where there is none", () => {
    const huge = concat(utf8("GIF89a"), Uint8Array.of(0xff, 0xff, 0xff, 0xff), tail);
    for (const data of [huge, new Uint8Array(0), utf8("<svg xmlns='http://www.w3.org/2000/svg'/>"), randomBytes(500), Uint8Array.of(0xff, 0xd8, 0xff)]) expect(readHead(data)).toBeNull();
  });

  it("of a photo loses everything but what its pixels need", () => {
    const bare = photo(0);
    const comment = Uint8Array.of(0xff, 0xfe, 0, 4, 104, 105);
    expect(barePhoto(bare)).toEqual(bare);
    expect(barePhoto(photo(0, place()))).toEqual(bare);
    expect(barePhoto(photo(0, comment, place(), comment))).toEqual(bare);
    expect(barePhoto(concat(utf8("GIF89a"), Uint8Array.of(16, 0, 8, 0), tail))).toBeNull();
    expect(barePhoto(bare.slice(0, 25))).toBeNull();
  });
});
