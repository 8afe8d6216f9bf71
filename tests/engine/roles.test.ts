import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { headless, type Headless } from "../../client/test/headless.ts";
import { KindredServer } from "../support/server.ts";

const root = resolve(import.meta.dirname, "../..");
let server: KindredServer;
let staff: Headless;
const people: Headless[] = [];
const faults: unknown[] = [];

beforeAll(async () => {
  server = await KindredServer.start();
  staff = await join("Staff", (await server.links()).coordinator);
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

/** People who share an open room with one another, and so can be added to groups. */
async function gather(...names: string[]): Promise<Headless[]> {
  const link = await staff.engine.createInvite({ role: "member", uses: names.length, days: 1 });
  const gathered: Headless[] = [];
  for (const name of names) gathered.push(await join(name, link.slice(link.indexOf("#"))));
  const open = staff.engine.rooms().find(({ kind }) => kind === "open")?.id ?? "";
  for (const { engine } of [staff, ...gathered]) {
    if (engine.room(open)?.active) continue;
    await until(() => engine.room(open) !== null);
    await engine.joinOpenRoom(open);
  }
  for (const { engine } of gathered) await until(() => gathered.every((other) => engine.person(other.engine.me().account) !== null));
  return gathered;
}

async function groupOf(maker: Headless, others: Headless[]): Promise<string> {
  const room = await maker.engine.createGroup("Tuesday", others.map(({ engine }) => engine.me().account));
  for (const { engine } of others) await until(() => engine.room(room)?.title === "Tuesday" && engine.members(room).length === others.length + 1);
  return room;
}

async function until(condition: () => boolean | Promise<boolean>, withinMs = 60_000): Promise<void> {
  const end = Date.now() + withinMs;
  while (!(await condition())) {
    if (Date.now() > end || faults.length > 0) throw new Error(`not in time: ${condition.toString()}`, { cause: faults[0] });
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const texts = async ({ engine }: Headless, room: string) =>
  (await engine.messages(room, { limit: 1000 })).messages.flatMap(({ body }) => (body.type === "text" ? [body.text] : []));
const epoch = async ({ engine }: Headless, room: string) => (await engine.trust.roomCheck(room)).changes;

describe("a removal in a real server's room", () => {
  it("is committed once by five members who are online, while all of them write and nothing is lost", async () => {
    const [ann, bea, cleo, dana, eve, gone] = await gather("Ann", "Bea", "Cleo", "Dana", "Eve", "Gone");
    if (!ann || !bea || !cleo || !dana || !eve || !gone) throw new Error("nobody");
    const stay = [ann, bea, cleo, dana, eve];
    const room = await groupOf(ann, [bea, cleo, dana, eve, gone]);
    const before = await epoch(ann, room);
    const removing = ann.engine.roles.removeMember(room, gone.engine.me().account);
    await Promise.all(stay.map(({ engine }, index) => engine.sendText(room, `message ${String(index)}`)));
    await removing;
    for (const person of stay) {
      await until(() => person.engine.members(room).length === 5);
      await until(async () => (await texts(person, room)).length === 5);
    }
    expect(await Promise.all(stay.map((person) => epoch(person, room)))).toEqual(stay.map(() => before + 1));
    for (const person of stay) expect(await texts(person, room)).toEqual(await texts(ann, room));
    await until(() => gone.engine.room(room)?.removed === true);
    expect(gone.engine.room(room)).toMatchObject({ active: false, removed: true });
    expect(await gone.engine.roles.pinned(room)).toEqual([]);
    await expect(gone.engine.sendText(room, "let me in")).rejects.toMatchObject({ code: "forbidden" });
  });

  it("waits while nobody is online, and the first to come commits it before sending", async () => {
    const [ann, bea, gone] = await gather("Ann", "Bea", "Gone");
    if (!ann || !bea || !gone) throw new Error("nobody");
    const room = await groupOf(ann, [bea, gone]);
    const before = await epoch(ann, room);
    for (const person of [ann, bea, gone]) person.network(false);
    await until(() => [ann, bea, gone].every(({ engine }) => engine.connection() !== "online"));
    await promisify(execFile)(resolve(root, ".venv/bin/python"), ["manage.py", "ban_account", gone.engine.me().account, "--law", "A law", "--facts", "It was so.", "--why", "It is that."], {
      cwd: root, env: { ...process.env, DATA_DIR: server.dataDir, ORIGIN: server.address },
    });
    await bea.engine.sendText(room, "without them");
    bea.network(true);
    await until(async () => (await bea.engine.messages(room)).messages.some(({ state }) => state === "sent" || state === "delivered"));
    expect(bea.engine.members(room)).toHaveLength(2);
    expect(await epoch(bea, room)).toBe(before + 1);
    ann.network(true);
    await until(async () => (await texts(ann, room)).join() === "without them");
    gone.network(true);
    await until(() => gone.engine.phase() === "suspended");
  });

  it("keeps its word: who was removed comes back by those alone who look after the group", async () => {
    const [ann, bea, cleo] = await gather("Ann", "Bea", "Cleo");
    if (!ann || !bea || !cleo) throw new Error("nobody");
    const room = await groupOf(ann, [bea, cleo]);
    const link = await ann.engine.createRoomInvite(room, { uses: 5, days: 1 });
    await ann.engine.roles.removeMember(room, cleo.engine.me().account);
    await until(() => bea.engine.members(room).length === 2);
    await expect(cleo.engine.acceptRoomInvite(link.slice(link.indexOf("#")))).rejects.toMatchObject({ code: "forbidden" });
    await expect(bea.engine.addMembers(room, [cleo.engine.me().account])).rejects.toMatchObject({ code: "forbidden" });
    await ann.engine.addMembers(room, [cleo.engine.me().account]);
    await until(() => cleo.engine.room(room)?.active === true && bea.engine.members(room).length === 3);
  });

  it("of a branch cuts off everyone who came through somebody, and is seen by coordinators alone", async () => {
    const scoutLink = await staff.engine.createInvite({ role: "moderator", uses: 1, days: 1 });
    const scout = await join("Scout", scoutLink.slice(scoutLink.indexOf("#")));
    const guestLink = await scout.engine.createInvite({ role: "member", uses: 2, days: 1 });
    const guest = await join("Guest", guestLink.slice(guestLink.indexOf("#")));
    await expect(scout.engine.roles.inviteTree()).rejects.toMatchObject({ code: "forbidden" });
    const tree = await staff.engine.roles.inviteTree();
    const found = tree.find(({ account }) => account === guest.engine.me().account);
    expect(found).toMatchObject({ invitedBy: scout.engine.me().account, suspended: false, role: "member" });
    expect(await staff.engine.roles.revokeBranch(scout.engine.me().account, true, { reason: 1, finding: "lured", fact: "one" }, null, 2)).toEqual({ suspended: 2, invitesRevoked: 1, waits: false });
    await until(() => [scout, guest].every(({ engine }) => engine.phase() === "suspended"));
    expect((await staff.engine.roles.inviteTree()).filter(({ suspended }) => suspended).length).toBeGreaterThanOrEqual(2);
    // Whoever is shut out can still have everything deleted.
    const { account } = guest.engine.me();
    await guest.engine.recovery.deleteAccount();
    expect(guest.engine.phase()).toBe("fresh");
    expect((await staff.engine.roles.inviteTree()).map((person) => person.account)).not.toContain(account);
  });
});
