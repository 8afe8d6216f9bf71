import { describe, expect, it } from "vitest";
import { encode } from "cborg";
import { hex, randomBytes, utf8 } from "../protocol/bytes.ts";
import { newUuid, roomUri, userUri } from "../protocol/ids.ts";
import { frankingTag } from "../crypto/application-data.ts";
import { decodeMimi, Disposition, messageId, type MimiContent, type NestedPart, ROOM_URI, SENDER_URI } from "../crypto/mimi.ts";
import { photo } from "../../test/photos.ts";
import { sealPicture } from "../crypto/picture.ts";
import { cleanName, isName, LONGEST_NAME, visible } from "./characters.ts";
import { opened, PROFILE_TYPE } from "./shown.ts";
import { interpret, type Meaning, ROSTER_TYPE } from "./reading.ts";
import { write } from "./writing.ts";

const author = { account: newUuid(), name: "Quiet River", domain: "kindred.test" };
const room = newUuid();
const id = `01${"ab".repeat(31)}`;

const { picture } = await sealPicture(photo(), "image/jpeg", "a hill", 1_800_000_000);

const meanings: Exclude<Meaning, { type: "other" | "unreadable" }>[] = [
  { type: "text", text: "Hello, مرحبا 👋", inReplyTo: null },
  { type: "text", text: "yes", inReplyTo: id },
  { type: "text", text: "", inReplyTo: null, picture },
  { type: "text", text: "my hill", inReplyTo: id, picture },
  { type: "edit", target: id, text: "better" },
  { type: "delete", target: id },
  { type: "react", target: id, emoji: "❤️" },
  { type: "unreact", reaction: id, target: id },
  { type: "profile", name: "Quiet River" },
  { type: "room", name: "Tuesday group" },
  { type: "roster", room: null, people: [[newUuid(), "Asha"], [newUuid(), "Noor"]] },
  { type: "roster", room: "Tuesday group", people: [] },
];

describe("a content", () => {
  it.each(meanings)("of type $type means to its readers what it meant to its writer", async (meaning) => {
    const written = await write(meaning, author, room);
    const { content, rest } = decodeMimi(written.content);
    expect(interpret(content)).toEqual(meaning);
    expect(rest).toHaveLength(0);
    expect(opened(written.content).name).toBe("Quiet River");
    expect(content.extensions.get(SENDER_URI)).toBe(userUri(author.account, author.domain));
    expect(content.extensions.get(ROOM_URI)).toBe(roomUri(room, author.domain));
    expect(hex(written.tag)).toBe(hex(await frankingTag(content.salt, written.content)));
    const uris = [userUri(author.account, author.domain), roomUri(room, author.domain)] as const;
    expect(written.id).toBe(hex(await messageId(written.content, content.salt, ...uris)));
  });

  it("is never the same twice", async () => {
    const [first, second] = await Promise.all([0, 1].map(() => write({ type: "text", text: "hi", inReplyTo: null }, author, room)));
    expect(first?.id).not.toBe(second?.id);
  });
});

const content = (body: NestedPart, more: Partial<MimiContent> = {}): MimiContent => ({
  salt: randomBytes(16), replaces: null, topicId: new Uint8Array(), expires: null, inReplyTo: null, extensions: new Map(), body, ...more,
});
const single = (contentType: string, data: Uint8Array, disposition: number = Disposition.render): NestedPart =>
  ({ disposition, language: "", cardinality: "single", contentType, content: data as Uint8Array<ArrayBuffer> });

describe("reading what others write", () => {
  it("takes Markdown as plain text", () => {
    expect(interpret(content(single("text/markdown;variant=GFM-MIMI", utf8("*hi*"))))).toMatchObject({ type: "text", text: "*hi*" });
  });

  it.each([
    ["HTML alone", content(single("text/html", utf8("<script>")))],
    ["another charset", content(single("text/plain;charset=utf-16", utf8("hi")))],
    ["text that is not UTF-8", content(single("text/plain;charset=utf-8", Uint8Array.of(0xff)))],
    ["an empty text", content(single("text/plain;charset=utf-8", utf8("")))],
    ["a text that is no message", content(single("text/plain;charset=utf-8", utf8("hi"), 99))],
  ])("says of %s that it cannot be shown", (_, made) => {
    expect(interpret(made)).toEqual({ type: "unreadable" });
  });

  it.each([
    ["a reaction to nothing", content(single("text/plain;charset=utf-8", utf8("❤"), Disposition.reaction))],
    ["an endless reaction", content(single("text/plain;charset=utf-8", utf8("❤".repeat(99)), Disposition.reaction), { inReplyTo: new Uint8Array(32) })],
    ["a null part that replaces nothing", content({ disposition: 1, language: "", cardinality: "null" })],
    ["a profile without a name", content(single(PROFILE_TYPE, encode({ title: "x" }), 0))],
    ["a profile of spaces", content(single(PROFILE_TYPE, encode({ name: " \u200b " }), 0))],
    ["a profile that is no CBOR", content(single(PROFILE_TYPE, Uint8Array.of(0xff), 0))],
    ["a roster of texts", content(single(ROSTER_TYPE, encode({ room: null, people: [["me", "x"]] }), 0))],
    ["a control of the future", content(single("application/vnd.kindred.dance+cbor", encode({}), 0))],
  ])("makes nothing of %s", (_, made) => {
    expect(interpret(made)).toEqual({ type: "other" });
  });

  it("never has a name of its own that others would not be shown", () => {
    for (const name of ["  Quiet\n\u202eRiver\u0000 ", "👩‍🚀", "é".repeat(100), "\u3164 x\u00a0 y", "\u200b", "می‌خواهم", "\ue000a\ud800"]) {
      const clean = cleanName(name, LONGEST_NAME);
      expect(clean === "" || isName(clean, LONGEST_NAME), JSON.stringify(name)).toBe(true);
    }
  });

  it("writes out what would turn the words around", () => {
    expect(visible("I will \u202enot\u202c hurt you\u0007\n\tmore")).toBe("I will ⟨U+202E⟩not⟨U+202C⟩ hurt you⟨U+0007⟩\n\tmore");
  });

  it("cleans names of what is invisible, turns text around or goes on for ever", () => {
    expect(cleanName("  Quiet\n\u202eRiver\u0000 ", 40)).toBe("Quiet River");
    expect(cleanName("👩‍🚀", 40)).toBe("👩‍🚀");
    expect([...cleanName("é".repeat(100), 40)]).toHaveLength(40);
  });
});
