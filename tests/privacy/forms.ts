import { createHash } from "node:crypto";

/** One way in which a text could stand in bytes, and those bytes. */
export interface Form {
  how: string;
  bytes: Buffer;
}

/** Every plain way in which `text` could have been written down: encodings, escapes and unsalted hashes. */
export function formsOf(text: string): Form[] {
  const utf8 = Buffer.from(text);
  const forms: Form[] = [...formsOfBytes(utf8), { how: "UTF-16LE", bytes: Buffer.from(text, "utf16le") }];
  forms.push({ how: "UTF-16BE", bytes: Buffer.from(text, "utf16le").swap16() });
  // Python keeps a text in one, two or four bytes a character (PEP 393).
  forms.push({ how: "UTF-32LE", bytes: Buffer.from(Uint32Array.from(text, (one) => one.codePointAt(0) ?? 0).buffer) });
  if (/^[\0-\xff]*[\x80-\xff][\0-\xff]*$/.test(text)) forms.push({ how: "Latin-1", bytes: Buffer.from(text, "latin1") });
  const escaped = JSON.stringify(text).slice(1, -1).replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
  const percent = encodeURIComponent(text);
  for (const [how, written] of [
    ["JSON escapes", escaped],
    ["percent escapes", percent],
    ["form escapes", percent.replaceAll("%20", "+")],
    ["lower-case percent escapes", percent.replace(/%../g, (one) => one.toLowerCase())],
  ] as const) {
    if (written !== text) forms.push({ how, bytes: Buffer.from(written) });
  }
  for (const name of ["md5", "sha1", "sha256", "sha512"]) {
    const digest = createHash(name).update(utf8).digest();
    forms.push(...formsOfBytes(digest).map(({ how, bytes }) => ({ how: `${name}, ${how}`, bytes })));
  }
  return forms;
}

/** The ways in which bytes could stand: as they are, in hex, and in base64 at any place of a longer text. */
export function formsOfBytes(raw: Uint8Array): Form[] {
  const bytes = Buffer.from(raw);
  const hex = bytes.toString("hex");
  const forms: Form[] = [
    { how: "as it is", bytes },
    { how: "hex", bytes: Buffer.from(hex) },
    { how: "upper-case hex", bytes: Buffer.from(hex.toUpperCase()) },
  ];
  for (const shift of [0, 1, 2]) {
    // The first and last digits also depend on the neighbours, so they are left out.
    const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString("base64");
    const whole = text.slice(Math.ceil((shift * 8) / 6), Math.floor(((shift + bytes.length) * 8) / 6));
    forms.push({ how: `base64 at ${shift}`, bytes: Buffer.from(whole) });
    const urlSafe = whole.replaceAll("+", "-").replaceAll("/", "_");
    if (urlSafe !== whole) forms.push({ how: `base64url at ${shift}`, bytes: Buffer.from(urlSafe) });
  }
  return forms;
}

/** Where (byte offset) and how any of `forms` stands in `haystack`: one line for each that does. */
export function found(forms: readonly Form[], haystack: Buffer): string[] {
  return forms.flatMap(({ how, bytes }) => {
    const at = placeOf(bytes, haystack);
    return at < 0 ? [] : [`${how} at byte ${at}`];
  });
}

function placeOf(needle: Buffer, haystack: Buffer): number {
  let at = haystack.indexOf(needle);
  while (at >= 0 && !standsAt(needle, haystack, at)) at = haystack.indexOf(needle, at + 1);
  return at;
}

/** Whether `needle` stands there. A few digits inside a longer row of digits are another number, such as a time or a hash. */
export function standsAt(needle: Buffer, haystack: Buffer, at: number): boolean {
  if (!haystack.subarray(at, at + needle.length).equals(needle)) return false;
  const few = /^\d{1,8}$/.test(needle.toString("latin1"));
  const digit = (place: number): boolean => /[\da-f]/i.test(String.fromCharCode(haystack[place] ?? 0));
  return !few || !(digit(at - 1) || digit(at + needle.length));
}
