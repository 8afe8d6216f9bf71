/** What the first bytes of a picture say: its type and how many pixels it has, before anything decodes it. Pure. */
import { type Bytes, concat } from "../protocol/bytes.ts";

export type PictureType = "image/jpeg" | "image/png" | "image/webp" | "image/gif";

export interface PictureHead {
  type: PictureType;
  width: number;
  height: number;
}

/** More than any phone's camera sends; decoding more could end the app. */
const MOST_PIXELS = 40_000_000;
const JPEG_SIZES = new Set([0xc0, 0xc1, 0xc2, 0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf]);
const START_OF_SCAN = 0xda;

/** Null when it is none of these types, is cut off, or has more pixels than a phone bears. */
export function readHead(data: Uint8Array): PictureHead | null {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  try {
    const head = jpeg(view) ?? png(view) ?? gif(view) ?? webp(view);
    return head && head.width > 0 && head.height > 0 && head.width * head.height <= MOST_PIXELS ? head : null;
  } catch (error) {
    // It ends within its head.
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** EXIF and XMP, IPTC, comments. */
const WORDS = new Set([0xe1, 0xed, 0xfe]);

/** A JPEG of nothing but its pixels: no place, no time, no camera, no words. Null when it is no JPEG. */
export function barePhoto(data: Bytes): Bytes | null {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  try {
    if (!jpeg(view)) return null;
    const kept: Uint8Array[] = [];
    let from = 0;
    for (const { marker, at } of segments(view)) {
      if (!WORDS.has(marker)) continue;
      kept.push(data.subarray(from, at - 4));
      from = at - 2 + view.getUint16(at - 2);
    }
    return concat(...kept, data.subarray(from));
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function segments(view: DataView): { marker: number; at: number }[] {
  const found: { marker: number; at: number }[] = [];
  for (let at = 2; ; ) {
    while (view.getUint8(at) === 0xff && view.getUint8(at + 1) === 0xff) at += 1;
    if (view.getUint8(at) !== 0xff) throw new RangeError("no segment");
    const marker = view.getUint8(at + 1);
    if (marker === START_OF_SCAN) return found;
    found.push({ marker, at: at + 4 });
    at += 2 + Math.max(2, view.getUint16(at + 2));
  }
}

function jpeg(view: DataView): PictureHead | null {
  if (view.getUint16(0) !== 0xffd8) return null;
  const size = segments(view).find(({ marker }) => JPEG_SIZES.has(marker));
  return size ? { type: "image/jpeg", height: view.getUint16(size.at + 1), width: view.getUint16(size.at + 3) } : null;
}

function png(view: DataView): PictureHead | null {
  if (!says(view, 0, "\x89PNG\r\n\x1a\n") || !says(view, 12, "IHDR")) return null;
  return { type: "image/png", width: view.getUint32(16), height: view.getUint32(20) };
}

function gif(view: DataView): PictureHead | null {
  if (!says(view, 0, "GIF87a") && !says(view, 0, "GIF89a")) return null;
  return { type: "image/gif", width: view.getUint16(6, true), height: view.getUint16(8, true) };
}

function webp(view: DataView): PictureHead | null {
  if (!says(view, 0, "RIFF") || !says(view, 8, "WEBP")) return null;
  const type = "image/webp";
  if (says(view, 12, "VP8 ")) return { type, width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
  if (says(view, 12, "VP8L")) {
    const bits = view.getUint32(21, true);
    return { type, width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
  }
  if (!says(view, 12, "VP8X")) return null;
  const [width, height] = [24, 27].map((at) => (view.getUint16(at, true) | (view.getUint8(at + 2) << 16)) + 1);
  return { type, width: width ?? 0, height: height ?? 0 };
}

function says(view: DataView, at: number, text: string): boolean {
  return [...text].every((character, index) => at + index < view.byteLength && view.getUint8(at + index) === character.charCodeAt(0));
}
