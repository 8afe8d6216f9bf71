import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Fields } from "../../client/test/fake-model.ts";
import { headless, type Headless } from "../../client/test/headless.ts";
import type { Tamper } from "../../client/test/tamper.ts";
import { Thief } from "../../client/test/thief.ts";
import { base64url, fromBase64url, fromHex } from "../../client/src/protocol/bytes.ts";
import { parseClientId } from "../../client/src/protocol/ids.ts";
import { certify, makeIdentityKey } from "../../client/src/crypto/identity.ts";
import { loadCoreCrypto } from "../../client/src/crypto/load-node.ts";
import { Mls } from "../../client/src/crypto/mls.ts";
import { keyPackageIdentity } from "../../client/src/crypto/mls-wire.ts";
import { Failure } from "../../client/src/contract/index.ts";
import { dump, type Value } from "../privacy/database.ts";
import { KindredServer, type Links } from "../support/server.ts";

const PIN = "2580";
let server: KindredServer;
let links: Links;
const people: Headless[] = [];
const faults: unknown[] = [];

beforeAll(async () => {
  server = await KindredServer.start();
  links = await server.links();
});
afterAll(async () => {
  for (const person of people) await person.end();
  await server.remove();
  expect(faults).toEqual([]);
});

async function join(name: string, link: string, tamper?: Tamper): Promise<Headless> {
  const person = await headless({ origin: server.address, unexpected: (error) => faults.push(error), ...(tamper ? { tamper } : {}) });
  people.push(person);
  const { conduct } = await person.engine.readInvite(link);
  await person.engine.join(link, { name, pin: PIN, conductVersion: conduct?.version ?? 1 });
  await until(() => person.engine.connection() === "online" && person.engine.rooms().length > 0);
  return person;
}

async function until(condition: () => boolean | Promise<boolean>, withinMs = 60_000): Promise<void> {
  const end = Date.now() + withinMs;
  while (!(await condition())) {
    if (Date.now() > end || faults.length > 0) throw new Error(`not in time: ${condition.toString()}`, { cause: faults[0] });
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const shown = async ({ engine }: Headless, room: string) => (await engine.messages(room, { limit: 1000 })).messages;
const texts = async (who: Headless, room: string) => (await shown(who, room)).flatMap(({ body }) => (body.type === "text" ? [body.text] : []));
const notes = async (who: Headless, room: string) => (await shown(who, room)).flatMap(({ body }) => (body.type === "system" ? [body.note.type] : []));
const stateOf = async (who: Headless, room: string, text: string) =>
  (await shown(who, room)).find(({ body }) => body.type === "text" && body.text === text)?.state;

/** Every handshake and application message of the room that the server's database holds, in order. */
async function payloadsOf(room: string) {
  const rows = (await dump(server.dataDir)).rows["chat_entry"] ?? [];
  const bytes = (value: Value | undefined) => (value && typeof value === "object" ? fromHex(value.hex) : new Uint8Array());
  return rows.filter((row) => hexOf(row["room_id"]) === room.replaceAll("-", "")).sort((one, other) => Number(one["seq"]) - Number(other["seq"]))
    .map((row) => ({ kind: Number(row["kind"]), payload: bytes(row["payload"]) }));
}

function hexOf(value: Value | undefined): string {
  return (value && typeof value === "object" ? value.hex : String(value)).replaceAll("-", "");
}

describe("a device that was removed", () => {
  it("reads nothing that is said afterwards, with its keys in hand and the server's database too", async () => {
    const [ann, bea, cleo] = [await join("Ann", links.moderator), await join("Bea", links.members[0] ?? ""), await join("Cleo", links.members[1] ?? "")];
    const room = ann.engine.rooms()[0]?.id ?? "";
    for (const { engine } of [ann, bea, cleo]) await engine.joinOpenRoom(room);
    const group = await ann.engine.createGroup("Tuesday", [bea, cleo].map(({ engine }) => engine.me().account));
    await until(() => [bea, cleo].every(({ engine }) => engine.members(group).length === 3));
    // Everyone keeps a copy of everything: nothing is acknowledged by all while Bea is away.
    bea.network(false);
    await cleo.engine.lock();
    await ann.engine.sendText(group, "while Cleo is here");
    await until(async () => (await stateOf(ann, group, "while Cleo is here")) === "sent");
    const [stays, follows] = [await Thief.of(cleo, PIN), await Thief.of(cleo, PIN)];

    await cleo.engine.unlock(PIN);
    await cleo.engine.leave(group);
    await cleo.engine.lock();
    await until(() => ann.engine.members(group).length === 2);
    await ann.engine.sendText(group, "after Cleo");
    await until(async () => (await stateOf(ann, group, "after Cleo")) === "sent");
    const log = await payloadsOf(group);
    const removal = log.findLastIndex(({ kind }) => kind === 1);
    expect(log.slice(removal + 1).filter(({ kind }) => kind === 0)).not.toHaveLength(0);

    // One tries everything with the keys as they were, the other one goes along with every change of the group.
    expect(await stays.reads(group, log.filter(({ kind }) => kind === 0).map(({ payload }) => payload))).toEqual(["while Cleo is here"]);
    expect(await follows.reads(group, log.map(({ payload }) => payload))).toEqual(["while Cleo is here"]);
    await Promise.all([stays.end(), follows.end()]);
    bea.network(true);
    await until(async () => (await texts(bea, group)).join() === "while Cleo is here,after Cleo");
  });
});

/** A further device of the person, with the same PIN. */
async function link(old: Headless, tamper?: Tamper): Promise<Headless> {
  const device = await headless({ origin: server.address, unexpected: (error) => faults.push(error), ...(tamper ? { tamper } : {}) });
  people.push(device);
  const { typed } = await device.engine.devices.offer();
  const came = device.engine.devices.receive({ pin: PIN, name: "Tablet" });
  await old.engine.devices.readCode(typed);
  await old.engine.devices.send({ history: "none", pin: PIN, ownName: "Phone" });
  await came;
  return device;
}

describe("a mark that numbers were compared", () => {
  it("is on all devices of the person, and goes when it is taken back", async () => {
    const [ann, bea] = people;
    if (!ann || !bea) throw new Error("Ann and Bea are there");
    const { account } = bea.engine.me();
    const { key } = await ann.engine.trust.safetyNumber(account);
    await ann.engine.trust.confirm(account, key);
    const tablet = await link(ann);
    expect(tablet.engine.trust.ofPerson(account)).toMatchObject({ verified: true, doubt: null });
    expect(await tablet.engine.trust.safetyNumber(account)).toMatchObject({ key });
    // What the person does before the new device is in the room of their devices, the others are not told.
    await until(async () => {
      await tablet.engine.trust.unconfirm(account);
      return !ann.engine.trust.ofPerson(account).verified;
    });
    await ann.engine.trust.confirm(account, key);
    await until(() => tablet.engine.trust.ofPerson(account).verified);
    const room = ann.engine.rooms().find(({ kind }) => kind === "open")?.id ?? "";
    await until(() => tablet.engine.room(room)?.active === true);
    await bea.engine.sendText(room, "both of you");
    await until(async () => (await texts(tablet, room)).includes("both of you") && (await texts(ann, room)).includes("both of you"));
    expect([ann, bea, tablet].map(({ engine }) => engine.trust.ofRoom(room).doubts)).toEqual([[], [], []]);
  });
});

describe("a server that lies on the way", () => {
  it("about a key package or an identity key adds nobody, and what is written waits until the person decides", async () => {
    const tamper: Tamper = {};
    const dora = await join("Dora", links.members[2] ?? "", tamper);
    const bea = people[1];
    if (!bea) throw new Error("Bea is there");
    const { account } = bea.engine.me();
    const room = dora.engine.rooms()[0]?.id ?? "";
    await dora.engine.joinOpenRoom(room);
    await until(() => dora.engine.trust.ofPerson(account).known);

    const library = await loadCoreCrypto();
    const mallory = await makeIdentityKey();
    /** The same device of the same account, with another key. */
    async function forged(keyPackage: string): Promise<{ key_package: string; certificate: string; signature_key: string }> {
      const { clientId } = keyPackageIdentity(fromBase64url(keyPackage));
      const domain = clientId.slice(clientId.indexOf("@") + 1);
      const device = parseClientId(clientId, domain);
      if (!device) throw new Error("no device");
      const mls = await Mls.open({ library, keystore: "memory", device, domain });
      const [made] = await mls.transaction((tx) => tx.keyPackages(1));
      return {
        key_package: base64url(made ?? new Uint8Array()), signature_key: base64url(mls.signatureKey),
        certificate: base64url(await certify(mallory, device, mls.signatureKey)),
      };
    }
    let real = "";
    tamper.http = (path, body) => {
      if (path.endsWith("/claim")) real = (body["packages"] as { key_package: string }[])[0]?.key_package ?? "";
      return body;
    };
    const direct = await dora.engine.startDirect(account);
    const lie = await forged(real);
    tamper.http = (path, body) => {
      if (!path.endsWith("/claim")) return body;
      return { ...body, packages: (body["packages"] as Fields[]).map((one) => ({ ...one, key_package: lie.key_package })) };
    };
    const group = await dora.engine.createGroup("Wednesday", [account]);
    expect(await notes(dora, group)).toContain("notAdded");
    expect(dora.engine.members(group)).toHaveLength(1);
    expect(dora.engine.trust.ofPerson(account).doubt).toBeNull();

    tamper.http = (path, body) => {
      if (!path.endsWith("/claim")) return body;
      const { key_package, certificate } = lie;
      return { ...body, packages: (body["packages"] as Fields[]).map((one) => ({ ...one, key_package, certificate, identity_key: base64url(mallory.publicKey) })) };
    };
    await expect(dora.engine.addMembers(group, [account])).rejects.toEqual(new Failure("untrusted"));
    await until(() => dora.engine.trust.ofRoom(direct).doubts.length === 1);
    expect(dora.engine.trust.ofRoom(direct).doubts).toMatchObject([{ account, why: "changed" }]);
    await until(async () => (await notes(dora, direct)).includes("keyChanged"));
    await dora.engine.sendText(direct, "for Bea alone");
    const before = await payloadsOf(direct);
    await dora.restart(PIN);
    await until(() => dora.engine.connection() === "online");
    expect(await stateOf(dora, direct, "for Bea alone")).toBe("waiting");
    expect(await payloadsOf(direct)).toHaveLength(before.length);

    const [doubt] = dora.engine.trust.ofRoom(direct).doubts;
    if (!doubt) throw new Error("no doubt");
    await dora.engine.trust.decideKey(doubt, "old");
    await until(async () => (await texts(bea, direct)).join() === "for Bea alone");
  });

  it("about a key is decided about once for all devices of the person", async () => {
    const tamper: Tamper = {};
    const [ann, bea] = people;
    if (!ann || !bea) throw new Error("Ann and Bea are there");
    const phone = await join("Finn", await ann.engine.createInvite({ role: "member", uses: 1, days: 1 }), tamper);
    const { account } = bea.engine.me();
    const lobby = phone.engine.rooms()[0]?.id ?? "";
    await phone.engine.joinOpenRoom(lobby);
    const direct = await phone.engine.startDirect(account);
    const tablet = await link(phone, tamper);
    // What they tell one another goes through a room of their own: they are in it when they know each other's names.
    for (const device of [phone, tablet]) await until(async () => (await device.engine.devices.list()).every(({ name }) => name !== null));
    await until(() => tablet.engine.room(direct)?.active === true);
    const another = base64url((await makeIdentityKey()).publicKey);
    tamper.http = (path, body) => {
      if (!path.endsWith("/accounts")) return body;
      return { ...body, accounts: (body["accounts"] as Fields[]).map((one) => (one["account"] === account ? { ...one, identity_key: another } : one)) };
    };
    for (const device of [phone, tablet]) {
      await device.restart(PIN);
      await until(() => device.engine.connection() === "online" && device.engine.members(direct).length === 2);
      await until(() => device.engine.trust.ofPerson(account).doubt?.why === "changed");
    }
    await tablet.engine.sendText(direct, "for Bea alone");
    expect(await stateOf(tablet, direct, "for Bea alone")).toBe("waiting");
    const { doubt } = phone.engine.trust.ofPerson(account);
    if (!doubt) throw new Error("no doubt");
    await phone.engine.trust.decideKey(doubt, "old");
    await until(() => tablet.engine.trust.ofPerson(account).doubt === null);
    await until(async () => (await texts(bea, direct)).join() === "for Bea alone");

    // And so is sending to a device that nobody certifies.
    const known = (await bea.engine.devices.list()).map(({ device }) => device);
    tamper.http = (path, body) => {
      if (!path.endsWith("/accounts")) return body;
      const checked = (one: Fields) => (one["devices"] as Fields[]).filter(({ device }) => known.includes(String(device)));
      return { ...body, accounts: (body["accounts"] as Fields[]).map((one) => (one["account"] === account ? { ...one, devices: checked(one) } : one)) };
    };
    const stranger = await link(bea);
    const doubts = (who: Headless) => who.engine.trust.ofRoom(direct).doubts;
    for (const device of [phone, tablet]) await until(() => doubts(device)[0]?.why === "device");
    await tablet.engine.sendText(direct, "to all of Bea's");
    expect(await stateOf(tablet, direct, "to all of Bea's")).toBe("waiting");
    await phone.engine.trust.sendAnyway(direct, doubts(phone));
    await until(() => doubts(tablet).length === 0 && tablet.engine.trust.ofRoom(direct).accepted.length === 1);
    for (const device of [bea, stranger]) await until(async () => (await texts(device, direct)).includes("to all of Bea's"));
  });

  it("about the order of things, or with an old state of the group, is noticed, and the device stays outside", async () => {
    const tamper: Tamper = {};
    const eve = await join("Eve", links.coordinator, tamper);
    const [ann, bea] = people;
    if (!ann || !bea) throw new Error("Ann and Bea are there");
    const room = eve.engine.rooms()[0]?.id ?? "";
    let old: Fields | null = null;
    tamper.http = (path, body) => {
      if (path.endsWith("/group-info")) old ??= body;
      return body;
    };
    await eve.engine.joinOpenRoom(room);
    const inside = (who: Headless, other: Headless) => who.engine.members(room).some(({ account }) => account === other.engine.me().account);
    await bea.engine.leave(room);
    await until(() => [ann, eve].every((who) => !inside(who, bea) && inside(who, eve)));
    tamper.http = (path, body) => (path.endsWith("/group-info") && old ? old : body);
    // The next commit never reaches Eve, and what follows moves into its place.
    const skipped = (item: unknown) => (item as number[])[2] === 1;
    tamper.frame = (frame) => (frame["t"] === "entries" || frame["t"] === "page"
      ? { ...frame, items: (frame["items"] as unknown[]).filter((item) => !skipped(item)) } : frame);
    await bea.engine.joinOpenRoom(room);
    await until(() => inside(ann, bea));
    await ann.engine.sendText(room, "with Bea again");
    await until(async () => (await notes(eve, room)).includes("odd"));
    await eve.engine.sendText(room, "not to an old group");
    expect(await stateOf(eve, room, "not to an old group")).toBe("waiting");
    expect(await texts(ann, room)).not.toContain("not to an old group");

    tamper.http = (_path, body) => body;
    tamper.frame = (frame) => frame;
    await eve.restart(PIN);
    await until(async () => (await notes(eve, room)).includes("rejoined") && (await texts(ann, room)).includes("not to an old group"));
    expect(await notes(ann, room)).toContain("renewed");
  });
});
