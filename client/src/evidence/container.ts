/**
 * The zip around a bundle, in one spelling only (docs/protocol.md, section 13), so that not even its headers can change
 * unnoticed: entries stored in the byte order of their names, dated 1980-01-01, nothing else.
 */
import { type Bytes, concat, equal, utf8 } from "../protocol/bytes.ts";

export type Files = ReadonlyMap<string, Bytes>;

/** How many files a bundle may have: as many as moderation/evidence/container.py says, and so large. */
export const MAX_FILES = 2_000;
/** How large a bundle may be. */
export const MAX_BYTES = 512 * 1024 * 1024;
const LOCAL = 0x04034b50, CENTRAL = 0x02014b50, END = 0x06054b50;
const LOCAL_SIZE = 30, CENTRAL_SIZE = 46, END_SIZE = 22;
const VERSION = 20;
/** 1980-01-01 as MS-DOS writes it. */
const DATE = 0x21;
/** Names are UTF-8. */
const UTF8 = 0x800;
/** Readable and writable by who unpacks it. */
const ATTRIBUTES = 0o600 << 16;

/** The file cannot be read as a bundle at all. */
export class NotABundle extends Error {
  constructor(what: string) {
    super(what);
    this.name = "NotABundle";
  }
}

/** The zip of `files` by name. */
export function pack(files: Files): Bytes {
  return concat(...pieces(files));
}

/** What the zip consists of, one after the other. */
function pieces(files: Files): Bytes[] {
  const local: Bytes[] = [];
  const central: Bytes[] = [];
  let offset = 0;
  for (const [name, content] of [...files].map(([text, bytes]) => [utf8(text), bytes] as const).sort((one, other) => byteOrder(one[0], other[0]))) {
    const flags = name.every((byte) => byte < 0x80) ? 0 : UTF8;
    const common = [[2, VERSION], [2, flags], [2, 0], [2, 0], [2, DATE], [4, crc32(content)], [4, content.length], [4, content.length], [2, name.length], [2, 0]] as const;
    local.push(fields([4, LOCAL], ...common), name, content);
    central.push(fields([4, CENTRAL], [2, VERSION], ...common, [2, 0], [2, 0], [2, 0], [4, ATTRIBUTES], [4, offset]), name);
    offset += LOCAL_SIZE + name.length + content.length;
  }
  const directory = concat(...central);
  const end = fields([4, END], [2, 0], [2, 0], [2, files.size], [2, files.size], [4, directory.length], [4, offset], [2, 0]);
  return [...local, directory, end];
}

/** The files in a zip by name, as views of it. Throws NotABundle. Whether the zip is in its one spelling is `spelt(files, data)`. */
export function unpack(data: Bytes): Files {
  if (data.length > MAX_BYTES) throw new NotABundle("it is larger than a bundle may be");
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  try {
    return entries(data, view);
  } catch (error) {
    if (error instanceof RangeError || error instanceof TypeError) throw new NotABundle("it is no zip that can be read");
    throw error;
  }
}

/** Whether `data` is the zip of `files` in its one spelling. Piece by piece, since there may be hundreds of megabytes of it. */
export function spelt(files: Files, data: Bytes): boolean {
  let at = 0;
  for (const piece of pieces(files)) {
    if (!equal(piece, data.subarray(at, at + piece.length))) return false;
    at += piece.length;
  }
  return at === data.length;
}

function entries(data: Bytes, view: DataView): Files {
  const end = endOf(view);
  const count = view.getUint16(end + 10, true);
  if (count > MAX_FILES) throw new NotABundle("it holds more than a bundle may");
  const files = new Map<string, Bytes>();
  let at = view.getUint32(end + 16, true);
  let total = 0;
  for (let number = 0; number < count; number += 1) {
    if (view.getUint32(at, true) !== CENTRAL) throw new RangeError("entry");
    if (view.getUint16(at + 10, true) !== 0 || view.getUint16(at + 8, true) & 1) throw new NotABundle("a file in it is packed or locked");
    const length = view.getUint16(at + 28, true);
    const name = exactly(data, at + CENTRAL_SIZE, length);
    const content = contentAt(data, view, view.getUint32(at + 42, true), view.getUint32(at + 24, true));
    total += content.length;
    if (total > data.length) throw new NotABundle("it holds more than a bundle may");
    if (crc32(content) !== view.getUint32(at + 16, true)) throw new RangeError("sum");
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(name);
    if (files.has(text)) throw new NotABundle("two files in it have one name");
    files.set(text, content);
    at += CENTRAL_SIZE + length + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return files;
}

/** Where the end record begins: a bundle has no comment after it. */
function endOf(view: DataView): number {
  const at = view.byteLength - END_SIZE;
  if (at < 0 || view.getUint32(at, true) !== END) throw new RangeError("end");
  return at;
}

function contentAt(data: Bytes, view: DataView, at: number, size: number): Bytes {
  if (view.getUint32(at, true) !== LOCAL) throw new RangeError("entry");
  const skip = LOCAL_SIZE + view.getUint16(at + 26, true) + view.getUint16(at + 28, true);
  return exactly(data, at + skip, size);
}

function exactly(data: Bytes, start: number, length: number): Bytes {
  if (start + length > data.length) throw new RangeError("length");
  return data.subarray(start, start + length);
}

function fields(...values: readonly (readonly [size: 2 | 4, value: number])[]): Bytes {
  const view = new DataView(new ArrayBuffer(values.reduce((sum, [size]) => sum + size, 0)));
  let at = 0;
  for (const [size, value] of values) {
    if (size === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += size;
  }
  return new Uint8Array(view.buffer);
}

/** What each byte adds to a zip's checksum: CRC-32 (ISO 3309), its polynomial reversed. */
const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let sum = byte;
  for (let bit = 0; bit < 8; bit += 1) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
  return sum;
});

/** In a table and not in WebAssembly, which a page under a strict policy, or saved to a disk, may not run. */
function crc32(data: Bytes): number {
  let sum = 0xffffffff;
  for (const byte of data) sum = (sum >>> 8) ^ (CRC_TABLE[(sum ^ byte) & 0xff] ?? 0);
  return ~sum >>> 0;
}

function byteOrder(left: Bytes, right: Bytes): number {
  for (let i = 0; i < Math.min(left.length, right.length); i += 1) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
