import { decode } from "cborg";
import { describe, expect, it } from "vitest";
import { base64url, type Bytes, hex, randomBytes, sha256, utf8 } from "../../protocol/bytes.ts";
import { roomUri, userUri } from "../../protocol/ids.ts";
import { ed25519 } from "../../crypto/ed25519.ts";
import { makeIdentityKey, thumbprint } from "../../crypto/identity.ts";
import { Store } from "../../store/store.ts";
import { MemoryBackend } from "../../store/memory.ts";
import { makeVault } from "../../store/vault.ts";
import { Http } from "../../transport/http.ts";
import { examine } from "./exhibits.ts";
import { PublishedKeys } from "../trust/published-keys.ts";
import type { Meaning } from "../../content/reading.ts";
import { encodePart, joinParts, readPart, type ReportHead, type ShownMessage, splitReport } from "../../content/report-content.ts";
import { write } from "../../content/writing.ts";

const DOMAIN = "kindred.test";
const [CASE, ROOM, BEA, ANN] = Array.from({ length: 4 }, () => crypto.randomUUID()) as [string, string, string, string];
const place = { case: CASE, room: ROOM, domain: DOMAIN };
const text = (said: string) => ({ type: "text" as const, text: said, inReplyTo: null });

class Signer {
  private constructor(readonly publicKey: Bytes, private readonly seed: Bytes, readonly id: string) {}

  static async make(): Promise<Signer> {
    const { publicKey, seed } = await makeIdentityKey();
    return new Signer(publicKey, seed, await thumbprint(publicKey));
  }

  get jwk() {
    return { kty: "OKP", crv: "Ed25519", kid: this.id, x: base64url(this.publicKey), nbf: 0 };
  }

  async attest(sender: string, tag: Bytes, seq: number, id = CASE): Promise<string> {
    const part = (value: unknown) => base64url(utf8(JSON.stringify(value)));
    const claims = { sender: userUri(sender, DOMAIN), room: roomUri(ROOM, DOMAIN), tag: base64url(tag) };
    const disclosures = Object.entries(claims).map(([name, value]) => part([base64url(randomBytes(16)), name, value]));
    const digests = await Promise.all(disclosures.map(async (one) => base64url(await sha256(utf8(one)))));
    const payload = { iss: `mimi://${DOMAIN}`, iat: 1, case: id, seq, time: 1000 + seq, _sd: digests, _sd_alg: "sha-256" };
    const signed = `${part({ alg: "EdDSA", kid: this.id, typ: "kindred-attestation+sd-jwt" })}.${part(payload)}`;
    return [`${signed}.${base64url(await (await ed25519()).sign(this.seed, utf8(signed)))}`, ...disclosures, ""].join("~");
  }

  async shown(meaning: Exclude<Meaning, { type: "other" | "unreadable" }>, seq: number, sender = BEA): Promise<ShownMessage & { id: string }> {
    const { content, tag, id } = await write(meaning, { account: sender, domain: DOMAIN, name: "B" }, ROOM);
    return { attestation: await this.attest(sender, tag, seq), content, seq, time: 1000 + seq, id };
  }
}

/** The keys that a device knows which asks this server. */
async function device(published: () => unknown): Promise<PublishedKeys> {
  const { keys } = await makeVault("2580", { memory: 8, passes: 1, lanes: 1 });
  const http = new Http("https://kindred.test", (url) => {
    expect(url).toBe("https://kindred.test/.well-known/kindred-keys.json");
    return Promise.resolve(new Response(JSON.stringify(published())));
  });
  return new PublishedKeys(http, new Store(new MemoryBackend(), keys));
}

describe("what is shown to moderators", () => {
  it("tells an edit and a deletion by whose they are, and how much stands between", async () => {
    const signer = await Signer.make();
    const first = await signer.shown(text("ugly"), 3);
    const shown = [
      first, await signer.shown({ type: "edit", target: first.id, text: "nice" }, 7), await signer.shown({ type: "edit", target: first.id, text: "fake" }, 8, ANN),
      await signer.shown({ type: "delete", target: first.id }, 9),
    ];
    const found = await examine(shown, place, new Map([[signer.id, signer.publicKey]]));
    expect(found.map(({ seq, text: said, doubt, skipped, from, at }) => [seq, said, doubt, skipped, from, at])).toEqual([
      [3, "ugly", null, 0, BEA, 1003], [7, "nice", null, 3, BEA, 1007], [8, "fake", null, 0, ANN, 1008], [9, "", null, 0, BEA, 1009],
    ]);
    const key = found[0]?.key;
    expect(found.map(({ changes }) => changes)).toEqual([null, key, null, key]);
  });

  it("has its gaps counted between what is proven: nothing that is not fills one", async () => {
    const signer = await Signer.make();
    const keys = new Map([[signer.id, signer.publicKey]]);
    const [three, seven] = [await signer.shown(text("three"), 3), await signer.shown(text("seven"), 7)];
    const filler = [4, 5, 6].map((seq) => ({ ...three, attestation: "", seq, time: Number.MAX_SAFE_INTEGER }));
    const found = await examine([three, ...filler, seven], place, keys);
    expect(found.map(({ seq, doubt, skipped }) => [seq, doubt, skipped])).toEqual([
      [3, null, 0], [4, "unsigned", 0], [5, "unsigned", 0], [6, "unsigned", 0], [7, null, 3],
    ]);
    // Any number can be written there, and a moderator's screen has to bear it.
    for (const { at } of found) expect(new Date(at).getTime()).toBe(at);
    const [first] = await examine([{ ...three, attestation: "", seq: 1 }, seven], place, keys).then((all) => all.slice(1));
    expect(first?.skipped).toBe(0);
  });

  it("is doubted when somebody adds a disclosure, takes one away, or signs with a key of their own", async () => {
    const [signer, other] = [await Signer.make(), await Signer.make()];
    const keys = new Map([[signer.id, signer.publicKey]]);
    const honest = await signer.shown(text("one"), 1);
    const [signed = "", sender = "", room = "", tag = ""] = honest.attestation.split("~");
    const elsewhere = (await signer.attest(ANN, randomBytes(32), 1)).split("~");
    const doubts = async (attestation: string) => (await examine([{ ...honest, attestation }], place, keys)).map(({ doubt }) => doubt);
    expect(await doubts(honest.attestation)).toEqual([null]);
    expect(await doubts([signed, elsewhere[1], room, tag, ""].join("~"))).toEqual(["unsigned"]);
    expect(await doubts([signed, room, tag, ""].join("~"))).toEqual(["unsigned"]);
    expect(await doubts([signed, sender, sender, room, tag, ""].join("~"))).toEqual(["unsigned"]);
    expect(await doubts((await other.shown(text("one"), 1)).attestation)).toEqual(["unsigned"]);
    expect(await doubts("")).toEqual(["unsigned"]);
    expect((await examine([{ ...honest, content: Uint8Array.of(...honest.content, 0) }], place, keys)).map(({ doubt }) => doubt)).toEqual(["edited"]);
  });

  it("stays proven when the server hides the key that signed it, and is not by one that calls itself as another", async () => {
    const [first, second] = [await Signer.make(), await Signer.make()];
    let published: unknown = { keys: [first.jwk] };
    const known = await device(() => published);
    expect([...(await known.with([first.id])).keys()]).toEqual([first.id]);
    published = { keys: [second.jwk] };
    const keys = await known.with([second.id]);
    expect([...keys.keys()].sort()).toEqual([first.id, second.id].sort());
    const third = await Signer.make();
    published = { keys: [{ ...third.jwk, kid: first.id }] };
    expect((await known.with([third.id])).has(third.id)).toBe(false);
    expect((await examine([await first.shown(text("old"), 1)], place, keys)).map(({ doubt }) => doubt)).toEqual([null]);
  });

  it("is proven by a key that was replaced only where it was shown while that was in use", async () => {
    const [first, second] = [await Signer.make(), await Signer.make()];
    const [day, replaced] = [86_400_000, 1_795_504_155];
    let published: unknown = { keys: [first.jwk] };
    const known = await device(() => published);
    const shown = [await first.shown(text("I did it"), 1)];
    const doubts = async (at: number) => (await examine(shown, place, await known.inUse(at))).map(({ doubt }) => doubt);
    await known.refresh();
    expect(await doubts(replaced * 1000 + 90 * day)).toEqual([null]);
    published = { keys: [{ ...first.jwk, exp: replaced, seals: [] }, second.jwk] };
    await known.refresh();
    expect([await doubts(replaced * 1000), await doubts(replaced * 1000 + 2 * day)]).toEqual([[null], ["unsigned"]]);
    // Nobody takes a replaced key into use again.
    published = { keys: [first.jwk, second.jwk] };
    await known.refresh();
    expect(await doubts(replaced * 1000 + 2 * day)).toEqual(["unsigned"]);
    published = { keys: [{ ...first.jwk, exp: "never" }] };
    await expect(known.refresh()).rejects.toThrow("unavailable");
  });
});

describe("a report", () => {
  const head: ReportHead = { concern: "other", urgency: "soon", wish: "w".repeat(2000), name: null, room: { id: ROOM, kind: "group" }, passed: { by: ANN, at: 5 } };

  it("is put together from its parts in any order, once, and not before the last is there", () => {
    const messages = Array.from({ length: 5 }, (_, index) => ({ attestation: "a".repeat(900), content: randomBytes(30_000), seq: index, time: index }));
    const parts = splitReport("ab".repeat(16), head, messages);
    expect(parts.length).toBe(4);
    const read = parts.map((part) => readPart(decode(encodePart(part))));
    expect(read[0]?.head).toEqual(head);
    expect(Math.max(...parts.map((part) => encodePart(part).length))).toBeLessThan(56_000);
    const [one, two, three, four] = read as [typeof parts[0], typeof parts[0], typeof parts[0], typeof parts[0]];
    expect(joinParts([four, two, one])).toBeNull();
    const bytes = (joined: ShownMessage[] | null) => joined?.map(({ content }) => hex(content));
    expect(bytes(joinParts([four, two, one, two, three]))).toEqual(bytes(messages));
    expect(bytes(joinParts([four, two, one, three, { ...three, data: randomBytes(9) }]))).toEqual(bytes(messages));
  });

  it("is refused when it has not the form", () => {
    const [part] = splitReport("ab".repeat(16), head, []);
    if (!part) throw new Error("no part");
    for (const wrong of [{ ...part, part: [1, 1] }, { ...part, part: [0, 9999] }, { ...part, head: null }] as (typeof part)[]) {
      expect(() => readPart(decode(encodePart(wrong)))).toThrow();
    }
    expect(joinParts([{ ...part, data: Uint8Array.of(1) }])).toBeNull();
  });
});
