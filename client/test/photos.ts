/** Photos as a phone makes them, as far as their heads go; and ciphertext that opens in two ways. */
import { type Bytes, concat, randomBytes, utf8 } from "../src/protocol/bytes.ts";

function segment(marker: number, ...content: Uint8Array[]): Bytes {
  const body = concat(...content);
  return concat(Uint8Array.of(0xff, marker, (body.length + 2) >> 8, (body.length + 2) & 0xff), body);
}

/** A JPEG of 16 by 8 pixels with so many bytes of noise, and whatever stands before its pixels. */
export function photo(noise = 1000, ...before: Uint8Array[]): Bytes {
  const size = segment(0xc0, Uint8Array.of(8, 0, 8, 0, 16, 1, 1, 0x11, 0));
  const scan = segment(0xda, Uint8Array.of(1, 1, 0, 0, 63, 0));
  return concat(Uint8Array.of(0xff, 0xd8), segment(0xe0, utf8("JFIF\0"), Uint8Array.of(1, 1, 0, 0, 1, 0, 1, 0, 0)), ...before, size, scan, ...Array.from({ length: Math.ceil(noise / 60_000) }, (_, index) => randomBytes(Math.min(60_000, noise - index * 60_000))), Uint8Array.of(0xff, 0xd9));
}

/** Where a phone says that it was: EXIF with a GPS directory, 52° 31' N. */
export function place(): Bytes {
  const entry = (tag: number, type: number, count: number, value: number[]) => [tag >> 8, tag & 255, 0, type, 0, 0, 0, count, ...value];
  const gps = 8 + 2 + 12 + 4;
  const degrees = gps + 2 + 24 + 4;
  const numbers = [52, 1, 31, 1, 0, 1].flatMap((value) => [0, 0, 0, value]);
  const tiff = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, ...entry(0x8825, 4, 1, [0, 0, 0, gps]), 0, 0, 0, 0,
    0, 2, ...entry(1, 2, 2, [78, 0, 0, 0]), ...entry(2, 5, 3, [0, 0, 0, degrees]), 0, 0, 0, 0, ...numbers];
  return segment(0xe1, utf8("Exif\0\0"), Uint8Array.from(tiff));
}

const POLYNOMIAL = 0xe1n << 120n;

function times(left: bigint, right: bigint): bigint {
  let [product, factor] = [0n, right];
  for (let bit = 127n; bit >= 0n; bit -= 1n) {
    if ((left >> bit) & 1n) product ^= factor;
    factor = factor & 1n ? (factor >> 1n) ^ POLYNOMIAL : factor >> 1n;
  }
  return product;
}

function power(base: bigint, exponent: bigint): bigint {
  let [result, square] = [1n << 127n, base];
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = times(result, square);
    square = times(square, square);
  }
  return result;
}

const number = (bytes: Uint8Array) => bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
const bytesOf = (value: bigint) => Uint8Array.from({ length: 16 }, (_, index) => Number((value >> BigInt(120 - 8 * index)) & 255n));

/** One block of AES, by way of CBC with nothing to chain. */
async function aes(key: Bytes, block: Bytes): Promise<bigint> {
  const imported = await crypto.subtle.importKey("raw", key, "AES-CBC", false, ["encrypt"]);
  return number(new Uint8Array(await crypto.subtle.encrypt({ name: "AES-CBC", iv: new Uint8Array(16) }, imported, block)).subarray(0, 16));
}

/**
 * AES-GCM commits to no key: seals `plain` so that it opens under both keys, by choosing the block of ciphertext at
 * `block` such that both tags are the same. What it opens to under the first is `plain` but for that block.
 */
export async function twoWays(plain: Bytes, keys: readonly [Bytes, Bytes], nonce: Bytes, block: number): Promise<Bytes> {
  const first = await crypto.subtle.importKey("raw", keys[0], "AES-GCM", false, ["encrypt"]);
  const box = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce }, first, plain)).slice(0, plain.length);
  box.fill(0, 16 * block, 16 * block + 16);
  const blocks = Array.from({ length: plain.length / 16 }, (_, index) => number(box.subarray(16 * index, 16 * index + 16)));
  const length = BigInt(8 * plain.length);
  const sides = await Promise.all(keys.map(async (key) => {
    const hash = await aes(key, new Uint8Array(16));
    const rest = [...blocks, length].reduce((sum, one) => times(sum ^ one, hash), 0n) ^ (await aes(key, concat(nonce, Uint8Array.of(0, 0, 0, 1))));
    return { rest, factor: power(hash, BigInt(blocks.length + 1 - block)) };
  }));
  const [one, other] = sides;
  if (!one || !other) throw new Error("two keys");
  const chosen = times(one.rest ^ other.rest, power(one.factor ^ other.factor, (1n << 128n) - 2n));
  box.set(bytesOf(chosen), 16 * block);
  return concat(box, bytesOf(one.rest ^ times(chosen, one.factor)));
}
