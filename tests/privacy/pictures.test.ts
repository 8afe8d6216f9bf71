import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { headless, type Headless } from "../../client/test/headless.ts";
import { insideOf } from "../../client/test/forger.ts";
import { photo } from "../../client/test/photos.ts";
import { type Bytes, concat, utf8 } from "../../client/src/protocol/bytes.ts";
import { pictureOf } from "../../client/src/engine/rooms/pictures.ts";
import { pause } from "../support/processes.ts";
import { KindredServer } from "../support/server.ts";
import { Service } from "../support/services.ts";
import { bytesBelow } from "./database.ts";
import { type Form, formsOf, formsOfBytes, found } from "./forms.ts";
import { Recorder } from "./recorder.ts";
import { Watch } from "./watch.ts";

/** Stand nowhere else in the world: inside the picture's pixels, in what its sender says of it, in the name of the file. */
const secrets = {
  "the bytes of a picture": "Pixels qf94 of the harbour wall",
  "its description": "A ferry tk27 at the quay, two people",
  "its file's name": "Holiday mz61 with Vera.jpg",
  "the words with it": "This was wd38 at home",
} as const;
/** Said around it, between whoever asked and moderators, and among these. */
const helped = {
  "what somebody hopes for": "Please ny18 make him stop",
  "a moderator's answer": "Are you bv63 safe tonight",
  "a note among moderators": "Her phone xc40 is shared",
  "a service that is offered": "The house hw92 at the mill",
  "whom it would be handed to": "Inspector lp57 Marsh",
} as const;
const wait = 60_000;

let server: KindredServer;
let wire: Recorder;
let redis: Recorder;
let service: Service;
let watch: Watch;
let people: Headless[] = [];
let sealed: Bytes;
let room: string;
let zip: Bytes;
const faults: unknown[] = [];

beforeAll(async () => {
  [wire, redis, service] = await Promise.all([Recorder.listen("127.0.0.1"), Recorder.listen("127.0.0.1"), Service.start("redis")]);
  redis.leadTo(Number(new URL(service.url).port));
  server = await KindredServer.start({ settings: { ORIGIN: wire.address, REDIS_URL: `redis://127.0.0.1:${redis.port}/0`, LOG_LEVEL: "DEBUG" } });
  wire.leadTo(server.port);
  watch = new Watch(() => server, wire, { ...secrets, ...helped });
  const links = await server.links();
  const [mod, bea, ann] = [await join("Mo", links.coordinator), await join("Bea", links.members[0] ?? ""), await join("Ann", links.members[1] ?? "")];
  room = mod.engine.rooms().find(({ kind }) => kind === "open")?.id ?? "";
  for (const { engine } of people) {
    await until(() => Promise.resolve(engine.room(room)));
    if (engine.room(room)?.joined !== true) await engine.joinOpenRoom(room);
  }
  const key = await bea.engine.pictures.send(room, new File([picture()], secrets["its file's name"]), { text: secrets["the words with it"], description: secrets["its description"] });
  await until(async () => (await ann.engine.messages(room)).messages.find((one) => one.key === key && one.seq !== null));
  expect((await ann.engine.pictures.load(room, key)).state).toBe("here");
  await watch.look("a picture was sent and looked at");
  await show(ann, mod, key);
}, 300_000);
afterAll(async () => {
  for (const person of people) await person.end();
  await Promise.all([server?.remove(), wire?.close(), redis?.close()]);
  await service?.remove();
});

function picture(): Bytes {
  const whole = photo(3000);
  return concat(whole.subarray(0, -2), utf8(secrets["the bytes of a picture"]), whole.subarray(-2));
}

/** What the question gives once it gives something. It may go to the server, which takes twenty such a second. */
async function until<T>(question: () => Promise<T | null | undefined>): Promise<T> {
  for (const end = Date.now() + wait; Date.now() < end && faults.length === 0; await pause(250)) {
    const answer = await question();
    if (answer !== null && answer !== undefined) return answer;
  }
  throw new Error(`not in time: ${question.toString()}`, { cause: faults[0] });
}

async function join(name: string, link: string): Promise<Headless> {
  const person = await headless({ origin: wire.address, unexpected: (error) => faults.push(error) });
  people = [...people, person];
  const { conduct } = await person.engine.readInvite(link);
  await person.engine.join(link, { name, pin: "2580", conductVersion: conduct?.version ?? 1 });
  await until(() => Promise.resolve(person.engine.connection() === "online" || null));
  return person;
}

/** A member shows it to a moderator, who looks at it and makes evidence of it. */
async function show(member: Headless, { engine }: Headless, key: string): Promise<void> {
  const id = await member.engine.cases.ask({ room, messages: [key], concern: "threats", urgency: "today", wish: helped["what somebody hopes for"], named: false, keptFrom: [] });
  const exhibit = await until(async () => ((await engine.cases.queue(false)).find((one) => one.id === id)?.inside === true ? (await engine.cases.reports(id))[0]?.exhibits[0] : null));
  // It follows the words.
  await until(async () => (await engine.cases.picture(id, exhibit.key)).state === "here" || null);
  await watch.look("a picture was shown to moderators");
  await engine.cases.claim(id);
  await help(member, engine, id);
  await watch.look("moderators helped");
  zip = (await engine.evidence.export(id, { withhold: [] })).bytes;
  await watch.look("evidence was made");
  const { session, http } = insideOf(engine);
  const [proof] = await session.moderation.cases.proofs(id);
  const blob = proof && pictureOf(proof.content)?.blob;
  sealed = await http.bytes(`/rooms/${(await engine.cases.file(id)).room ?? ""}/blobs/${blob ?? ""}`, wait);
}

/** The moderator says all of `helped` that is theirs to say, and it arrives. */
async function help(member: Headless, engine: Headless["engine"], id: string): Promise<void> {
  const talk = (await engine.cases.file(id)).room ?? "";
  expect((await engine.cases.reports(id))[0]?.wish).toBe(helped["what somebody hopes for"]);
  await engine.sendText(talk, helped["a moderator's answer"]);
  await engine.staff.writeNote(id, helped["a note among moderators"]);
  await engine.referrals.offer(id, { name: helped["a service that is offered"], does: "", phone: "1", web: "", place: "", hours: "" });
  await engine.referrals.propose(id, { to: helped["whom it would be handed to"], what: "all", why: "help" });
  await until(async () => {
    const said = JSON.stringify((await member.engine.messages(talk)).messages);
    const came = [helped["a moderator's answer"], helped["a service that is offered"], helped["whom it would be handed to"]].every((words) => said.includes(words));
    const noted = (await engine.staff.notes(id)).some(({ text, waiting }) => text === helped["a note among moderators"] && !waiting);
    return (came && noted) || null;
  });
}

/** Where any of `forms` stands in what the server keeps, prints, hears, says and passes through Redis. */
async function findings(forms: readonly Form[]): Promise<Record<"kept" | "wire" | "redis", string[]>> {
  const files = await bytesBelow(server.dataDir);
  const { requests, responses, fromBrowser, toBrowser } = wire.heard();
  const said = [...requests, ...responses].flatMap(({ line, body }) => [Buffer.from(line, "latin1"), body]);
  return {
    kept: [...files].flatMap(([path, bytes]) => found(forms, bytes).map((how) => `${path}: ${how}`)),
    wire: found(forms, Buffer.concat([...said, ...fromBrowser, ...toBrowser, ...wire.raw()])),
    redis: found(forms, Buffer.concat(redis.raw())),
  };
}

describe("P28 pictures are nobody's", () => {
  test("whoever searches here can find", async () => {
    const { kept, wire: passed } = await findings(formsOfBytes(sealed.subarray(0, 64)));
    expect(kept, "the ciphertext lies on the server").not.toEqual([]);
    expect(passed).not.toEqual([]);
    const { redis: through } = await findings(formsOfBytes(Buffer.from(room.replaceAll("-", ""), "hex")));
    expect(through, "and Redis heard of the room").not.toEqual([]);
    for (const [what, text] of Object.entries(secrets)) {
      if (what !== "its file's name") expect(found(formsOf(text), Buffer.from(zip)), `${what} is in the evidence`).not.toEqual([]);
    }
    expect(watch.looks).toHaveLength(4);
    for (const { when, remains } of watch.looks) expect(remains, `of what was sent stands in memory, as ${when}`).toBeGreaterThan(0);
    expect(faults).toEqual([]);
  });

  test.each(Object.entries(secrets))("%s is nowhere outside devices after it was sent, shown to a moderator and made evidence", async (what, text) => {
    expect(await findings(formsOf(text))).toEqual({ kept: [], wire: [], redis: [] });
    expect(watch.foundOf(what), "in the server's memory").toEqual([]);
  });

  test.each(Object.entries(helped))("%s is nowhere outside devices either", async (what, text) => {
    expect(await findings(formsOf(text))).toEqual({ kept: [], wire: [], redis: [] });
    expect(watch.foundOf(what), "in the server's memory").toEqual([]);
  });

  test("and the file's name not even in the evidence", () => {
    expect(found(formsOf(secrets["its file's name"]), Buffer.from(zip))).toEqual([]);
  });
});
