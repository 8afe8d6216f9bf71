import { beforeEach, describe, expect, it } from "vitest";
import { encode, rfc8949EncodeOptions } from "cborg";
import { entryDigest, type Opening, type SignedEntry } from "../../crypto/audit.ts";
import { ed25519 } from "../../crypto/ed25519.ts";
import { base64url, type Bytes, ownBytes, sha256, utf8 } from "../../protocol/bytes.ts";
import { newUuid, uuidBytes } from "../../protocol/ids.ts";
import { MemoryBackend } from "../../store/memory.ts";
import { Store } from "../../store/store.ts";
import { makeVault } from "../../store/vault.ts";
import { Http } from "../../transport/http.ts";
import { Openness } from "./openness.ts";
import { PublishedKeys } from "../trust/published-keys.ts";

const NETWORK = newUuid();
const PAGE = 3;

/** A server that keeps a log, signs it, and may lie. */
interface Key {
  seed: Bytes;
  publicKey: Bytes;
  id: string;
}

async function makeKey(): Promise<Key> {
  const { seed, publicKey } = await (await ed25519()).generate();
  return { seed, publicKey, id: base64url(await sha256(utf8(JSON.stringify({ crv: "Ed25519", kty: "OKP", x: base64url(publicKey) })))) };
}

class LogServer {
  entries: SignedEntry[] = [];
  network = NETWORK;
  checkpoint: string | null = null;
  readonly #published: Key[] = [];
  private constructor(private key: Key) {
    this.#published.push(key);
  }

  static async make(): Promise<LogServer> {
    return new LogServer(await makeKey());
  }

  /** Signs with a new key from now on; gives the old one. */
  async rotate(): Promise<Key> {
    const before = this.key;
    this.key = await this.another();
    await this.#append({ actor: "operator", action: "attestation_key_rotated", detail: `${before.id}.${this.key.id}` });
    await this.sign();
    return before;
  }

  /** Published beside those that there are. */
  async another(): Promise<Key> {
    const key = await makeKey();
    this.#published.push(key);
    return key;
  }

  async actAs(key: Key, action: string): Promise<void> {
    const own = this.key;
    this.key = key;
    await this.act(action);
    this.key = own;
    await this.sign();
  }

  async act(...actions: string[]): Promise<void> {
    for (const action of actions) await this.#append({ actor: "A-AAAAAAAAAA", action, detail: "" });
    await this.sign();
  }

  /** An entry about a decision, which binds what it opens to. */
  async decide(opening: Opening): Promise<void> {
    const { case: about, step } = opening;
    const parts = [
      ["Kindred audit case v1", about?.case ? uuidBytes(about.case) : null, about?.salt],
      ["Kindred audit step v1", step?.actor, step?.subject, step?.detail, step?.salt],
    ];
    const bound = await Promise.all(parts.map(async (said) => base64url(await sha256(ownBytes(encode(said, rfc8949EncodeOptions))))));
    await this.#append({ actor: "", action: "decision_made", detail: bound.join("."), opening });
    await this.sign();
  }

  async #append(given: { actor: string; action: string; detail: string; opening?: Opening }): Promise<void> {
    const fields = { seq: this.entries.length + 1, at: 1_795_504_155_292, case: null, subject: "", ...given };
    const digest = await entryDigest(NETWORK, fields, this.entries.at(-1)?.digest ?? new Uint8Array(32));
    this.entries.push({ ...fields, digest, keyId: this.key.id, signature: await (await ed25519()).sign(this.key.seed, digest) });
  }

  /** `until`: as the last entry of that day, for who may not know how many there are. */
  async sign(typ = "kindred-audit-checkpoint+jwt", until?: string): Promise<void> {
    const last = this.entries.at(-1);
    const part = (value: object) => base64url(utf8(JSON.stringify(value)));
    const claims = { iat: 1, network: this.network, ...(until === undefined ? { seq: last?.seq ?? 0 } : { until }), digest: base64url(last?.digest ?? new Uint8Array(32)) };
    const said = `${part({ alg: "EdDSA", kid: this.key.id, typ })}.${part(claims)}`;
    this.checkpoint = `${said}.${base64url(await (await ed25519()).sign(this.key.seed, utf8(said)))}`;
  }

  answer(url: URL): object {
    if (url.pathname === "/.well-known/kindred-keys.json") return { keys: this.#published.map(({ id: kid, publicKey }) => ({ kty: "OKP", crv: "Ed25519", kid, x: base64url(publicKey), nbf: 0 })) };
    if (url.pathname === "/api/v1/audit/checkpoint") return this.checkpoint === null ? {} : { checkpoint: this.checkpoint };
    const after = Number(url.searchParams.get("after"));
    const text = ({ digest, signature, keyId, opening, ...rest }: SignedEntry) => ({ ...rest, ...(opening ? { opening: openingText(opening) } : {}), digest: base64url(digest), signature: base64url(signature), key_id: keyId });
    return { network: this.network, entries: this.entries.filter(({ seq }) => seq > after).slice(0, PAGE).map(text) };
  }
}

/** What was forgotten is left out, as the server does. */
function openingText({ case: about, step }: Opening): object {
  const ofCase = about && { ...(about.case === null ? {} : { case: about.case }), salt: base64url(about.salt) };
  return { ...(ofCase ? { case: ofCase } : {}), ...(step ? { step: { ...step, salt: base64url(step.salt) } } : {}) };
}

let server: LogServer;
let openness: Openness;

beforeEach(async () => {
  server = await LogServer.make();
  const { keys } = await makeVault("2580", { memory: 8, passes: 1, lanes: 1 });
  const http = new Http("https://kindred.test", (url) => Promise.resolve(new Response(JSON.stringify(server.answer(new URL(url))))));
  const store = new Store(new MemoryBackend(), keys);
  openness = new Openness(http, store, new PublishedKeys(http, store));
  await server.act("invite_made", "case_opened", "case_claimed", "case_closed", "case_opened", "case_claimed", "case_closed");
});

describe("the log of what moderators did, checked on the device", () => {
  it("is whole over all its pages, the newest entry first", async () => {
    const { entries, doubts } = await openness.log();
    expect(doubts).toEqual([]);
    expect(entries.map(({ seq }) => seq)).toEqual([7, 6, 5, 4, 3, 2, 1]);
    expect(await openness.signed()).toMatchObject({ entries: 7, doubt: null });
  });

  it("names an entry that was changed, moved, dropped, put in or signed by somebody else", async () => {
    const whole = server.entries;
    const why = async (change: (log: SignedEntry[]) => SignedEntry[]) => {
      server.entries = change([...whole]);
      return (await openness.log()).doubts.map(({ seq, why: doubt }) => [seq, doubt]);
    };
    const edited = (change: Partial<SignedEntry>) => (log: SignedEntry[]) => log.map((one) => (one.seq === 4 ? { ...one, ...change } : one));
    expect(await why((log) => log)).toEqual([]);
    for (const change of [{ action: "case_opened" }, { actor: "A-BBBBBBBBBB" }, { at: 1 }, { subject: "x" }, { detail: "x" }, { case: newUuid() }]) {
      expect(await why(edited(change))).toEqual([[4, "changed"]]);
    }
    expect(await why(edited({ signature: new Uint8Array(64) }))).toEqual([[4, "unsigned"]]);
    expect(await why(edited({ keyId: "another" }))).toEqual([[4, "unsigned"]]);
    expect(await why(edited({ digest: new Uint8Array(32) }))).toEqual([[4, "changed"], [4, "unsigned"], [5, "changed"]]);
    expect(await why((log) => log.filter(({ seq }) => seq !== 4))).toEqual([[5, "missing"], [5, "changed"]]);
    expect((await why((log) => log.slice(1)))[0]).toEqual([2, "missing"]);
  });

  it("goes on under a new key where the log says so, signed by that, and takes nothing from the old one after it", async () => {
    const whole = async () => (await openness.log()).doubts.map(({ seq, why }) => [seq, why]);
    const old = await server.rotate();
    expect(await whole()).toEqual([]);
    await server.act("invite_made");
    expect(await whole()).toEqual([]);
    // Whoever copied the old key puts something there.
    await server.actAs(old, "case_closed");
    expect(await whole()).toEqual([[10, "unsigned"]]);
    server.entries = server.entries.slice(0, 7);
    await server.actAs(await server.another(), "case_opened");
    // The device saw a ninth entry before.
    expect(await whole()).toEqual([[8, "unsigned"], [9, "cut"]]);
  });

  it("is whole where entries are withheld from this reader, who sees that they are there and signed, and nothing else", async () => {
    const whole = server.entries;
    const withheld = ({ seq, digest, keyId, signature }: SignedEntry) => ({ seq, digest, keyId, signature }) as SignedEntry;
    server.entries = whole.map((one) => (one.seq === 4 ? withheld(one) : one));
    const { entries, withheld: count, doubts } = await openness.log();
    expect([doubts, count, entries.map(({ seq }) => seq)]).toEqual([[], 1, [7, 6, 5, 3, 2, 1]]);
    const why = async (change: Partial<SignedEntry>) => {
      server.entries = whole.map((one) => (one.seq === 4 ? { ...withheld(one), ...change } : one));
      return (await openness.log()).doubts.map(({ seq, why: doubt }) => [seq, doubt]);
    };
    expect(await why({ signature: new Uint8Array(64) })).toEqual([[4, "unsigned"]]);
    expect(await why({ digest: new Uint8Array(32) })).toEqual([[4, "unsigned"], [5, "changed"]]);
    server.entries = whole.map((one) => (one.seq === 4 ? withheld(one) : one)).filter(({ seq }) => seq !== 4);
    expect((await openness.log()).doubts.map(({ seq, why: doubt }) => [seq, doubt])).toEqual([[5, "missing"], [5, "changed"]]);
  });

  it("opens what is decided in a case as the entry binds it, and shows nothing for what is forgotten of it", async () => {
    const about = newUuid();
    const salt = new Uint8Array(16).fill(7);
    const step = { actor: "A-BBBBBBBBBB", subject: "A-CCCCCCCCCC", detail: "warn", salt };
    const whole: Opening = { case: { case: about, salt }, step };
    await server.decide(whole);
    const last = server.entries.at(-1) as SignedEntry;
    const read = async (opening: Opening | null) => {
      server.entries = [...server.entries.slice(0, -1), { ...last, opening }];
      const { entries, doubts } = await openness.log();
      const { actor, subject, detail, case: found } = entries[0] ?? { actor: null };
      return [actor, subject, detail, found, ...doubts.map(({ why }) => why)];
    };
    expect(await read(whole)).toEqual(["A-BBBBBBBBBB", "A-CCCCCCCCCC", "warn", about]);
    expect(await read({ ...whole, case: null })).toEqual(["A-BBBBBBBBBB", "A-CCCCCCCCCC", "warn", null]);
    expect(await read({ case: null, step: null })).toEqual(["", "", "", null]);
    expect(await read(null)).toEqual(["", "", "", null]);
    const lies: Opening[] = [
      { ...whole, case: { case: newUuid(), salt } }, { ...whole, case: { case: null, salt } }, { ...whole, case: { case: about, salt: new Uint8Array(16) } },
      { ...whole, step: { ...step, actor: "A-DDDDDDDDDD" } }, { ...whole, step: { ...step, subject: "" } }, { ...whole, step: { ...step, detail: "ban" } },
      { ...whole, step: { ...step, salt: new Uint8Array(16) } },
    ];
    for (const lie of lies) expect((await read(lie)).at(-1)).toBe("changed");
    // Of a decision whose case was forgotten before it binds that as well.
    await server.decide({ case: { case: null, salt }, step });
    expect((await openness.log()).entries[0]).toMatchObject({ case: null, detail: "warn" });
  });

  it("is missed when it is cut off, by whoever has seen its checkpoint", async () => {
    await openness.signed();
    server.entries = server.entries.slice(0, 5);
    await server.sign();
    expect(await openness.signed()).toMatchObject({ entries: 5, doubt: { seq: 7, why: "cut" } });
    expect((await openness.log()).doubts).toEqual([{ seq: 7, why: "cut" }]);
    // It goes on being known, though the log grows over it.
    await server.act("case_opened", "case_opened", "case_opened");
    expect((await openness.log()).doubts).toEqual([{ seq: 7, why: "contradicted" }]);
  });

  it("written anew by who has the key contradicts what was seen first, not only what was seen last", async () => {
    await openness.signed();
    server.entries = [];
    await server.act("a", "b", "c", "d", "e", "f", "g", "h");
    expect((await openness.signed()).doubt).toBeNull();
    await server.act("i");
    expect((await openness.signed()).doubt).toBeNull();
    expect((await openness.log()).doubts).toEqual([{ seq: 7, why: "contradicted" }]);
  });

  it("that this person does not read is signed as of a quarter's end, and doubted when the same quarter's end is another", async () => {
    const quarter = (until: string): Promise<void> => server.sign(undefined, until);
    await quarter("2026-06-30");
    expect(await openness.signed()).toEqual({ entries: null, until: "2026-06-30", doubt: null });
    await server.act("case_opened");
    await quarter("2026-09-30");
    expect(await openness.signed()).toEqual({ entries: null, until: "2026-09-30", doubt: null });
    server.entries = server.entries.slice(0, 6);
    await quarter("2026-09-30");
    expect(await openness.signed()).toEqual({ entries: null, until: "2026-09-30", doubt: { seq: 0, why: "lost" } });
    // It stays so, and whoever comes to read the log misses it there.
    await server.act("case_claimed", "case_closed");
    await quarter("2026-12-31");
    expect((await openness.signed()).doubt).toBeNull();
    expect((await openness.log()).doubts).toEqual([{ seq: 0, why: "lost" }]);
    server.checkpoint = null;
    expect((await openness.signed()).doubt).toEqual({ seq: 0, why: "lost" });
  });

  it("that was seen as of quarters' ends is whole where it still leads through each of them, and to where it was read later", async () => {
    await server.sign(undefined, "2026-06-30");
    await openness.signed();
    await server.act("case_opened");
    await server.sign(undefined, "2026-09-30");
    await openness.signed();
    await server.act("case_claimed");
    expect((await openness.log()).doubts).toEqual([]);
    server.entries = server.entries.slice(0, 8);
    expect((await openness.log()).doubts).toEqual([{ seq: 9, why: "cut" }]);
  });

  it("is doubted when the checkpoint is of no pinned key, of another kind, of another network, or of none any more", async () => {
    const honest = server.checkpoint;
    await server.sign("kindred-export+jwt");
    expect((await openness.signed()).doubt).toEqual({ seq: 0, why: "unsigned" });
    const stranger = await LogServer.make();
    await stranger.act("a");
    server.checkpoint = stranger.checkpoint;
    expect((await openness.signed()).doubt).toEqual({ seq: 0, why: "unsigned" });
    server.checkpoint = honest;
    expect((await openness.signed()).doubt).toBeNull();
    server.network = newUuid();
    await server.sign();
    expect((await openness.signed()).doubt).toEqual({ seq: 7, why: "contradicted" });
    server.checkpoint = null;
    expect((await openness.signed()).doubt).toEqual({ seq: 7, why: "cut" });
  });
});
