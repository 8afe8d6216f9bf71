import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { opened } from "../../client/src/content/shown.ts";
import { said } from "../../client/src/evidence/said.ts";
import { meaningIn } from "../../client/src/content/reading.ts";
import { base64url, fromBase64url } from "../../client/src/protocol/bytes.ts";

/** One rule of what people are shown: the app, moderators, `/verify.html` and Python give the same words for the same bytes. */
interface Vector {
  what: string;
  content: string;
  shown: boolean;
  text: string;
  name: string | null;
  pictures: string[];
}

interface Read extends Pick<Vector, "content" | "text" | "name" | "pictures"> {
  salt: string | null;
  from: { sender: string; room: string } | null;
}

const root = resolve(import.meta.dirname, "../..");
const folder = join(root, "tests/vectors/shown");
const vectors = readdirSync(folder).filter((name) => name.endsWith(".json")).flatMap((name) => JSON.parse(readFileSync(join(folder, name), "utf8")) as Vector[]);
const rounds = Number(process.env["ROUNDS"] ?? 1) || 1;
const COUNT = 4_000;

/** What the app shows in a conversation, without what evidence adds to it. */
function inTheApp(content: string): string {
  const meaning = meaningIn(fromBase64url(content));
  switch (meaning.type) {
    case "text":
      return [meaning.text, ...(meaning.picture ? [meaning.picture.description === "" ? "[picture]" : `[picture: ${meaning.picture.description}]`] : [])].filter((part) => part !== "").join("\n");
    case "edit":
      return meaning.text;
    case "react":
      return meaning.emoji;
    case "profile":
    case "room":
      return meaning.name;
    default:
      return "";
  }
}

describe("what people are shown of a content", () => {
  it.each(vectors)("is in evidence as its vector says: $what", async ({ content, text, name, pictures }) => {
    const found = await said(fromBase64url(content));
    expect({ text: found.text, name: found.name, pictures: found.pictures.map(({ description }) => description) }).toEqual({ text, name, pictures });
  });

  it.each(vectors)("is in the app what it is in evidence, to the letter: $what", async ({ content, shown }) => {
    const { words } = await said(fromBase64url(content));
    expect(inTheApp(content)).toBe(words);
    expect(opened(fromBase64url(content)).shown.type !== "unreadable").toBe(shown);
  });

  it("is the same in both languages for contents that nobody wrote", async () => {
    for (let round = 0; round < rounds; round += 1) {
      const seed = Math.floor(Math.random() * 2 ** 31);
      const { stdout } = await promisify(execFile)(join(root, ".venv/bin/python"), ["-m", "tests.moderation.generated_contents", String(COUNT), String(seed)], { cwd: root, maxBuffer: 2 ** 28 });
      for (const read of JSON.parse(stdout) as Read[]) {
        const { salt, from, name, text, words, pictures } = await said(fromBase64url(read.content));
        const ours: Read = { content: read.content, salt: salt && base64url(salt), from, name, text, pictures: pictures.map(({ description }) => description) };
        expect(ours, `seed ${String(seed)}`).toEqual(read);
        expect(inTheApp(read.content), `seed ${String(seed)}`).toBe(words);
      }
    }
  });
});
