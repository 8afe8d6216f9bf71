import { describe, expect, it } from "vitest";
import { encode } from "cborg";
import { hex, randomBytes, utf8 } from "../protocol/bytes.ts";
import { newUuid, roomUri, userUri } from "../protocol/ids.ts";
import { frankingTag } from "../crypto/application-data.ts";
import { decodeMimi, Disposition, messageId, type MimiContent, type NestedPart, ROOM_URI, SENDER_URI } from "../crypto/mimi.ts";
import { photo } from "../../test/photos.ts";
import { sealPicture } from "../crypto/picture.ts";
import { cleanName, interpret, type Meaning, PROFILE_TYPE, ROSTER_TYPE, senderName } from "./reading.ts";
import { write } from "./writing.ts";

const author = { account: newUuid(), name: "Quiet River", domain: "kindred.test" };
const room = newUuid();
const id = `01${"ab".repeat(31)}`;

const { picture } = await sealPicture(photo(), "image/jpeg", "a hill", 1_800_000_000);

const meanings: Exclude<Meaning, { type: "other" }>[] = [
  { type: "text", text: "Hello, مرحبا 👋", inReplyTo: null },
  { type: "text", text: "yes", inReplyTo: id },
  { type: "text", text: "", inReplyTo: null, picture },
  { type: "text", text: "my hill", inReplyTo: id, picture },
  { type: "edit", target: id, text: "better" },
  { type: "delete", target: id },
  { type: "react", target: id, emojis: ["👩🏽‍⚕️"] },
  { type: "react", target: id, emojis: ["❤", "🥳"] },
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
    expect(senderName(content)).toBe("Quiet River");
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
const multi = (semantics: number, ...parts: NestedPart[]): NestedPart =>
  ({ disposition: Disposition.render, language: "", cardinality: "multi", semantics, parts });

describe("reading what others write", () => {
  it("takes Markdown as plain text, and unknown dispositions as render", () => {
    expect(interpret(content(single("text/markdown;variant=GFM-MIMI", utf8("*hi*"))))).toMatchObject({ type: "text", text: "*hi*" });
    expect(interpret(content(single("text/plain", utf8("hi"), 99)))).toMatchObject({ type: "text", text: "hi" });
  });

  it("chooses the first part it can read, and reads all of several", () => {
    const parts = [single("text/html", utf8("<b>hi</b>")), single("Text/Plain; Charset=UTF-8", utf8("hi")), single("text/plain", utf8("there"))];
    expect(interpret(content(multi(0, ...parts)))).toMatchObject({ text: "hi" });
    expect(interpret(content(multi(2, ...parts)))).toMatchObject({ text: "hi\n\nthere" });
  });

  it.each([
    ["HTML alone", content(single("text/html", utf8("<script>")))],
    ["another charset", content(single("text/plain;charset=utf-16", utf8("hi")))],
    ["text that is not UTF-8", content(single("text/plain", Uint8Array.of(0xff)))],
    ["an empty text", content(single("text/plain", utf8("")))],
    ["a reaction to nothing", content(single("text/plain", utf8("❤"), Disposition.reaction))],
    ["an endless reaction", content(single("text/plain", utf8("❤".repeat(99)), Disposition.reaction), { inReplyTo: new Uint8Array(32) })],
    ["a null part that replaces nothing", content({ disposition: 1, language: "", cardinality: "null" })],
    ["a profile without a name", content(single(PROFILE_TYPE, encode({ title: "x" }), 0))],
    ["a profile of spaces", content(single(PROFILE_TYPE, encode({ name: " \u200b " }), 0))],
    ["a profile that is no CBOR", content(single(PROFILE_TYPE, Uint8Array.of(0xff), 0))],
    ["a roster of texts", content(single(ROSTER_TYPE, encode({ room: null, people: [["me", "x"]] }), 0))],
    ["a control of the future", content(single("application/vnd.kindred.dance+cbor", encode({}), 0))],
  ])("makes nothing of %s", (_, made) => {
    expect(interpret(made)).toEqual({ type: "other" });
  });

  it("cleans names of what is invisible, turns text around or goes on for ever", () => {
    expect(cleanName("  Quiet\n\u202eRiver\u0000 ", 40)).toBe("Quiet River");
    expect(cleanName("👩‍🚀", 40)).toBe("👩‍🚀");
    expect([...cleanName("é".repeat(100), 40)]).toHaveLength(40);
  });
});
