import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { headless, type Headless } from "../../client/test/headless.ts";
import { KindredServer, type Links } from "../support/server.ts";

const PIN = "2580";
const NEW_PIN = "1470";
let server: KindredServer;
let links: Links;
const devices: Headless[] = [];
const faults: unknown[] = [];

beforeAll(async () => {
  server = await KindredServer.start();
  links = await server.links();
});
afterAll(async () => {
  for (const device of devices) await device.end();
  await server.remove();
  expect(faults).toEqual([]);
});

async function fresh(): Promise<Headless> {
  const device = await headless({ origin: server.address, unexpected: (error) => faults.push(error) });
  devices.push(device);
  return device;
}

async function join(name: string, link: string): Promise<Headless> {
  const person = await fresh();
  const { conduct } = await person.engine.readInvite(link);
  await person.engine.join(link, { name, pin: PIN, conductVersion: conduct?.version ?? 1 });
  await until(() => person.engine.connection() === "online");
  return person;
}

async function until(condition: () => boolean | Promise<boolean>, withinMs = 60_000): Promise<void> {
  const end = Date.now() + withinMs;
  while (!(await condition())) {
    if (Date.now() > end || faults.length > 0) throw new Error(`not in time: ${condition.toString()}`, { cause: faults[0] });
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const texts = async ({ engine }: Headless, room: string) =>
  (await engine.messages(room, { limit: 1000 })).messages.flatMap(({ body, name, mine }) => (
    body.type === "system" ? [] : [`${mine ? "me" : (name ?? "?")}: ${body.type === "text" ? body.text : body.type}`]
  ));
const notes = async ({ engine }: Headless, room: string) =>
  (await engine.messages(room, { limit: 1000 })).messages.flatMap(({ body }) => (body.type === "system" ? [body.note.type] : []));
const roomsOf = ({ engine }: Headless) => engine.rooms().filter(({ active }) => active).map(({ id }) => id).sort();

/** A further device of the person, with as much of the history. */
async function link(old: Headless, history: "none" | "recent" | "all", name = "Tablet"): Promise<Headless> {
  const device = await fresh();
  const { typed, number } = await device.engine.devices.offer();
  const came = device.engine.devices.receive({ pin: NEW_PIN, name });
  expect(await old.engine.devices.readCode(typed.toLowerCase())).toEqual({ number });
  await old.engine.devices.send({ history, pin: PIN, ownName: "Phone" });
  await came;
  expect(device.engine.phase()).toBe("open");
  await until(() => device.engine.connection() === "online");
  return device;
}

describe("a person's devices", () => {
  it("are linked with everything, talk as one person, know each other's names, and one that is revoked is out at once", async () => {
    const [ann, bea] = [await join("Ann", links.moderator), await join("Bea", links.members[0] ?? "")];
    await until(() => ann.engine.rooms().length === 1 && bea.engine.rooms().length === 1);
    const open = ann.engine.rooms()[0]?.id ?? "";
    await ann.engine.joinOpenRoom(open);
    await bea.engine.joinOpenRoom(open);
    await until(() => ann.engine.members(open).length === 2);
    const group = await bea.engine.createGroup("Tuesday", [ann.engine.me().account]);
    const direct = await bea.engine.startDirect(ann.engine.me().account);
    await bea.engine.sendText(group, "before");
    await until(async () => (await texts(ann, group)).length === 1);
    const key = await ann.engine.sendText(direct, "only for you");
    await until(async () => (await texts(bea, direct)).length === 1);
    await bea.engine.react(direct, key, "❤");
    await bea.engine.setMuted(group, true);

    const tablet = await link(bea, "all");
    expect(tablet.engine.me()).toEqual(bea.engine.me());
    await until(() => roomsOf(tablet).join() === [open, group, direct].sort().join());
    expect(await texts(tablet, group)).toEqual(["me: before"]);
    expect(await texts(tablet, direct)).toEqual(["Ann: only for you"]);
    await until(async () => (await tablet.engine.messages(direct)).messages.some(({ reactions }) => reactions.some(({ mine }) => mine)));
    expect(await notes(tablet, group)).toContain("linked");
    expect(tablet.engine.room(group)).toMatchObject({ title: "Tuesday", muted: true, unread: 0, coming: false, members: 2 });
    expect(tablet.engine.rooms().map(({ kind }) => kind)).not.toContain("self");
    // To others nobody new has come.
    expect(ann.engine.members(group).length).toBe(2);
    expect(await notes(ann, group)).not.toContain("uncertified");

    await tablet.engine.sendText(group, "from the tablet");
    await until(async () => (await texts(ann, group)).at(-1) === "Bea: from the tablet" && (await texts(bea, group)).at(-1) === "me: from the tablet");
    await ann.engine.sendText(direct, "hello both");
    await until(async () => (await texts(tablet, direct)).at(-1) === "Ann: hello both" && (await texts(bea, direct)).at(-1) === "Ann: hello both");

    // Names of devices go through their own room.
    await until(async () => (await bea.engine.devices.list()).map(({ name }) => name).join() === "Phone,Tablet");
    await until(async () => (await tablet.engine.devices.list()).map(({ name }) => name).join() === "Tablet,Phone");
    const [, lost] = await bea.engine.devices.list();
    await bea.engine.devices.rename(lost?.device ?? "", "Kitchen tablet");
    await until(async () => (await tablet.engine.devices.list())[0]?.name === "Kitchen tablet");

    // So does what the person changes on one of them.
    await tablet.engine.setMuted(group, false);
    await tablet.engine.setName("Beatrice");
    await until(() => bea.engine.room(group)?.muted === false && bea.engine.me().name === "Beatrice");
    const { key: compared } = await bea.engine.trust.safetyNumber(ann.engine.me().account);
    await bea.engine.trust.confirm(ann.engine.me().account, compared);
    await until(() => tablet.engine.trust.ofPerson(ann.engine.me().account).verified);
    await bea.engine.setName("Bea");
    await until(() => tablet.engine.me().name === "Bea");

    // A room that one comes into is the other's as well.
    const later = await tablet.engine.createGroup("Later", [ann.engine.me().account]);
    await until(() => roomsOf(bea).includes(later) && bea.engine.room(later)?.title === "Later");

    const before = roomsOf(tablet).length;
    expect(before).toBe(4);
    await bea.engine.devices.revoke(lost?.device ?? "");
    await until(() => tablet.engine.phase() === "signedout");
    expect(tablet.engine.devices.signedOut()).toBe("revoked");
    expect((await bea.engine.devices.list()).map(({ name }) => name)).toEqual(["Phone"]);
    await ann.engine.sendText(group, "after");
    await until(async () => (await texts(bea, group)).at(-1) === "Ann: after");
    expect(ann.engine.members(group).length).toBe(2);
    // What was on it is gone with it.
    await tablet.engine.erase();
    expect(tablet.engine.phase()).toBe("fresh");
  });

  it("get the history that was chosen, and none of the keys by a wrong PIN, an old code or somebody else's", async () => {
    const cleo = await join("Cleo", links.members[1] ?? "");
    await until(() => cleo.engine.rooms().length === 1);
    const open = cleo.engine.rooms()[0]?.id ?? "";
    await cleo.engine.joinOpenRoom(open);
    await cleo.engine.sendText(open, "an old thought");
    await until(async () => (await texts(cleo, open)).length === 1 && cleo.engine.room(open)?.last?.state !== "waiting");

    const tablet = await fresh();
    const first = await tablet.engine.devices.offer();
    const { typed } = await tablet.engine.devices.offer();
    const came = tablet.engine.devices.receive({ pin: NEW_PIN, name: "Tablet" });
    await expect(cleo.engine.devices.readCode("0000-0000-0000-0000-0000")).rejects.toMatchObject({ code: "not_found" });
    await expect(cleo.engine.devices.readCode("what?")).rejects.toMatchObject({ code: "not_found" });
    await cleo.engine.devices.readCode(typed);
    await expect(cleo.engine.devices.send({ history: "none", pin: "000000", ownName: "Phone" })).rejects.toMatchObject({ code: "pin_mismatch" });
    expect(tablet.engine.phase()).toBe("fresh");
    await cleo.engine.devices.send({ history: "none", pin: PIN, ownName: "Phone" });
    await came;
    await until(() => tablet.engine.room(open)?.active === true);
    expect(await texts(tablet, open)).toEqual([]);
    expect(tablet.engine.room(open)).toMatchObject({ unread: 0, last: null });
    await expect(cleo.engine.devices.readCode(typed)).rejects.toMatchObject({ code: "not_found" });
    expect(first.typed).not.toBe(typed);

    const stopped = await fresh();
    await stopped.engine.devices.offer();
    const waiting = stopped.engine.devices.receive({ pin: NEW_PIN, name: "No" });
    stopped.engine.devices.cancel();
    await expect(waiting).rejects.toMatchObject({ code: "cancelled" });

    // The one in hand signs itself out; the other stays.
    const [current] = await tablet.engine.devices.list();
    await tablet.engine.devices.revoke(current?.device ?? "");
    expect(tablet.engine.phase()).toBe("fresh");
    await until(async () => (await cleo.engine.devices.list()).length === 1);
  });
});
