import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Actor, together, until, World } from "../../../test/actors.ts";
import { Intruder } from "../../../test/intruder.ts";
import { base64url } from "../../protocol/bytes.ts";
import { Failure } from "../../contract/index.ts";

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
const sent = (kind: string, who: Actor) => world.server.seen.filter(({ frame, device }) => frame["t"] === kind && device.startsWith(who.account));

/** From now on the server says that the account has the intruder's identity key, and the intruder's device. */
function passOff(intruder: Intruder): void {
  const account = world.server.accounts.get(intruder.device.account);
  if (account) account.identityKey = base64url(intruder.identity.publicKey);
  world.server.devices.set(intruder.device.key, intruder.device);
}

describe("a server that adds a device of its own", () => {
  it("to somebody's account is noticed by everyone, and the device gets nothing before a person decides so", async () => {
    const { room, people: [ann, bea] } = await together(world, "Ann", "Bea");
    const intruder = await Intruder.as(world.server, bea.account);
    await intruder.enter(world.server.room(room));
    for (const person of [ann, bea]) {
      await until(() => doubts(person, room).length === 1);
      expect(doubts(person, room)).toEqual([{ account: bea.account, why: "device" }]);
      expect(await person.reads(room, true)).toContain("[uncertified]");
    }
    expect(ann.engine.trust.ofPerson(bea.account).doubt).toMatchObject({ why: "device" });
    await ann.engine.sendText(room, "not for everyone");
    await bea.engine.sendText(room, "nor this");
    await ann.restart();
    await until(() => ann.engine.connection() === "online" && doubts(ann, room).length === 1);
    expect(await waits(ann, room, "not for everyone")).toBe(true);
    expect(await waits(bea, room, "nor this")).toBe(true);
    expect(await intruder.reads(world.server.room(room))).toEqual([]);

    await ann.engine.trust.sendAnyway(room, ann.engine.trust.ofRoom(room).doubts);
    await bea.readsSoon(room, ["Ann: not for everyone", "me: nor this"]);
    expect(await intruder.reads(world.server.room(room))).toContain("not for everyone");
    expect(ann.engine.trust.ofRoom(room)).toMatchObject({ doubts: [], accepted: [{ account: bea.account, why: "device" }] });
    expect(await waits(bea, room, "nor this")).toBe(true);
  });

  it("and another one after the person has decided asks the person again", async () => {
    const { room, people: [ann, bea] } = await together(world, "Ann", "Bea");
    await (await Intruder.as(world.server, bea.account)).enter(world.server.room(room));
    await until(() => doubts(ann, room).length === 1);
    const shown = ann.engine.trust.ofRoom(room).doubts;
    const second = await Intruder.as(world.server, bea.account);
    await second.enter(world.server.room(room));
    await until(() => ann.engine.trust.ofRoom(room).doubts[0]?.about !== shown[0]?.about);
    await ann.engine.trust.sendAnyway(room, shown);
    await ann.engine.sendText(room, "for whom");
    expect(doubts(ann, room)).toEqual([{ account: bea.account, why: "device" }]);
    expect(await waits(ann, room, "for whom")).toBe(true);
    expect(await second.reads(world.server.room(room))).toEqual([]);
  });

  it("to one's own account, with a key that it says is one's own, is noticed", async () => {
    const { room, people: [ann] } = await together(world, "Ann", "Bea");
    const intruder = await Intruder.as(world.server, ann.account);
    passOff(intruder);
    await intruder.enter(world.server.room(room));
    await until(() => doubts(ann, room).length === 1);
    await ann.engine.sendText(room, "mine");
    expect(await waits(ann, room, "mine")).toBe(true);
    expect(await intruder.reads(world.server.room(room))).toEqual([]);
  });

  it("to a conversation between two is noticed, whoever stands behind it", async () => {
    const { people: [ann, bea] } = await together(world, "Ann", "Bea");
    const direct = await ann.engine.startDirect(bea.account);
    await until(() => bea.engine.room(direct) !== null);
    const eve = await world.person("Eve");
    const intruder = await Intruder.as(world.server, eve.account);
    passOff(intruder);
    await intruder.enter(world.server.room(direct));
    await until(() => doubts(ann, direct).length === 1 && doubts(bea, direct).length === 1);
    expect(doubts(ann, direct)).toEqual([{ account: eve.account, why: "stranger" }]);
    await ann.engine.sendText(direct, "only for Bea");
    expect(await waits(ann, direct, "only for Bea")).toBe(true);
    expect(await intruder.reads(world.server.room(direct))).toEqual([]);
  });
});

describe("a server that hands out another key package", () => {
  it("for a known device adds nobody by it, and the person is told", async () => {
    const { people: [ann, bea, cleo] } = await together(world, "Ann", "Bea", "Cleo");
    const device = [...world.server.devices.values()].find(({ account }) => account === cleo.account);
    if (!device) throw new Error("no device");
    const intruder = await Intruder.as(world.server, cleo.account, device.device);
    device.packages = await intruder.keyPackages(5);
    await expect(ann.engine.startDirect(cleo.account)).rejects.toEqual(new Failure("untrusted"));
    const group = await ann.engine.createGroup("Tuesday", [bea.account, cleo.account]);
    await until(() => bea.engine.room(group)?.title === "Tuesday");
    expect(await ann.reads(group, true)).toContain("[notAdded]");
    expect(ann.engine.members(group).map(({ account }) => account).sort()).toEqual([ann.account, bea.account].sort());
    await expect(ann.engine.addMembers(group, [cleo.account])).rejects.toEqual(new Failure("untrusted"));
    await ann.engine.sendText(group, "for us");
    await bea.readsSoon(group, ["Ann: for us"]);
    const welcomes = sent("commit", ann).flatMap(({ frame }) => (frame["welcome"] ? [(frame["welcome"] as Uint8Array).slice()] : []));
    for (const welcome of welcomes) expect(await intruder.opens(welcome)).toBe(false);
    expect(welcomes).not.toHaveLength(0);
  });
});

describe("a server that shows another identity key", () => {
  async function swapped() {
    const { room, people: [ann, bea] } = await together(world, "Ann", "Bea");
    await until(() => ann.engine.trust.ofPerson(bea.account).known);
    const { key } = await ann.engine.trust.safetyNumber(bea.account);
    await ann.engine.trust.confirm(bea.account, key);
    expect(ann.engine.trust.ofPerson(bea.account)).toMatchObject({ verified: true, doubt: null });
    const intruder = await Intruder.as(world.server, bea.account);
    intruder.device.packages = await intruder.keyPackages(5);
    passOff(intruder);
    await expect(ann.engine.startDirect(bea.account)).rejects.toEqual(new Failure("untrusted"));
    await until(() => doubts(ann, room).length === 1);
    await ann.engine.sendText(room, "to whom");
    return { room, ann, bea, intruder };
  }

  it("is told plainly, blocks sending, and takes the mark of having compared away", async () => {
    const { room, ann, bea, intruder } = await swapped();
    expect(doubts(ann, room)).toEqual([{ account: bea.account, why: "changed" }]);
    expect(await ann.reads(room, true)).toContain("[keyChanged]");
    expect(ann.engine.trust.ofPerson(bea.account)).toMatchObject({ verified: false, doubt: { why: "changed" } });
    await intruder.enter(world.server.room(room));
    await until(() => ann.engine.trust.ofPerson(bea.account).doubt !== null && world.server.room(room).log.length > 0);
    expect(await waits(ann, room, "to whom")).toBe(true);
    expect(await intruder.reads(world.server.room(room))).toEqual([]);
  });

  it("changes nothing when the person stays with the old key, and is not asked about again", async () => {
    const { room, ann, bea, intruder } = await swapped();
    const [doubt] = ann.engine.trust.ofRoom(room).doubts;
    if (!doubt) throw new Error("no doubt");
    await ann.engine.trust.decideKey(doubt, "old");
    await bea.readsSoon(room, ["Ann: to whom"]);
    expect(ann.engine.trust.ofPerson(bea.account)).toMatchObject({ verified: true, doubt: null });
    await ann.restart();
    await until(() => ann.engine.connection() === "online");
    // Both devices are handed out: the one that the old key stands behind comes in, the other does not.
    const direct = await ann.engine.startDirect(bea.account);
    expect(await ann.reads(direct, true)).toContain("[notAdded]");
    await ann.engine.sendText(direct, "only for Bea");
    await until(() => bea.engine.room(direct) !== null);
    await bea.readsSoon(direct, ["Ann: only for Bea"]);
    expect(doubts(ann, room)).toEqual([]);
    expect([...world.server.room(direct).places.keys()]).not.toContain(intruder.device.key);
  });

  it("is believed only when the person says so, and for the key they were shown", async () => {
    const { room, ann, bea } = await swapped();
    const [doubt] = ann.engine.trust.ofRoom(room).doubts;
    const { key, fresh } = await ann.engine.trust.safetyNumber(bea.account);
    expect({ key, fresh }).toEqual({ key: doubt?.about, fresh: true });
    const third = await Intruder.as(world.server, bea.account);
    passOff(third);
    await expect(ann.engine.startDirect(bea.account)).rejects.toEqual(new Failure("untrusted"));
    await expect(ann.engine.trust.confirm(bea.account, key)).rejects.toEqual(new Failure("conflict"));
    const now = await ann.engine.trust.safetyNumber(bea.account);
    await ann.engine.trust.confirm(bea.account, now.key);
    expect(ann.engine.trust.ofPerson(bea.account)).toMatchObject({ verified: true, doubt: null });
    await until(async () => !(await waits(ann, room, "to whom")));
  });
});

describe("a conversation whose making was cut off", () => {
  it("comes to nothing when the other person's key is another one by then, and everything else goes on", async () => {
    const { room, people: [ann, bea] } = await together(world, "Ann", "Bea");
    world.server.httpFault = (path) => (path.endsWith("/claim") ? "drop" : null);
    await expect(ann.engine.startDirect(bea.account)).rejects.toEqual(new Failure("offline"));
    ann.offline();
    let claimed = 0;
    world.server.httpFault = (path) => {
      if (path.endsWith("/claim")) claimed += 1;
      return null;
    };
    passOff(await Intruder.as(world.server, bea.account));
    ann.online();
    await until(() => claimed > 0);
    await expect(ann.engine.startDirect(bea.account)).rejects.toEqual(new Failure("untrusted"));
    await ann.engine.sendText(room, "still here");
    expect(ann.engine.rooms().map(({ id }) => id)).toEqual([room]);
    expect(world.faults).toEqual([]);
  });
});
