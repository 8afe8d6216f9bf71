import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { contentsIn, insideOf, sayCard } from "../../client/test/forger.ts";
import { headless, type Headless } from "../../client/test/headless.ts";
import type { Referral } from "../../client/src/contract/index.ts";
import { unpack } from "../../client/src/evidence/container.ts";
import { utf8Text } from "../../client/src/protocol/bytes.ts";
import { Refusal } from "../../client/src/protocol/errors.ts";
import { newUuid } from "../../client/src/protocol/ids.ts";
import { KindredServer } from "../support/server.ts";

let server: KindredServer;
let staff: Headless;
let mod: Headless;
let ann: Headless;
let rook: Headless;
let open: string;
let id: string;
let room: string;
const people: Headless[] = [];
const faults: unknown[] = [];
const ABOUT = { to: "The police in Berlin", what: "The message that was shown", why: "So that they can look for him" };
const SHELTER = { name: "Night shelter", does: "A bed and food", phone: "+49 30 1234567", web: "", place: "Quay Street 12", hours: "18:00 to 9:00" };

beforeAll(async () => {
  server = await KindredServer.start();
  staff = await join("Staff", (await server.links()).coordinator);
  mod = await invite("Mo", "moderator");
  [ann, rook] = [await invite("Ann", "member"), await invite("Rook", "member")];
  open = staff.engine.rooms().find(({ kind }) => kind === "open")?.id ?? "";
  for (const { engine } of [staff, ann, rook]) {
    await until(() => engine.room(open) !== null);
    if (engine.room(open)?.joined !== true) await engine.joinOpenRoom(open);
  }
  await rook.engine.sendText(open, "come and work for me");
  const bait = await sent(ann, open, "come and work for me");
  id = await ann.engine.cases.ask({ room: open, messages: [bait], concern: "recruitment", urgency: "today", wish: "", named: false, keptFrom: [] });
  await until(async () => (await mod.engine.cases.queue(false)).some((one) => one.id === id && one.inside));
  await until(async () => (await mod.engine.cases.reports(id)).some(({ complete }) => complete));
  room = (await mod.engine.cases.file(id)).room ?? "";
  await mod.engine.cases.claim(id);
});
afterAll(async () => {
  for (const person of people) await person.end();
  await server.remove();
});

async function join(name: string, link: string): Promise<Headless> {
  const person = await headless({ origin: server.address, unexpected: (error) => faults.push(error) });
  people.push(person);
  const { conduct } = await person.engine.readInvite(link);
  await person.engine.join(link, { name, pin: "2580", conductVersion: conduct?.version ?? 1 });
  await until(() => person.engine.connection() === "online");
  return person;
}

async function invite(name: string, role: "member" | "moderator"): Promise<Headless> {
  const link = await staff.engine.createInvite({ role, uses: 1, days: 1 });
  return join(name, link.slice(link.indexOf("#")));
}

async function until(condition: () => boolean | Promise<boolean>, withinMs = 60_000): Promise<void> {
  const end = Date.now() + withinMs;
  while (!(await condition())) {
    if (Date.now() > end || faults.length > 0) throw new Error(`not in time: ${condition.toString()}`, { cause: faults[0] });
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function sent({ engine }: Headless, place: string, text: string): Promise<string> {
  const find = async () => (await engine.messages(place, { limit: 1000 })).messages.find(({ body, seq }) => body.type === "text" && body.text === text && seq !== null);
  await until(async () => (await find()) !== undefined);
  return (await find())?.key ?? "";
}

const account = ({ engine }: Headless) => engine.me().account;

/** The hand-over as this person sees it, once it is so. */
async function seen({ engine }: Headless, so: (one: Referral) => boolean): Promise<Referral> {
  const find = async () => (await engine.referrals.list(id)).find(so);
  await until(async () => (await find()) !== undefined);
  const found = await find();
  if (!found) throw new Error("no such hand-over");
  return found;
}

async function verified(bytes: Uint8Array): Promise<string> {
  const folder = await mkdtemp(resolve(tmpdir(), "kindred-evidence-"));
  const [file, keys] = [resolve(folder, "evidence.zip"), resolve(folder, "keys.json")];
  await Promise.all([writeFile(file, bytes), writeFile(keys, await (await fetch(`${server.address}/.well-known/kindred-keys.json`)).text())]);
  const root = resolve(import.meta.dirname, "../..");
  const { stdout } = await promisify(execFile)(resolve(root, ".venv/bin/python"), ["manage.py", "verify_evidence", file, "--keys", keys], { cwd: root });
  await rm(folder, { recursive: true });
  return stdout;
}

describe("the time to answer in a case that was taken", () => {
  const since = async ({ engine }: Headless) => (await engine.cases.file(id)).answerFrom;
  const told = () => insideOf(mod.engine).http.get(`/cases/${id}`, (value) => value as { answered: boolean; moved_at: number; asked_at?: number });
  const saidAt = async (text: string) => (await mod.engine.messages(room)).messages.find(({ body }) => body.type === "text" && body.text === text)?.at;

  it("runs on each moderator's device from the taking on, until one has written; the server hears that much, and not when or who", async () => {
    const before = await told();
    expect(before.answered).toBe(false);
    for (const person of [mod, staff]) await until(async () => (await since(person)) === before.moved_at);
    await mod.engine.sendText(room, "I am reading it");
    for (const person of [mod, staff]) await until(async () => (await since(person)) === null);
    await until(async () => (await told()).answered);
    expect(await told()).toEqual({ ...before, answered: true });
  });

  it("runs again from the first thing that whoever asked says, which their device tells the server", async () => {
    const before = await told();
    const asked = async () => (await ann.engine.cases.questions()).find((one) => one.id === id)?.answerFrom;
    await until(async () => (await asked()) === null);
    await ann.engine.sendText(room, "He writes again");
    await sent(mod, room, "He writes again");
    await until(async () => (await told()).asked_at !== undefined);
    const first = (await told()).asked_at;
    await ann.engine.sendText(room, "And again");
    await sent(staff, room, "And again");
    const at = await saidAt("He writes again");
    for (const person of [mod, staff]) await until(async () => (await since(person)) === at);
    await until(async () => (await asked()) === at);
    expect(first).toBeGreaterThanOrEqual(at ?? Infinity);
    expect(await told()).toEqual({ ...before, asked_at: first });
    await mod.engine.sendText(room, "I see it");
    await until(async () => (await told()).asked_at === undefined);
    expect(await told()).toEqual(before);
    await until(async () => (await asked()) === null);
  });

  it("stands still in one that was set to wait, until whoever asked writes; and after a restart it is as before", async () => {
    await mod.engine.cases.setWaiting(id, true);
    expect(await since(mod)).toBeNull();
    await ann.engine.sendText(room, "I remember his name");
    await sent(mod, room, "I remember his name");
    const at = await saidAt("I remember his name");
    await until(async () => (await since(mod)) === at);
    await mod.restart("2580");
    await until(() => mod.engine.connection() === "online");
    expect(await since(mod)).toBe(at);
    await mod.engine.cases.setWaiting(id, false);
    expect(await since(mod)).toBe((await told()).moved_at);
  });
});

describe("what moderators know of whoever asks again", () => {
  const ask = async (named: boolean, keptFrom: string[] = []): Promise<string> => {
    const made = await ann.engine.cases.ask({ room: open, messages: [], concern: "other", urgency: "soon", wish: "", named, keptFrom });
    await until(async () => (await staff.engine.cases.asker(made).catch(() => null)) !== null);
    return made;
  };
  let nameless: string;
  let named: string;

  it("is how often they asked and how that ended, and joins nothing that they asked with their name to what they asked without", async () => {
    expect(await mod.engine.cases.asker(id)).toEqual({ account: account(ann), named: false, times: 1, outcomes: {} });
    [nameless, named] = [await ask(false), await ask(true)];
    await ann.engine.cases.withdraw(nameless);
    for (const person of [mod, staff]) {
      await until(async () => (await person.engine.cases.asker(id))?.outcomes.withdrawn === 1);
      for (const one of [id, nameless]) expect(await person.engine.cases.asker(one)).toEqual({ account: account(ann), named: false, times: 2, outcomes: { withdrawn: 1 } });
      await until(async () => (await person.engine.cases.asker(named)) !== null);
      expect(await person.engine.cases.asker(named)).toEqual({ account: account(ann), named: true, times: 1, outcomes: {} });
    }
  });

  it("and of a person are the cases in which their messages were shown, and those that they asked with their name", async () => {
    const of = async (person: Headless) => {
      const { shown, asked } = await mod.engine.cases.about(account(person));
      return { shown: shown.map((one) => one.id), asked: asked.map((one) => one.id) };
    };
    expect(await of(ann)).toEqual({ shown: [], asked: [named] });
    expect(await of(rook)).toEqual({ shown: [id], asked: [] });
    await expect(mod.engine.cases.about(account(mod))).rejects.toMatchObject({ code: "forbidden" });
  });

  it("is nothing of a case that is kept from them", async () => {
    const kept = await ask(true, [account(mod)]);
    expect((await staff.engine.cases.about(account(ann))).asked.map((one) => one.id)).toEqual([kept, named]);
    expect((await mod.engine.cases.about(account(ann))).asked.map((one) => one.id)).toEqual([named]);
    expect((await mod.engine.cases.asker(named))?.times).toBe(1);
    await expect(mod.engine.cases.asker(kept)).rejects.toMatchObject({ code: "not_found" });
    await ann.engine.cases.withdraw(kept);
  });

  it("tells apart what was decided about them as who asked, by whether they gave their name there", async () => {
    const limit = { subject: account(ann), kind: "limit_reports", ground: "law", card: null, law: "A law", finding: "other", room: null, until: Date.now() + 60_000 } as const;
    const made = [await mod.engine.decisions.decide({ ...limit, case: id, facts: null }), await mod.engine.decisions.decide({ ...limit, case: named, facts: null })];
    expect(made.map(({ asker, named: so }) => [asker, so])).toEqual([[true, false], [true, true]]);
    const found = await staff.engine.decisions.list({ subject: account(ann) });
    expect(Object.fromEntries(found.map((one) => [one.case, one.named]))).toEqual({ [id]: false, [named]: true });
    for (const one of made) await mod.engine.decisions.lift(one.id, "enough");
  });
});

describe("handing a case over to somebody outside", () => {
  it("asks whoever asked in words that the server never has, and needs their yes and a second moderator", async () => {
    await mod.engine.referrals.propose(id, ABOUT);
    const asked = await seen(ann, ({ about }) => about !== null);
    expect(asked).toMatchObject({ about: ABOUT, consented: null, needsSecond: true, ready: false, proposedBy: account(mod), handedOverAt: null });
    const make = () => mod.engine.evidence.export(id, { withhold: [], referral: asked.id });
    await expect(make()).rejects.toMatchObject({ code: "forbidden" });
    await ann.engine.referrals.answer(id, asked.id, true);
    await seen(mod, ({ consented }) => consented === true);
    await expect(make()).rejects.toMatchObject({ code: "forbidden" });
    await expect(mod.engine.referrals.agree(id, asked.id)).rejects.toMatchObject({ code: "forbidden" });
    await seen(staff, ({ about }) => about !== null);
    await staff.engine.referrals.agree(id, asked.id);
    await seen(mod, ({ ready, agreedBy }) => ready && agreedBy === account(staff));
    await ann.engine.referrals.answer(id, asked.id, false);
    await seen(mod, ({ consented, ready }) => consented === false && !ready);
    await expect(make()).rejects.toMatchObject({ code: "forbidden" });
    await ann.engine.referrals.answer(id, asked.id, true);
    await seen(mod, ({ ready }) => ready);
    const told = await verified((await make()).bytes);
    for (const words of ["Whole. 1 messages", "Made for an agency with the member's consent, hand-over "]) expect(told).toContain(words);
    // What she shows in trust afterwards is not what she said yes to, until she says so again.
    await rook.engine.sendText(open, "bring your passport");
    const [bait, more] = [await sent(ann, open, "come and work for me"), await sent(ann, open, "bring your passport")];
    await ann.engine.cases.showMore(id, open, [bait, more]);
    await until(async () => (await mod.engine.cases.reports(id)).filter(({ complete }) => complete).length === 2);
    const key = (await mod.engine.cases.reports(id)).flatMap(({ exhibits }) => exhibits).find(({ text }) => text === "bring your passport")?.key ?? "";
    const words = async (referral?: string) => {
      const { messages, later } = await mod.engine.evidence.content(id, referral);
      return [messages.map(({ text }) => text), later];
    };
    expect(await words(asked.id)).toEqual([["come and work for me"], 1]);
    expect(await words()).toEqual([["come and work for me", "bring your passport"], 0]);
    const again = await make();
    expect(await verified(again.bytes)).toContain("Whole. 1 messages");
    expect(again.leftOut).toEqual([key]);
    for (const file of unpack(again.bytes).values()) expect(utf8Text(file)).not.toContain("bring your passport");
    await ann.engine.referrals.answer(id, asked.id, false);
    await seen(mod, ({ ready }) => !ready);
    await ann.engine.referrals.answer(id, asked.id, true);
    await seen(mod, ({ ready }) => ready);
    await until(async () => (await mod.engine.evidence.content(id, asked.id)).later === 0);
    expect(await words(asked.id)).toEqual([["come and work for me", "bring your passport"], 0]);
    expect(await verified((await mod.engine.evidence.export(id, { referral: asked.id, withhold: [{ key, reason: "left_out" }] })).bytes)).toContain("Whole. 1 messages as the server stamped them, 1 withheld.");
    await seen(ann, ({ handedOverAt }) => handedOverAt !== null);
    await ann.engine.referrals.answer(id, asked.id, false);
    await expect(make()).rejects.toMatchObject({ code: "forbidden" });
    const contents = await contentsIn(mod.engine, room);
    expect(contents.filter((content) => content.includes("Ann"))).toEqual([]);
  });

  it("takes no yes that the server alone tells, and no words that somebody else put under the same id", async () => {
    await mod.engine.referrals.propose(id, { ...ABOUT, to: "The other agency" });
    const asked = await seen(ann, ({ about }) => about?.to === "The other agency");
    const { http } = insideOf(ann.engine);
    // As a server would that wants it to happen.
    await http.post(`/cases/${id}/referrals/${asked.id}/consent`, { consent: true }, (value) => value);
    await sayCard(staff.engine, room, { kind: "handOver", referral: asked.id, about: { ...ABOUT, to: "Only the doctor" } });
    await sayCard(staff.engine, room, { kind: "answer", referral: asked.id, consent: true });
    await until(async () => (await mod.engine.messages(room)).messages.filter(({ body, from }) => body.type === "card" && from === account(staff)).length === 2);
    expect(await seen(mod, (one) => one.id === asked.id)).toMatchObject({ about: { to: "The other agency" }, consented: null, ready: false });
    await expect(staff.engine.referrals.propose(id, ABOUT)).resolves.toBeUndefined();
    await expect(mod.engine.referrals.propose(id, { ...ABOUT, why: " " })).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("a hand-over that is not to be", () => {
  const withId = (wanted: string) => (one: Referral) => one.id === wanted;

  it("is over once a second moderator does not agree, for whoever asked too", async () => {
    await mod.engine.referrals.propose(id, { ...ABOUT, to: "The newspaper" });
    const { id: made } = await seen(staff, ({ about }) => about?.to === "The newspaper");
    await seen(ann, (one) => withId(made)(one) && one.about !== null);
    await ann.engine.referrals.answer(id, made, true);
    await staff.engine.referrals.refuse(id, made);
    for (const person of [ann, mod, staff]) {
      expect(await seen(person, (one) => withId(made)(one) && one.refusedAt !== null)).toMatchObject({ refusedBy: account(staff), ready: false, dueAt: null });
    }
    await expect(staff.engine.referrals.agree(id, made)).rejects.toMatchObject({ code: "conflict" });
    await expect(ann.engine.referrals.answer(id, made, true)).rejects.toMatchObject({ code: "conflict" });
    await expect(mod.engine.evidence.export(id, { withhold: [], referral: made })).rejects.toMatchObject({ code: "forbidden" });
  });

  it("is taken back though its words never came, and the same is proposed anew", async () => {
    const { http } = insideOf(mod.engine);
    const lost = newUuid();
    // As an app does that is put away between the two.
    await http.post(`/cases/${id}/referrals`, { id: lost }, (value) => value);
    expect(await seen(staff, withId(lost))).toMatchObject({ about: null, dueAt: expect.any(Number) as number });
    await expect(staff.engine.referrals.agree(id, lost)).rejects.toMatchObject({ code: "not_found" });
    await expect(ann.engine.referrals.refuse(id, lost)).rejects.toMatchObject({ code: "forbidden" });
    await mod.engine.referrals.refuse(id, lost);
    expect(await seen(ann, (one) => withId(lost)(one) && one.refusedAt !== null)).toMatchObject({ about: null, refusedBy: account(mod), dueAt: null });
    await mod.engine.referrals.propose(id, { ...ABOUT, to: "The doctor" });
    const { id: made } = await seen(ann, ({ about }) => about?.to === "The doctor");
    expect(made).not.toBe(lost);
    await mod.engine.referrals.refuse(id, made);
    await seen(ann, (one) => withId(made)(one) && one.refusedAt !== null);
  });
});

describe("offering a service", () => {
  it("shows it as a card in the talk, and the moderator finds it again, also after a restart", async () => {
    await mod.engine.referrals.offer(id, { ...SHELTER, name: ` ${SHELTER.name} ` });
    const card = async () => (await ann.engine.messages(room)).messages.find(({ body }) => body.type === "card" && body.card.kind === "service");
    await until(async () => (await card()) !== undefined);
    expect((await card())?.body).toEqual({ type: "card", card: { kind: "service", service: SHELTER } });
    await mod.engine.referrals.offer(id, { ...SHELTER, name: "Doctor", phone: "112" });
    await mod.engine.referrals.offer(id, SHELTER);
    await mod.restart("2580");
    await until(() => mod.engine.connection() === "online");
    expect((await mod.engine.referrals.services()).map(({ name }) => name)).toEqual(["Night shelter", "Doctor"]);
    await mod.engine.referrals.forget(SHELTER);
    expect((await mod.engine.referrals.services()).map(({ name }) => name)).toEqual(["Doctor"]);
  });
});

describe("talking about a decision", () => {
  it("reaches whoever was suspended, who writes back and has nothing else", async () => {
    const decision = await mod.engine.decisions.decide({ subject: account(rook), kind: "suspend", ground: "law", card: null, law: "A law", finding: "other", room: null, until: Date.now() + 3_600_000, case: id, facts: null });
    await until(() => rook.engine.phase() === "suspended");
    const talk = await mod.engine.decisions.openTalk(decision.id);
    expect(await mod.engine.decisions.openTalk(decision.id)).toBe(talk);
    expect(await staff.engine.decisions.openTalk(decision.id)).toBe(talk);
    await mod.engine.sendText(talk, "This is why");
    await until(async () => (await rook.engine.decisions.mine()).some((one) => one.talk === talk));
    await until(() => rook.engine.room(talk)?.active === true);
    await sent(rook, talk, "This is why");
    expect(rook.engine.decisions.talksUnread()).toBeGreaterThan(0);
    await rook.engine.sendText(talk, "I did not know");
    await sent(mod, talk, "I did not know");
    await sent(staff, talk, "I did not know");
    await until(() => staff.engine.decisions.talksUnread() > 0);
    expect(mod.engine.rooms().map((one) => one.id)).not.toContain(talk);
    expect(ann.engine.room(talk)).toBeNull();
    await rook.engine.sendText(open, "can anybody hear me?");
    await expect(rook.engine.createGroup("Work", [account(ann)])).rejects.toMatchObject({ code: "suspended" });
    expect((await staff.engine.messages(open)).messages.map(({ body }) => (body.type === "text" ? body.text : ""))).not.toContain("can anybody hear me?");
  });

  it("goes on after a restart, and everything opens when the suspension is over", async () => {
    await rook.restart("2580");
    await until(() => rook.engine.phase() === "suspended");
    const [statement] = await rook.engine.decisions.mine();
    const talk = statement?.talk ?? "";
    await mod.engine.sendText(talk, "You can come back");
    await sent(rook, talk, "You can come back");
    await mod.engine.decisions.lift(statement?.decision ?? "", "heard");
    await until(() => rook.engine.phase() === "open");
    await until(() => rook.engine.connection() === "online");
    await rook.engine.sendText(talk, "thank you");
    await sent(mod, talk, "thank you");
    expect(faults).toEqual([]);
  });

  it("is told to a member who was only warned, and cannot be begun before a decision is in force", async () => {
    const warned = await mod.engine.decisions.decide({ subject: account(ann), kind: "warn", ground: "law", card: null, law: "A law", finding: "other", room: null, until: null, case: null, facts: null });
    const talk = await staff.engine.decisions.openTalk(warned.id);
    await staff.engine.sendText(talk, "Please be kind");
    await until(() => ann.engine.decisions.talksUnread() > 0);
    expect((await ann.engine.decisions.mine()).filter(({ kind }) => kind === "warn").map((one) => one.talk)).toEqual([talk]);
    const ban = await mod.engine.decisions.decide({ subject: account(rook), kind: "ban", ground: "law", card: null, law: "A law", finding: "other", room: null, until: null, case: null, facts: null });
    await expect(mod.engine.decisions.openTalk(ban.id)).rejects.toMatchObject({ code: "forbidden" });
  });
});

describe("whoever is suspended", () => {
  it("says to the end what they had begun to ask, with its proof", async () => {
    await ann.engine.sendText(open, "this is what I mean");
    const key = await sent(rook, open, "this is what I mean");
    const { http } = insideOf(rook.engine);
    const post = http.post.bind(http);
    let held = 0;
    http.post = ((path: string, ...rest: [object, never]) => (path.endsWith("/attest") && ++held > 0 ? Promise.reject(new Refusal("unavailable")) : post(path, ...rest))) as typeof http.post;
    const asked = await rook.engine.cases.ask({ room: open, messages: [key], concern: "other", urgency: "soon", wish: "", named: false, keptFrom: [] });
    await until(() => held > 0);
    const decision = await mod.engine.decisions.decide({ subject: account(rook), kind: "suspend", ground: "law", card: null, law: "A law", finding: "other", room: null, until: Date.now() + 3_600_000, case: null, facts: null });
    await until(() => rook.engine.phase() === "suspended");
    http.post = post as typeof http.post;
    await until(async () => (await mod.engine.cases.reports(asked).catch(() => [])).some(({ exhibits }) => exhibits.some(({ doubt }) => doubt === null)));
    await mod.engine.decisions.lift(decision.id, "mistake");
    await until(() => rook.engine.phase() === "open");
  });

  it("takes a yes and the whole question back, and says no other yes", async () => {
    const asked = await rook.engine.cases.ask({ room: open, messages: [], concern: "other", urgency: "soon", wish: "", named: false, keptFrom: [] });
    await until(async () => (await mod.engine.cases.queue(false)).some((one) => one.id === asked && one.inside));
    await mod.engine.cases.claim(asked);
    await mod.engine.referrals.propose(asked, ABOUT);
    const mine = async () => (await rook.engine.referrals.list(asked))[0];
    await until(async () => (await mine())?.about !== null);
    const { id: referral } = (await mine()) ?? { id: "" };
    await rook.engine.referrals.answer(asked, referral, true);
    const theirs = async () => (await mod.engine.referrals.list(asked))[0]?.consented;
    await until(async () => (await theirs()) === true);
    await mod.engine.decisions.decide({ subject: account(rook), kind: "suspend", ground: "law", card: null, law: "A law", finding: "other", room: null, until: Date.now() + 3_600_000, case: null, facts: null });
    await until(() => rook.engine.phase() === "suspended");
    await rook.engine.referrals.answer(asked, referral, false);
    await until(async () => (await theirs()) === false);
    await expect(rook.engine.referrals.answer(asked, referral, true)).rejects.toMatchObject({ code: "suspended" });
    await until(async () => (await rook.engine.cases.questions()).find((one) => one.id === asked)?.state === "claimed");
    await rook.engine.cases.withdraw(asked);
    await until(async () => (await mod.engine.cases.file(asked)).outcome === "withdrawn");
  });
});
