/// <reference types="node" />
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { encode } from "cborg";
import { concat, hex, ownBytes, utf8, utf8Text } from "../protocol/bytes.ts";
import { frankingTag, pad, paddedLength, unpad } from "./application-data.ts";
import { decodeMimi, Disposition, encodeMimi, messageId, type MimiContent, NotMimi, ROOM_URI, SENDER_URI } from "./mimi.ts";

const folder = new URL("../../../tests/vectors/mimi-content/", import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith(".cbor") && !name.startsWith("implied")).sort();

function vector(name: string) {
  const bytes = ownBytes(readFileSync(new URL(name, folder)));
  const notes = readFileSync(new URL(name.replace(".cbor", ".edn"), folder), "utf8");
  const [, first = "", second = ""] = /message ID = h'([0-9a-f]+)\n#\s+([0-9a-f]+)'/.exec(notes) ?? [];
  return { bytes, id: first + second };
}

function original(): MimiContent {
  return decodeMimi(vector("original.cbor").bytes).content;
}

describe("the samples of draft-ietf-mimi-content-08", () => {
  it("are all here", () => {
    expect(names).toHaveLength(12);
  });

  it.each(names)("%s decodes and encodes to the same bytes", (name) => {
    const { bytes } = vector(name);
    const decoded = decodeMimi(bytes);
    expect(hex(decoded.bytes)).toBe(hex(bytes));
    expect(hex(encodeMimi(decoded.content))).toBe(hex(bytes));
  });

  it.each(names)("%s has the message id that its notes give", async (name) => {
    const { bytes, id } = vector(name);
    const { content } = decodeMimi(bytes);
    const [sender, room] = [content.extensions.get(SENDER_URI), content.extensions.get(ROOM_URI)];
    expect(hex(await messageId(bytes, content.salt, String(sender), String(room)))).toBe(id);
  });

  it("mean what their notes say", () => {
    const reply = decodeMimi(vector("reply.cbor").bytes).content;
    expect(hex(reply.inReplyTo ?? new Uint8Array())).toBe(vector("original.cbor").id);
    const unlike = decodeMimi(vector("unlike.cbor").bytes).content;
    expect(hex(unlike.replaces ?? new Uint8Array())).toBe(vector("reaction.cbor").id);
    expect(unlike.body).toEqual({ disposition: Disposition.reaction, language: "", cardinality: "null" });
    const { body } = original();
    expect(body.cardinality === "single" && utf8Text(body.content)).toBe("Hi everyone, we just shipped release 2.0. __Good  work__!");
    const attachment = decodeMimi(vector("attachment.cbor").bytes).content.body;
    expect(attachment).toMatchObject({ cardinality: "external", size: 708234961, encAlg: 1, filename: "bigfile.mp4" });
  });
});

describe("MIMI content", () => {
  it("sorts extension keys, so that the same content always has the same bytes", () => {
    const content = original();
    const turned = new Map([...content.extensions, ["kindred.name", "Quiet River"] as const].reverse());
    const sorted = decodeMimi(encodeMimi({ ...content, extensions: turned })).content;
    expect([...sorted.extensions.keys()]).toEqual([SENDER_URI, ROOM_URI, "kindred.name"]);
  });

  it("keeps what it does not know: dispositions, content types and extensions", () => {
    const content: MimiContent = {
      ...original(),
      extensions: new Map<number | string, unknown>([[-7, new Map([["a", [1, null]]])], ["x", true]]),
      body: { disposition: 200, language: "tlh", cardinality: "single", contentType: "application/x-new", content: utf8("?") },
    };
    expect(decodeMimi(encodeMimi(content)).content).toEqual(content);
  });

  const broken: [string, (items: unknown[]) => unknown][] = [
    ["a short salt", (items) => items.with(0, new Uint8Array(15))],
    ["a message id of an unknown hash", (items) => items.with(1, new Uint8Array(32).fill(2))],
    ["a text for a topic", (items) => items.with(2, "topic")],
    ["an expiry without a number", (items) => items.with(3, [true, "soon"])],
    ["a fraction of a second", (items) => items.with(3, [true, 1.5])],
    ["a list of extensions", (items) => items.with(5, [])],
    ["an empty extension name", (items) => items.with(5, new Map([["", 1]]))],
    ["a body without cardinality", (items) => items.with(6, [1, ""])],
    ["an unknown cardinality", (items) => items.with(6, [1, "", 4])],
    ["a multipart of one", (items) => items.with(6, [1, "", 3, 0, [[1, "", 0]]])],
    ["unknown part semantics", (items) => items.with(6, [1, "", 3, 3, [[1, "", 0], [1, "", 0]]])],
    ["text where octets belong", (items) => items.with(6, [1, "", 1, "text/plain", "hello"])],
    ["an eighth item", (items) => [...items, null]],
    ["no list at all", () => 7],
  ];

  it.each(broken)("with %s is refused", (_, change) => {
    const { salt, topicId, extensions } = original();
    const items = [salt, null, topicId, null, null, extensions, [1, "", 0]];
    expect(decodeMimi(encode(items)).content.body.cardinality).toBe("null");
    expect(() => decodeMimi(encode(change(items)))).toThrow(NotMimi);
  });

  it("nested deeper than four levels is refused", () => {
    const nest = (levels: number): unknown => levels === 0 ? [1, "", 0] : [1, "", 3, 2, [nest(levels - 1), [1, "", 0]]];
    const whole = (levels: number) => encode([new Uint8Array(16), null, new Uint8Array(), null, null, new Map(), nest(levels)]);
    expect(decodeMimi(whole(4)).content.body.cardinality).toBe("multi");
    expect(() => decodeMimi(whole(5))).toThrow(NotMimi);
  });

  it("cut off or changed anywhere never throws anything but NotMimi", () => {
    const { bytes } = vector("multipart-3.cbor");
    for (let i = 0; i < bytes.length; i += 1) {
      expect(() => decodeMimi(bytes.subarray(0, i))).toThrow(NotMimi);
      for (const flip of [1, 0x20, 0x80]) {
        const changed = bytes.slice();
        changed[i] = (changed[i] ?? 0) ^ flip;
        try {
          decodeMimi(changed);
        } catch (error) {
          expect(error).toBeInstanceOf(NotMimi);
        }
      }
    }
  });
});

describe("application data", () => {
  it.each([[1, 256], [256, 256], [257, 512], [8192, 8192], [8193, 16384], [40000, 40960]])("of %i octets is padded to %i", (length, padded) => {
    expect(paddedLength(length)).toBe(padded);
  });

  it("gives back the content's own bytes", () => {
    const { bytes } = vector("edit.cbor");
    const padded = pad(bytes);
    expect(padded).toHaveLength(256);
    expect(hex(unpad(padded).bytes)).toBe(hex(bytes));
  });

  it("whose padding is not zeros is refused", () => {
    const padded = pad(vector("edit.cbor").bytes);
    padded[255] = 1;
    expect(() => unpad(padded)).toThrow(NotMimi);
    expect(() => unpad(concat(padded.subarray(0, 250), utf8("more")))).toThrow(NotMimi);
  });

  it("is franked by HMAC-SHA256 under the salt", async () => {
    const key = utf8("Jefe");
    // RFC 4231, test case 2.
    expect(hex(await frankingTag(key, utf8("what do ya want for nothing?"))))
      .toBe("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  });
});
