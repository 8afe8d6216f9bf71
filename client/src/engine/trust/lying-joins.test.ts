import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Actor, together, until, World } from "../../../test/actors.ts";
import { insideOf } from "../../../test/forger.ts";
import { Intruder } from "../../../test/intruder.ts";
import { externalAdd } from "../../../test/mls-tree.ts";
import { openInvite, signTerms } from "../../crypto/room-invite.ts";
import { base64url, fromBase64url, hex, randomBytes, sha256 } from "../../protocol/bytes.ts";
import { uuidBytes } from "../../protocol/ids.ts";
import { formatLink, HOUR_MS } from "../../protocol/links.ts";

vi.setConfig({ testTimeout: 120_000 });

let world: World;
beforeEach(async () => {
  world = await World.start();
});
afterEach(async () => {
  await world.end();
});

const doubts = ({ engine }: Actor, room: string) => engine.trust.ofRoom(room).doubts.map(({ account, why }) => ({ account, why }));
const waits = async (who: Actor, room: string, text: string) => (await who.find(room, text)).state === "waiting";
const notes = async (who: Actor, room: string) => (await who.reads(room, true)).filter((line) => line.startsWith("["));

let lobby = "";

/** Ann's group with Bea, into which stewards alone may let people, as both have heard. */
async function closed(): Promise<{ group: string; ann: Actor; bea: Actor }> {
  const { room, people: [ann, bea] } = await together(world, "Ann", "Bea");
  lobby = room;
  const group = await ann.engine.createGroup("Tuesday", [bea.account]);
  await until(() => bea.engine.room(group)?.title === "Tuesday");
  await ann.engine.roles.setEveryoneMayAdd(group, false);
  for (const { engine } of [ann, bea]) await until(() => insideOf(engine).session.rooms.get(group)?.record.roles.said?.add === "stewards");
  return { group, ann, bea };
}

/** A device of somebody in the network whom nobody in the group knows: their own key stands behind it. */
async function outsider(): Promise<Intruder> {
  const eve = await world.person("Eve");
  const intruder = await Intruder.as(world.server, eve.account);
  const account = world.server.accounts.get(eve.account);
  if (account) account.identityKey = base64url(intruder.identity.publicKey);
  world.server.devices.set(intruder.device.key, intruder.device);
  return intruder;
}

/** The time for an invite to be shown is over. */
async function overdue(who: Actor, room: string, account?: string): Promise<void> {
  await until(() => (insideOf(who.engine).session.rooms.get(room)?.record.joins.waiting ?? []).some((one) => one.since > 0 && (account === undefined || one.account === account)));
  await who.clock.pass(70_000);
  await until(() => doubts(who, room).some((doubt) => doubt.why === "uninvited" && (account === undefined || doubt.account === account)));
}

/** The link to an invite that an operator put into the database, in the name of this account. */
async function inserted(room: string, operator: Actor, by: string): Promise<string> {
  const secret = randomBytes(16);
  const { presented, key } = await openInvite(secret);
  world.server.roomInvites.set(hex(await sha256(presented)), { room, uses: 1 });
  const { identity } = insideOf(operator.engine).profile.value;
  const [uses, expires] = [1, HOUR_MS * Math.ceil(Date.now() / HOUR_MS + 1)];
  const terms = await signTerms(identity, key.publicKey, { room, by, uses, expires });
  return formatLink("", { kind: "room", secret, name: "Tuesday", inviter: { account: by, identityKey: identity.publicKey }, uses, expires, terms });
}

async function comes(link: string, name: string): Promise<Actor> {
  const person = await world.person(name);
  await person.engine.acceptRoomInvite(link);
  return person;
}

/** Everybody of these reads what each of the others writes. */
async function heard(room: string, ...people: Actor[]): Promise<void> {
  for (const one of people) {
    const text = `from ${one.name} to ${people.length}`;
    await one.engine.sendText(room, text);
    for (const other of people) await until(async () => (await other.reads(room)).some((line) => line.endsWith(text)), () => `${other.name}: ${text}`);
  }
}

describe("a server that slips somebody into a group", () => {
  it("by an external commit is doubted by everyone, and the newcomer gets nothing before a person decides so", async () => {
    const { group, ann, bea } = await closed();
    const intruder = await outsider();
    await intruder.enter(world.server.room(group));
    for (const person of [ann, bea]) await until(() => person.engine.members(group).length === 3);
    await ann.engine.sendText(group, "not for Eve");
    await bea.engine.sendText(group, "nor this");
    for (const person of [ann, bea]) {
      await person.clock.pass(70_000);
      await until(() => doubts(person, group).length === 1);
      expect(doubts(person, group)).toEqual([{ account: intruder.device.account, why: "uninvited" }]);
      expect(await notes(person, group)).toContain("[uninvited]");
    }
    await ann.restart();
    await until(() => ann.engine.connection() === "online" && doubts(ann, group).length === 1);
    expect([await waits(ann, group, "not for Eve"), await waits(bea, group, "nor this")]).toEqual([true, true]);
    expect(await intruder.reads(world.server.room(group))).toEqual([]);
  });

  it("by an Add of a member who may not add is doubted by the others", async () => {
    const { group, ann, bea } = await closed();
    const cleo = await world.person("Cleo");
    await cleo.engine.joinOpenRoom(lobby);
    await until(() => bea.engine.members(lobby).length === 3);
    await bea.engine.addMembers(group, [cleo.account]);
    await overdue(ann, group);
    expect(doubts(ann, group)).toEqual([{ account: cleo.account, why: "uninvited" }]);
    await ann.engine.sendText(group, "who is that");
    expect(await waits(ann, group, "who is that")).toBe(true);
  });

  it("by a proposal of its own is refused: nobody commits it", async () => {
    const { group, ann, bea } = await closed();
    const intruder = await outsider();
    const [keyPackage = ""] = await intruder.keyPackages(1);
    const served = world.server.room(group);
    const payload = await externalAdd(world.server.key, uuidBytes(group), served.epoch, fromBase64url(keyPackage));
    world.server.append(served, { kind: 2, epoch: served.epoch, id: hex(randomBytes(16)), payload, tag: null }, null);
    await until(async () => (await notes(ann, group)).includes("[odd]"));
    await ann.engine.sendText(group, "just us");
    await bea.readsSoon(group, ["Ann: just us"]);
    expect([ann, bea].map(({ engine }) => engine.members(group).length)).toEqual([2, 2]);
  });
});

describe("an invite", () => {
  it("by a steward lets people in, and everybody's app knows it, also of those who came later", async () => {
    const { group, ann, bea } = await closed();
    const link = await ann.engine.createRoomInvite(group, { uses: 2, days: 1 });
    const cleo = await comes(link, "Cleo");
    await heard(group, ann, bea, cleo);
    const dora = await comes(link, "Dora");
    await heard(group, ann, bea, cleo, dora);
    for (const person of [ann, bea, cleo, dora]) {
      await person.clock.pass(70_000);
      expect([doubts(person, group), await notes(person, group)].flat()).not.toContain("[uninvited]");
    }
  });

  it("of one who may not invite lets nobody in, whatever the server allows", async () => {
    const { group, ann, bea } = await closed();
    const cleo = await comes(await bea.engine.createRoomInvite(group, { uses: 1, days: 1 }), "Cleo");
    await overdue(ann, group);
    expect(doubts(ann, group)).toEqual([{ account: cleo.account, why: "uninvited" }]);
  });

  it("that an operator made is none: who came by it is doubted, with an app that nobody changed", async () => {
    const { group, ann, bea } = await closed();
    const [operator, cleo] = [await world.person("Eve"), await world.person("Cleo")];
    for (const by of [operator.account, ann.account]) {
      const link = await inserted(group, operator, by);
      const guest = by === ann.account ? cleo : operator;
      await guest.engine.acceptRoomInvite(link);
      for (const person of [ann, bea]) await overdue(person, group, guest.account);
    }
    await bea.engine.sendText(group, "just us");
    expect(await waits(bea, group, "just us")).toBe(true);
  });

  it("counts for nobody whom the operator's guest adds or invites, where everybody may", async () => {
    const { room, people: [ann, bea, eve, dora] } = await together(world, "Ann", "Bea", "Eve", "Dora");
    const group = await ann.engine.createGroup("Tuesday", [bea.account]);
    await until(() => bea.engine.room(group)?.title === "Tuesday");
    await eve.engine.acceptRoomInvite(await inserted(group, eve, eve.account));
    await eve.engine.addMembers(group, [dora.account]);
    const finn = await comes(await eve.engine.createRoomInvite(group, { uses: 1, days: 1 }), "Finn");
    await until(() => ann.engine.members(group).length === 5 && ann.engine.members(room).length === 4);
    for (const guest of [eve, dora, finn]) await overdue(ann, group, guest.account);
    await ann.engine.roles.removeMember(group, eve.account);
    await until(() => ann.engine.members(group).length === 4);
    expect(doubts(ann, group).map(({ account }) => account).sort()).toEqual([dora.account, finn.account].sort());
  });

  it("lets in no more people than its maker said, and nobody whom a steward took out", async () => {
    const { group, ann, bea } = await closed();
    const once = await ann.engine.createRoomInvite(group, { uses: 1, days: 1 });
    const cleo = await comes(once, "Cleo");
    await heard(group, ann, bea, cleo);
    const dora = await comes(once, "Dora");
    for (const person of [ann, bea]) await overdue(person, group, dora.account);
    await ann.engine.roles.removeMember(group, dora.account);
    for (const person of [ann, bea]) await until(() => person.engine.members(group).length === 3 && doubts(person, group).length === 0);
    const twice = await ann.engine.createRoomInvite(group, { uses: 2, days: 1 });
    await dora.restart();
    await until(() => dora.engine.room(group)?.removed === true);
    await until(async () => (await notes(bea, group)).includes("[removed]"));
    await dora.engine.acceptRoomInvite(twice);
    for (const person of [ann, bea]) await overdue(person, group, dora.account);
  });

  it("holds for a device that was away, also of people who were let in by newcomers", async () => {
    const { people: [ann, bea, cleo] } = await together(world, "Ann", "Bea", "Cleo");
    const group = await ann.engine.createGroup("Tuesday", [bea.account]);
    await until(() => bea.engine.room(group)?.title === "Tuesday");
    bea.offline();
    await cleo.engine.acceptRoomInvite(await ann.engine.createRoomInvite(group, { uses: 1, days: 1 }));
    const dora = await comes(await cleo.engine.createRoomInvite(group, { uses: 1, days: 1 }), "Dora");
    await heard(group, ann, cleo, dora);
    // Whoever looks after the group says nothing of it now.
    ann.offline();
    bea.online();
    await until(() => bea.engine.members(group).length === 4);
    await heard(group, bea, cleo, dora);
    await bea.clock.pass(70_000);
    expect(doubts(bea, group)).toEqual([]);
  });

  it("that is on its way holds what is written for a while, and nobody is alarmed", async () => {
    const { group, ann, bea } = await closed();
    const link = await ann.engine.createRoomInvite(group, { uses: 1, days: 1 });
    world.server.fault = ({ t }, { account }) => (t === "send" && ![ann.account, bea.account].includes(account) ? "rate_limited" : null);
    const cleo = await comes(link, "Cleo");
    await until(() => bea.engine.members(group).length === 3);
    await bea.engine.sendText(group, "hello Cleo");
    await bea.clock.pass(20_000);
    expect([await waits(bea, group, "hello Cleo"), doubts(bea, group)]).toEqual([true, []]);
    await bea.clock.pass(50_000);
    await until(() => doubts(bea, group).length === 1);
    world.server.fault = () => null;
    await until(() => doubts(bea, group).length === 0);
    await cleo.readsSoon(group, ["Bea: hello Cleo"]);
  });
});

describe("somebody whom nobody let in", () => {
  it("stays when a steward says so, and then nobody else is asked", async () => {
    const { group, ann, bea } = await closed();
    const cleo = await comes(await bea.engine.createRoomInvite(group, { uses: 1, days: 1 }), "Cleo");
    for (const person of [ann, bea]) await overdue(person, group, cleo.account);
    await bea.engine.sendText(group, "hello Cleo");
    await ann.engine.trust.sendAnyway(group, ann.engine.trust.ofRoom(group).doubts);
    await until(() => doubts(bea, group).length === 0);
    await cleo.readsSoon(group, ["Bea: hello Cleo"]);
  });

  it("is not taken for a member by a device whose group the server broke", async () => {
    const { group, ann, bea } = await closed();
    bea.offline();
    const intruder = await outsider();
    const served = world.server.room(group);
    await intruder.enter(served);
    await until(() => ann.engine.members(group).length === 3);
    // The commit by which Eve came never reaches Bea, who has to come in anew.
    const came = served.epoch - 1;
    await comes(await ann.engine.createRoomInvite(group, { uses: 1, days: 1 }), "Cleo");
    served.log = served.log.filter(({ kind, epoch }) => kind !== 1 || epoch !== came);
    bea.online();
    await until(async () => (await notes(bea, group)).includes("[rejoined]"));
    await bea.engine.sendText(group, "not for Eve");
    await overdue(bea, group, intruder.device.account);
    expect(await waits(bea, group, "not for Eve")).toBe(true);
    expect(await intruder.reads(served)).not.toContain("not for Eve");
  });
});
