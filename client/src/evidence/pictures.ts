/** Pictures in a bundle: each is the one that its message names, or it is not whole; as moderation/evidence/pictures.py does. */
import { isSent, type Picture } from "../crypto/picture.ts";
import { base64url, type Bytes, concat, hex } from "../protocol/bytes.ts";
import type { Files } from "./container.ts";

/** What the file of a picture may be called. */
export const FILE = /^pictures\/[0-9a-f]{64}(-[1-9][0-9]*)?\.(jpg|png|webp|gif)$/;

/** The ending that belongs to what the first bytes say; null for all that is no picture. */
export function kind(data: Bytes): "jpg" | "png" | "gif" | "webp" | null {
  const head = String.fromCharCode(...data.subarray(0, 12));
  if (head.startsWith("\xff\xd8\xff")) return "jpg";
  if (head.startsWith("\x89PNG\r\n\x1a\n")) return "png";
  if (head.startsWith("GIF87a") || head.startsWith("GIF89a")) return "gif";
  return head.startsWith("RIFF") && head.slice(8) === "WEBP" ? "webp" : null;
}

/**
 * The names of picture files, without their endings, as messages name them one after the other. One ciphertext can be made
 * that opens under two keys. Whoever sends both has sent two pictures, so each key has a file.
 */
export class Names {
  readonly #keys = new Map<string, string[]>();

  of({ hash, key, nonce }: Picture): string {
    const sum = hex(hash);
    const keys = this.#keys.get(sum) ?? [];
    const mine = base64url(concat(key, nonce));
    if (!keys.includes(mine)) this.#keys.set(sum, [...keys, mine]);
    const number = keys.includes(mine) ? keys.indexOf(mine) : keys.length;
    return `pictures/${sum}${number > 0 ? `-${String(number + 1)}` : ""}`;
  }
}

/** The files of a bundle, and which of them messages have named as pictures: `here` times, and `absent` times none. */
export class Shelf {
  readonly named = new Set<string>();
  here = 0;
  absent = 0;
  readonly #names = new Names();

  constructor(private readonly files: Files) {}

  /** What does not hold of the names that a message gives for its pictures. */
  async problems(pictures: readonly Picture[], given: readonly (string | null)[]): Promise<string[]> {
    if (pictures.length !== given.length) return ["it does not name each of its pictures"];
    const problems: string[] = [];
    for (const [index, picture] of pictures.entries()) {
      const name = given[index] ?? null;
      if (name === null) this.absent += 1;
      else problems.push(...(await this.#problems(picture, name)));
    }
    return problems;
  }

  async #problems(picture: Picture, name: string): Promise<string[]> {
    const dot = name.lastIndexOf(".");
    if (name.slice(0, Math.max(dot, 0)) !== this.#names.of(picture) || !FILE.test(name)) return ["its picture has not the name that belongs to it"];
    this.named.add(name);
    this.here += 1;
    const data = this.files.get(name);
    if (!data) return ["its picture is missing"];
    const problems = kind(data) === name.slice(dot + 1) ? [] : ["its picture is of another kind than its name says"];
    return (await isSent(picture, data)) ? problems : [...problems, "its picture is not the one that was sent"];
  }
}
