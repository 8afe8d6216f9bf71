import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { encode } from "cborg";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Headless } from "../../client/test/headless.ts";
import { unpack } from "../../client/src/evidence/container.ts";
import type { EvidenceBundle, Exhibit } from "../../client/src/contract/index.ts";
import { frankingTag, pad, reaction, text, type Content } from "./independent/content.ts";
import type { Device } from "./independent/device.ts";
import { bytes, concat, fromHex, type Bytes } from "./independent/encodings.ts";
import type { Line } from "./independent/lines.ts";
import type { Room } from "./independent/room.ts";
import { shown, soon, useScene } from "./scene.ts";

/** Eve has a client of her own making and tries that Ann reads one thing and evidence holds another. Cora is a moderator. */
const scene = useScene();
const root = resolve(import.meta.dirname, "../..");
const threat = "I know where your sister lives";
const plain = "text/plain;charset=utf-8";
let cora: Headless;
let ann: Headless;
let eve: Device;
let room: Room;
let folder: string;
let question: string;

const utf8 = (words: string): Bytes => bytes(Buffer.from(words));
const part = (type: string, data: Bytes): unknown[] => [1, "", 1, type, data];
const several = (semantics: number, ...parts: unknown[][]): unknown[] => [1, "", 3, semantics, parts];
const film = [6, "", 2, "video/mp4", "https://elsewhere.example/film", 0, 0, 0, utf8(""), utf8(""), utf8(""), 1, utf8(""), threat, "film.mp4"];

/** A content with this body, as bytes that `bend` may change, with the tag that belongs to them. */
async function tell(body: unknown[], given: Partial<Content> = {}, bend: (raw: Bytes) => Bytes = (raw) => raw): Promise<Line> {
  const { salt, replaces, inReplyTo, sender, room: place, name } = room.compose(given);
  const extensions = new Map<number | string, unknown>([[1, sender], [2, place], ["kindred.name", name]]);
  const raw = bend(bytes(encode([salt, replaces, new Uint8Array(), null, inReplyTo, extensions, body])));
  return room.sendBytes(pad(raw), frankingTag(salt, raw), { account: eve.account, id: "", content: null, doubt: "of her own making" });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "kindred-shown-"));
  cora = await scene.engine("Cora", scene.links.coordinator);
  ann = await scene.engine("Ann");
  eve = await scene.device("Eve");
  await soon("the open room is known", () => ann.engine.rooms().length === 1);
  const open = ann.engine.rooms()[0]?.id ?? "";
  await ann.engine.joinOpenRoom(open);
  await eve.room(open).enter();
  await soon("Ann sees Eve", () => ann.engine.members(open).length === 2);
  const id = await ann.engine.createGroup("Tuesday", [eve.account]);
  await soon("Eve is in", () => eve.room(id).group !== null);
  room = eve.room(id);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it("is shown nothing that evidence could not show, and is told so calmly", async () => {
  await ann.engine.sendText(room.id, "good morning");
  await soon("Eve has it", () => room.texts.includes("good morning"));
  await tell(part("Text/Plain;charset=utf-8", utf8(threat)));
  await tell(part("text/plain ;charset=utf-8", utf8(threat)));
  await tell(several(2, part(plain, utf8(threat)), part(plain, Uint8Array.of(0xff))));
  await tell(film);
  await tell(part(plain, utf8(threat)), {}, (raw) => {
    const at = Buffer.from(raw).lastIndexOf(Buffer.from([0x85, 1, 0x60, 1]));
    return concat(raw.subarray(0, at + 1), Uint8Array.of(0x18), raw.subarray(at + 1));
  });
  await tell(part(plain, utf8(threat)), {}, (raw) => concat(raw.subarray(0, 18), utf8(threat)));
  await tell(several(0, part(plain, utf8(threat)), part(plain, utf8("I love you"))));
  await tell(part(plain, utf8("I will \u202enot\u202c hurt you")));
  await soon("Ann has all of it", async () => (await shown(ann, room.id)).at(-1)?.includes("hurt you") === true);
  expect(await shown(ann, room.id)).toEqual([
    "Ann: good morning", ...Array<string>(6).fill("Eve: (unreadable)"), `Eve: ${threat}`, "Eve: I will ⟨U+202E⟩not⟨U+202C⟩ hurt you",
  ]);
});

it("is shown as a reaction one emoji, and never a sentence", async () => {
  const { messages } = await ann.engine.messages(room.id);
  const target = room.lines.find(({ content }) => content?.part && Buffer.from(content.part.data).toString() === "good morning");
  const inReplyTo = fromHex(target?.id ?? "");
  await room.send({ disposition: reaction, part: text(threat), inReplyTo });
  await room.send({ disposition: reaction, part: text("🙏"), inReplyTo });
  const given = async () => (await ann.engine.messages(room.id)).messages.find(({ key }) => key === messages.find(({ body }) => body.type === "text" && body.text === "good morning")?.key)?.reactions ?? [];
  await soon("Ann has the emoji", async () => (await given()).length > 0);
  expect((await given()).map(({ emoji, accounts }) => [emoji, accounts])).toEqual([["🙏", [eve.account]]]);
});

it("can show all of it to moderators with its proof: what nobody could be shown, the reaction, and the name", async () => {
  room.name = "I know where you live";
  await room.sayName();
  await soon("Ann is shown the name", () => ann.engine.person(eve.account)?.name === "I know where you live");
  room.name = "Eve";
  await room.sayName();
  await soon("Ann is shown another one", () => ann.engine.person(eve.account)?.name === "Eve");
  // The threat is found again after the next name.
  const [newest] = await ann.engine.cases.namesOf(eve.account);
  const names = await ann.engine.cases.suggest(room.id, newest?.message ?? "");
  expect(names.map(({ given, asked }) => [given, asked])).toEqual([["Eve", false], ["I know where you live", false], ["Eve", true]]);
  const name = { room: newest?.room, message: names[1]?.key };
  expect(name.room).toBe(room.id);
  const { messages } = await ann.engine.messages(room.id);
  const theirs = messages.filter(({ from, body }) => from === eve.account && body.type !== "system").map(({ key }) => key);
  const reacted = messages.flatMap(({ reactions }) => reactions.flatMap(({ keys }) => keys));
  expect((await ann.engine.cases.suggest(room.id, reacted[0] ?? "")).filter(({ asked }) => asked)).toMatchObject([{ text: "🙏", as: "reaction", from: eve.account }]);

  question = await ann.engine.cases.ask({ room: room.id, messages: [...theirs, ...reacted, name.message ?? ""], concern: "threats", urgency: "today", wish: "", named: false, keptFrom: [] });
  let exhibits: Exhibit[] = [];
  await soon("Cora is in and has it", async () => {
    if (!(await cora.engine.cases.queue(false)).some(({ id, inside }) => id === question && inside)) return false;
    const [report] = await cora.engine.cases.reports(question);
    exhibits = report?.complete === true ? report.exhibits : [];
    return exhibits.length > 0;
  });
  expect(exhibits.map(({ doubt }) => doubt)).toEqual(exhibits.map(() => null));
  expect(exhibits.map(({ text: words, as, unreadable }) => [as ?? (unreadable ? "unreadable" : "said"), words])).toEqual([
    ...Array.from({ length: 6 }, () => ["unreadable", ""]), ["said", threat], ["said", "I will ⟨U+202E⟩not⟨U+202C⟩ hurt you"], ["reaction", "🙏"], ["name", "I know where you live"],
  ]);
  // No threat is lost, though nobody was shown it.
  for (const { unreadable } of exhibits.slice(0, 6)) expect(unreadable?.raw).toContain(threat);
});

it("keeps no case from being exported: evidence says the same, and verifies in both languages", async () => {
  await cora.engine.cases.claim(question);
  const made: EvidenceBundle[] = [];
  await soon("it is exported", async () => made.push(await cora.engine.evidence.export(question, { withhold: [] })) > 0);
  const [{ bytes: data, leftOut } = { bytes: new Uint8Array(), leftOut: null }] = made;
  expect(leftOut).toEqual([]);
  const { messages } = JSON.parse(Buffer.from(unpack(data).get("bundle.json") ?? "").toString()) as { messages: { text: string }[] };
  const said = messages.map(({ text: words }) => words.replace(/SHA-256 [0-9a-f]{64}/, "SHA-256 …"));
  expect(said).toEqual([
    ...Array<string>(6).fill("[not shown: this message is in no form that can be read and checked. SHA-256 …]"), threat, "I will ⟨U+202E⟩not⟨U+202C⟩ hurt you",
    "[reacted with] 🙏", "[calls themself] I know where you live",
  ]);
  expect(JSON.stringify(said)).not.toContain("I love you");
  await writeFile(join(folder, "bundle.zip"), data);
  const keys = await fetch(new URL("/.well-known/kindred-keys.json", scene.server.address));
  await writeFile(join(folder, "keys.json"), await keys.text());
  const { stdout } = await promisify(execFile)(join(root, ".venv/bin/python"), ["manage.py", "verify_evidence", join(folder, "bundle.zip"), "--keys", join(folder, "keys.json")], { cwd: root });
  expect(stdout).toContain(`Whole. ${String(said.length)} messages as the server stamped them, 0 withheld.`);
  expect(scene.faults).toEqual([]);
});
