import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { withhold } from "../../client/src/crypto/attestation.ts";
import { decodeMimi, encodeMimi } from "../../client/src/crypto/mimi.ts";
import { type KeySet, NotVerified, publishedKeys } from "../../client/src/crypto/signed.ts";
import type { Custody, Reason } from "../../client/src/evidence/bundle.ts";
import { MAX_BYTES, MAX_FILES, unpack } from "../../client/src/evidence/container.ts";
import { type Item, make, type Making, TooMuch } from "../../client/src/evidence/make.ts";
import { said } from "../../client/src/evidence/said.ts";
import { bundledKeys, verify } from "../../client/src/evidence/verify.ts";
import { contentOf, type EvidenceParts, exportCase, type Proof } from "../../client/src/engine/cases/evidence.ts";
import type { EvidenceBundle, Exhibit, Withheld } from "../../client/src/contract/index.ts";
import { Refusal } from "../../client/src/protocol/errors.ts";
import type { Reader } from "../../client/src/protocol/shape.ts";
import { type Bytes, base64url, fromBase64url, hex, sha256, utf8, utf8Text } from "../../client/src/protocol/bytes.ts";
import { Random } from "../model/random.ts";

const root = resolve(import.meta.dirname, "../..");
const python = (...args: string[]): Promise<{ stdout: string }> => promisify(execFile)(join(root, ".venv/bin/python"), args, { cwd: root });

interface Given {
  domain: string;
  network: string;
  case: string;
  made_at: number;
  made_by: string;
  items: { attestation: string; content: string; withheld: Reason | null; pictures: (string | null)[] }[];
  limits: [files: number, bytes: number];
  custody: Custody[];
  keys: unknown;
  manifest: unknown;
  seal: string;
  sealed_late: string;
  handed_over: { id: string; seal: string };
}

let folder: string;
let given: Given;
let whole: Bytes;
let keys: KeySet;
const read = async (name: string): Promise<unknown> => JSON.parse(await readFile(join(folder, name), "utf8")) as unknown;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "kindred-evidence-"));
  await python("-m", "tests.moderation.golden", folder, "9", "changed");
  given = (await read("given.json")) as Given;
  whole = new Uint8Array(await readFile(join(folder, "bundle.zip")));
  keys = await publishedKeys(given.keys);
});
afterAll(() => rm(folder, { recursive: true }));

function making(changed: Partial<Making> = {}): Making {
  const items: Item[] = given.items.map((item) => ({ ...item, content: fromBase64url(item.content), pictures: item.pictures.map((one) => one === null ? null : fromBase64url(one)) }));
  const { domain, network, custody } = given;
  return {
    domain, network, case: given.case, madeAt: given.made_at, madeBy: given.made_by, items, custody, handedOver: null, keys: given.keys,
    seal: async (manifest) => {
      expect(manifest).toEqual(await sha256(utf8(JSON.stringify(given.manifest))));
      return given.seal;
    },
    ...changed,
  };
}

test("a moderator's device makes the same bundle, to the byte, as the server's own language does", async () => {
  const made = await make(making());
  expect(unpack(made)).toEqual(unpack(whole));
  expect(Buffer.from(made).equals(Buffer.from(whole))).toBe(true);
});

test("the command takes what a moderator's device made, and the device agrees", async () => {
  const made = await make(making());
  await writeFile(join(folder, "made.zip"), made);
  const { stdout } = await python("manage.py", "verify_evidence", join(folder, "made.zip"), "--keys", join(folder, "keys.json"));
  expect(stdout).toContain("Whole. 6 messages as the server stamped them, 3 withheld.");
  expect(stdout).toContain("4 pictures as they were sent, 1 not in it.");
  expect(await verify(made, keys)).toMatchObject({ problems: [], messages: 9, withheld: 3, pictures: 4, absent: 1, sealedAt: Math.floor(given.made_at / 1000) });
});

test("it says whether it was made for somebody with the member's consent, in both languages", async () => {
  const { id: handedOver, seal } = given.handed_over;
  const page = (bundle: Bytes): string => utf8Text(unpack(bundle).get("index.html") ?? new Uint8Array());
  const made = await make(making({ handedOver, seal: () => Promise.resolve(seal) }));
  expect(await verify(made, keys)).toMatchObject({ problems: [], about: { handedOver } });
  expect(page(made)).toContain(`Made for an agency with the member&#x27;s consent, hand-over ${handedOver}.`);
  expect(page(whole)).toContain("An export by a moderator; nobody&#x27;s consent is recorded in it.");
  // What is no hand-over to the server cannot be made to look like one.
  const lie = await make(making({ handedOver, seal: () => Promise.resolve(given.seal) }));
  expect((await verify(lie, keys)).problems).not.toEqual([]);
});

test("chats stand apart, and what is withheld by itself", async () => {
  const page = utf8Text(unpack(await make(making())).get("index.html") ?? new Uint8Array());
  const heads = [...page.matchAll(/<h3>(.*?)<\/h3>|<p class="k">([^<]*? · No\. \d+|No\. \d+) · /g)].map(([, title, head]) => title ?? head);
  expect(heads).toEqual([
    "Chat 1", "Chat 1 · No. 1", "Chat 1 · No. 4", "Chat 1 · No. 7", "Chat 1 · No. 9", "Chat 2", "Chat 2 · No. 1", "Chat 2 · No. 4",
    "Withheld, each from one of these chats or another", "No. 2", "No. 5", "No. 8",
  ]);
});

test("of the uninvolved there is nothing in it", async () => {
  const files = unpack(await make(making()));
  let pictures = 0;
  for (const { content, withheld, pictures: shown } of given.items) {
    if (withheld === null) continue;
    const { from, text, pictures: named } = await said(fromBase64url(content));
    const sender = from?.sender ?? "";
    pictures += shown.length;
    const secrets = [sender, text, base64url(utf8(sender)), ...named.flatMap((one) => [hex(one.hash), base64url(one.key)])];
    for (const [name, file] of files) {
      for (const secret of secrets) expect(name + Buffer.from(file).toString()).not.toContain(secret);
      for (const picture of shown) expect(base64url(file)).not.toBe(picture);
    }
  }
  expect(pictures).toBe(1);
});

test("every change is named in the same words in both languages", async () => {
  const changed = (await read("changed.json")) as { bundle: string; problems: string[] }[];
  expect(changed.length).toBeGreaterThan(35);
  for (const { bundle, problems } of changed) {
    expect(problems).not.toEqual([]);
    expect((await verify(fromBase64url(bundle), keys)).problems).toEqual(problems);
  }
});

test("contents that nobody would write keep nothing from being whole: they are named, in both languages alike", async () => {
  const data = new Uint8Array(await readFile(join(folder, "whatever.zip")));
  const { problems, messages } = await verify(data, keys);
  expect(problems).toEqual([]);
  expect(messages).toBeGreaterThan(50);
  const { stdout } = await python("manage.py", "verify_evidence", join(folder, "whatever.zip"), "--keys", join(folder, "keys.json"));
  expect(stdout).toContain(`Whole. ${String(messages)} messages`);
});

test("any change of a byte is named", async () => {
  const seed = Date.now() | 0;
  const random = new Random(seed);
  for (let round = 0; round < 150; round += 1) {
    const changed = whole.slice();
    const at = random.below(changed.length);
    changed[at] = (changed[at] ?? 0) ^ (1 + random.below(255));
    expect((await verify(changed, keys)).problems, `seed ${String(seed)}, byte ${String(at)}`).not.toEqual([]);
  }
});

test("anything cut out or put in is named", async () => {
  const seed = Date.now() | 0;
  const random = new Random(seed);
  for (let round = 0; round < 150; round += 1) {
    const start = random.below(whole.length);
    const put = Uint8Array.from({ length: random.below(60) }, () => random.below(256));
    const end = Math.min(whole.length, start + random.below(400) + (put.length === 0 ? 1 : 0));
    const changed = new Uint8Array(Buffer.concat([whole.subarray(0, start), put, whole.subarray(end)]));
    if (Buffer.from(changed).equals(Buffer.from(whole))) continue;
    expect((await verify(changed, keys)).problems, `seed ${String(seed)}, from ${String(start)} to ${String(end)}`).not.toEqual([]);
  }
});

test("once the key was replaced a confession by who copied it is not proven, and what was sealed before is whole", async () => {
  const { keys: published, forged, problems } = (await read("rotated.json")) as { keys: unknown; forged: string; problems: string[] };
  const later = await publishedKeys(published);
  expect((await verify(fromBase64url(forged), keys)).problems).toEqual([]);
  expect((await verify(fromBase64url(forged), later)).problems).toEqual(problems);
  expect(problems).toEqual(["seal.jwt: its key was replaced, and the server's log of that time does not have it"]);
  expect((await verify(whole, later)).problems).toEqual([]);
});

test("a bundle may hold as much in one language as in the other, and nothing is sealed that would be more", async () => {
  expect(given.limits).toEqual([MAX_FILES, MAX_BYTES]);
  const item = making().items.find(({ pictures }) => pictures[0]);
  if (!item) throw new Error("no picture");
  let asked = 0;
  const seal = (): Promise<string> => Promise.resolve(String(asked += 1));
  // The files of so many messages are more than may be, since each is a picture of its own.
  const items = Array.from({ length: MAX_FILES - 4 }, (_, number) => ({ ...item, ...sentAnew(item, number) }));
  await expect(make(making({ items, seal }))).rejects.toThrow(TooMuch);
  expect(asked).toBe(0);
});

/** The same message with a picture of another sum. */
function sentAnew({ content, pictures }: Item, number: number): Pick<Item, "content" | "pictures"> {
  const { content: inside } = decodeMimi(content);
  if (inside.body.cardinality !== "multi") throw new Error("no text with it");
  const contentHash = new Uint8Array(32);
  new DataView(contentHash.buffer).setUint32(0, number);
  const parts = inside.body.parts.map((part) => (part.cardinality === "external" ? { ...part, contentHash } : part));
  return { content: encodeMimi({ ...inside, body: { ...inside.body, parts } }), pictures };
}

test("a stranger with keys of their own seals nothing for this server, though their bundle fits its own keys", async () => {
  const other = await mkdtemp(join(tmpdir(), "kindred-evidence-"));
  await python("-m", "tests.moderation.golden", other, "3");
  const forged = new Uint8Array(await readFile(join(other, "bundle.zip")));
  await rm(other, { recursive: true });
  expect((await verify(forged, await publishedKeys(bundledKeys(forged)))).problems).toEqual([]);
  expect((await verify(forged, keys)).problems).toContain("seal.jwt: signed by a key that is not published");
});

test("a message that proves nothing makes no bundle", async () => {
  const [first] = making().items;
  if (!first) throw new Error("no items");
  for (const attestation of ["", first.attestation.replace(".", ".x"), `${first.attestation}~`]) {
    await expect(make(making({ items: [{ ...first, attestation }] }))).rejects.toThrow(NotVerified);
  }
  expect((await verify(await make(making({ items: [{ ...first, content: utf8("none") }], seal: () => Promise.resolve(given.seal) })), keys)).problems).toContain("message 1: the content is not what was stamped");
});

/** Where the yes to a hand-over stands in the log of the case's room. */
const YES = 50;

/** `engine.evidence` between a case in which everything was shown and a server that seals; its log grows `late` times meanwhile. */
function exporting(proofs: Proof[], late = 0): { ask: (withhold: Withheld[], referral?: string) => Promise<EvidenceBundle>; parts: EvidenceParts; asked: string[] } {
  const asked: string[] = [];
  const { domain, network, made_by: by, custody } = given;
  let left = late;
  const answer = <T>(path: string, body: unknown, read: Reader<T>): Promise<T> => {
    asked.push(path);
    return Promise.resolve(read(body, "body"));
  };
  const http: EvidenceParts["http"] = {
    get: (path, reader) => answer(path, { network, by, at: given.made_at, entries: left > 0 ? custody.slice(0, -1) : custody }, reader),
    post: (path, _body, reader) => answer(path, { seal: (left -= 1) >= 0 ? given.sealed_late : given.seal }, reader),
    published: (name, reader) => answer(name, given.keys, reader),
  };
  const parts: EvidenceParts = { http, domain, proofs: () => Promise.resolve(proofs), placeOfYes: () => Promise.resolve(YES) };
  return { ask: (withhold, referral) => exportCase(parts, given.case, { withhold, ...(referral !== undefined && { referral }) }), parts, asked };
}

/** `fetched` gets the keys of those whose picture was asked for. */
const proofs = (fetched: string[] = []): Proof[] => making().items.map(({ attestation, content, pictures: [picture = null] }, index) => {
  const key = `key ${String(index)}`;
  const exhibit = { key, room: "room", seq: index + 1, at: index, from: "", text: "", changes: null, doubt: null, skipped: 0 };
  return { exhibit, since: YES - 1, attestation, content, picture: () => Promise.resolve(fetched.push(key) ? picture : null) };
});
const withheld = (): Withheld[] => given.items.flatMap(({ withheld: reason }, index) => (reason === null ? [] : [{ key: `key ${String(index)}`, reason }]));

test("a case is exported as it was shown, each message once, without those that prove nothing", async () => {
  const fetched: string[] = [];
  const [first, ...rest] = proofs(fetched);
  if (!first) throw new Error("no proofs");
  const as = (key: string, exhibit: Partial<Exhibit> = {}): Proof => ({ ...first, exhibit: { ...first.exhibit, key, ...exhibit } });
  const { ask, asked } = exporting([...rest, as("doubted", { seq: 99, doubt: "edited" }), first, as("again")]);
  const { name, bytes, leftOut, absent } = await ask(withheld());
  expect(Buffer.from(bytes).equals(Buffer.from(whole))).toBe(true);
  expect([leftOut, absent]).toEqual([["doubted"], 1]);
  // Nobody asks for a picture of what is left out.
  const out = withheld().map(({ key }) => key);
  expect(fetched).toEqual(proofs().map(({ exhibit }) => exhibit.key).filter((key) => !out.includes(key)));
  expect(name).toBe(`evidence-${given.case.slice(0, 8)}-${new Date(given.made_at).toISOString().slice(0, 10)}.zip`);
  expect(asked).toEqual([`/cases/${given.case}/custody`, `/cases/${given.case}/custody`, "kindred-keys.json", `/cases/${given.case}/exports`]);
});

test("a message that only a copied key attested is left out, and keeps no case from being exported", async () => {
  const other = await mkdtemp(join(tmpdir(), "kindred-evidence-"));
  await python("-m", "tests.moderation.golden", other, "1");
  const [stranger] = (JSON.parse(await readFile(join(other, "given.json"), "utf8")) as Given).items;
  await rm(other, { recursive: true });
  const [first] = proofs();
  if (!first || !stranger) throw new Error("no proofs");
  const foreign: Proof = { ...first, exhibit: { ...first.exhibit, key: "foreign", seq: 99 }, attestation: stranger.attestation };
  const { ask } = exporting([...proofs(), foreign]);
  const { bytes, leftOut } = await ask(withheld());
  expect(Buffer.from(bytes).equals(Buffer.from(whole))).toBe(true);
  expect(leftOut).toEqual(["foreign"]);
  await expect(exporting([foreign]).ask([])).rejects.toThrow("not_found");
});

test("nothing is sealed when a message to be withheld was never shown, or nothing proves anything", async () => {
  const { ask, asked } = exporting(proofs());
  await expect(ask([{ key: "key 99", reason: "left_out" }])).rejects.toThrow("not_found");
  const empty = exporting(proofs().map((proof) => ({ ...proof, exhibit: { ...proof.exhibit, doubt: "unsigned" } })));
  await expect(empty.ask([])).rejects.toThrow("not_found");
  expect([...asked, ...empty.asked]).toEqual([]);
});

test("what was shown only after the yes is not handed over, but was what was shown before, and again after", async () => {
  const fetched: string[] = [];
  const [first, second, third, ...rest] = proofs(fetched);
  if (!first || !second || !third) throw new Error("no proofs");
  const after = (proof: Proof, key: string): Proof => ({ ...proof, exhibit: { ...proof.exhibit, key }, since: YES + 1 });
  const { ask, parts, asked } = exporting([first, after(second, "late"), after(second, "late again"), { ...after(third, "at the yes"), since: YES }, ...rest, after(first, "again")]);
  const content = await contentOf(parts, given.case, given.handed_over.id);
  expect(content.messages).toEqual([first, ...rest].map(({ exhibit }) => exhibit));
  expect(content).toMatchObject({ unproven: 0, later: 2 });
  expect(await contentOf(parts, given.case)).toMatchObject({ later: 0, messages: { length: given.items.length } });
  // Whoever leaves out what stands there twice leaves it out, wherever it was pointed at.
  const out = [...withheld().map(({ key }) => key).filter((key) => rest.some(({ exhibit }) => exhibit.key === key)), "again"];
  // The seal is about another choice.
  await expect(ask(out.map((key) => ({ key, reason: "left_out" })), given.handed_over.id)).rejects.toThrow("unexpected");
  expect(fetched).toEqual(rest.map(({ exhibit }) => exhibit.key).filter((key) => !out.includes(key)));
  expect(asked).toContain(`/cases/${given.case}/exports`);
});

test("nothing is handed over when all of it was shown only after the yes", async () => {
  const { ask, asked } = exporting(proofs().map((proof) => ({ ...proof, since: YES + 1 })));
  await expect(ask([], given.handed_over.id)).rejects.toThrow("not_found");
  expect(asked).toEqual([]);
});

test("pictures that the server gives only after a while are waited for, and without a connection nothing is sealed", async () => {
  const answers: ("rate_limited" | "unreachable")[] = ["rate_limited", "rate_limited"];
  const slow = (): Proof[] => proofs().map((proof) => ({
    ...proof,
    picture: () => {
      const answer = answers.pop();
      return answer ? Promise.reject(new Refusal(answer, { retryAfterMs: 5 })) : proof.picture();
    },
  }));
  const { ask } = exporting(slow());
  expect(Buffer.from((await ask(withheld())).bytes).equals(Buffer.from(whole))).toBe(true);
  expect(answers).toEqual([]);
  answers.push("unreachable");
  const offline = exporting(slow());
  await expect(offline.ask(withheld())).rejects.toThrow("unreachable");
  expect(offline.asked.filter((path) => path.endsWith("/exports"))).toEqual([]);
});

test("when the log grows while a bundle is made, it is made again with all of its custody, but not for ever", async () => {
  const { ask, asked } = exporting(proofs(), 2);
  expect(Buffer.from((await ask(withheld())).bytes).equals(Buffer.from(whole))).toBe(true);
  expect(asked.filter((path) => path.endsWith("/exports"))).toHaveLength(3);
  const growing = exporting(proofs(), 99);
  await expect(growing.ask(withheld())).rejects.toThrow("unexpected");
  expect(growing.asked.filter((path) => path.endsWith("/exports"))).toHaveLength(3);
});

test("a bundle that would not hold is never handed out", async () => {
  const { ask } = exporting(proofs());
  // Another choice than the one that the seal is about.
  await expect(ask([])).rejects.toThrow("unexpected");
});

test("withholding twice withholds the same", () => {
  const token = given.items[0]?.attestation ?? "";
  expect(withhold(withhold(token))).toBe(withhold(token));
  expect(withhold(token).length).toBeLessThan(token.length);
});
