import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Actor, until, World } from "../../test/actors.ts";
import { Failure } from "../contract/index.ts";

vi.setConfig({ testTimeout: 120_000 });

let world: World;
beforeEach(async () => {
  world = await World.start();
});
afterEach(async () => {
  await world.end();
});

/** An open room that all of them are in. */
async function openRoom(first: Actor, ...others: Actor[]): Promise<string> {
  const room = await first.engine.createOpenRoom("Welcome");
  for (const other of others) {
    await other.engine.joinOpenRoom(room);
  }
  return room;
}

describe("joining", () => {
  it("makes an account that opens again with its PIN and no other", async () => {
    const ann = await world.person("Ann");
    expect(ann.engine.me()).toMatchObject({ name: "Ann", role: "member", network: "Harbour" });
    await ann.engine.lock();
    expect(ann.engine.phase()).toBe("locked");
    await expect(ann.engine.unlock("0000")).rejects.toEqual(new Failure("pin_mismatch"));
    await ann.engine.unlock("2580");
    expect(ann.engine.me().name).toBe("Ann");
  });

  it("answers for as long as it says that it is open, also while it is being locked", async () => {
    const ann = await world.person("Ann", "moderator");
    const room = await openRoom(ann);
    const failed: unknown[] = [];
    // As screens do, which know of the phase alone.
    ann.engine.on("rooms", () => {
      if (ann.engine.phase() !== "open") return;
      try {
        ann.engine.rooms();
      } catch (error) {
        failed.push(error);
      }
    });
    await ann.engine.setMuted(room, true);
    await ann.engine.lock();
    expect(ann.engine.phase()).toBe("locked");
    expect(failed).toEqual([]);
  });

  it("says kindly and precisely what is wrong with an invite", async () => {
    const ann = await world.person("Ann");
    await expect(ann.engine.readInvite("#i.AAAAAAAAAAAAAAAAAAAAAA.gA")).rejects.toEqual(new Failure("invite_unknown"));
    await expect(ann.engine.readInvite("nonsense")).rejects.toEqual(new Failure("invite_unknown"));
    const used = await world.server.invite("member", 0);
    await expect(ann.engine.readInvite(used)).rejects.toEqual(new Failure("invite_used"));
    expect(await ann.engine.readInvite(await world.server.invite())).toMatchObject({ kind: "network", title: "Harbour", inviter: "Harbour team" });
  });
});

describe("three people", () => {
  it("talk in an open room, in a group and one to one, and find everything again", async () => {
    const ann = await world.person("Ann", "moderator");
    const [bea, cleo] = [await world.person("Bea"), await world.person("Cleo")];
    const room = await openRoom(ann, bea, cleo);
    await ann.engine.sendText(room, "hello");
    await bea.readsSoon(room, ["Ann: hello"]);
    await bea.engine.sendText(room, "hi Ann");
    await until(async () => (await ann.reads(room)).length === 2);
    await cleo.engine.sendText(room, "hi both");
    for (const [who, texts] of [
      [ann, ["me: hello", "Bea: hi Ann", "Cleo: hi both"]], [bea, ["Ann: hello", "me: hi Ann", "Cleo: hi both"]],
      [cleo, ["Ann: hello", "Bea: hi Ann", "me: hi both"]],
    ] as const) await who.readsSoon(room, [...texts]);

    const group = await ann.engine.createGroup("Tuesday", [bea.account, cleo.account]);
    await until(() => bea.engine.room(group)?.title === "Tuesday" && cleo.engine.room(group)?.title === "Tuesday");
    await cleo.engine.sendText(group, "in the group");
    await bea.readsSoon(group, ["Cleo: in the group"]);

    const direct = await bea.engine.startDirect(cleo.account);
    await bea.engine.sendText(direct, "just us");
    await until(() => cleo.engine.room(direct) !== null);
    await cleo.readsSoon(direct, ["Bea: just us"]);
    expect([cleo.engine.room(direct)?.title, bea.engine.room(direct)?.title]).toEqual(["Bea", "Cleo"]);
    expect(await cleo.engine.startDirect(bea.account)).toBe(direct);

    const before = await Promise.all([room, group, direct].map((id) => bea.reads(id, true)));
    await bea.restart();
    expect(await Promise.all([room, group, direct].map((id) => bea.reads(id, true)))).toEqual(before);
    await bea.engine.sendText(direct, "still here");
    await cleo.readsSoon(direct, ["Bea: just us", "Bea: still here"]);
  });

  it("answer, edit, react and delete", async () => {
    const ann = await world.person("Ann", "moderator");
    const bea = await world.person("Bea");
    const room = await openRoom(ann, bea);
    const key = await ann.engine.sendText(room, "helo");
    await bea.readsSoon(room, ["Ann: helo"]);
    await ann.engine.edit(room, key, "hello");
    await bea.readsSoon(room, ["Ann: hello"]);
    expect(await bea.find(room, "hello")).toMatchObject({ key, edited: true });
    await bea.engine.sendText(room, "hi", { replyTo: key });
    await ann.readsSoon(room, ["me: hello", "Bea: hi"]);
    expect((await ann.find(room, "hi")).replyTo).toEqual({ key, name: "Ann", excerpt: "hello", hidden: false });
    await bea.engine.react(room, key, "❤");
    await until(async () => (await ann.find(room, "hello")).reactions.length === 1);
    expect((await ann.find(room, "hello")).reactions).toEqual([{ emoji: "❤", accounts: [bea.account], keys: [expect.stringMatching(/^[0-9a-f]{32}~\d+$/)], mine: false }]);
    expect((await bea.find(room, "hello")).reactions[0]?.mine).toBe(true);
    await bea.engine.react(room, key, "❤");
    await until(async () => (await ann.find(room, "hello")).reactions.length === 0);
    await expect(bea.engine.edit(room, key, "forged")).rejects.toEqual(new Failure("forbidden"));
    await expect(bea.engine.remove(room, key)).rejects.toEqual(new Failure("forbidden"));
    await ann.engine.remove(room, key);
    await bea.readsSoon(room, ["Ann: (deleted)", "me: hi"]);
    expect((await bea.find(room, "hi")).replyTo?.excerpt).toBe("");
  });

  it("count what is unread, and know what was delivered", async () => {
    const ann = await world.person("Ann", "moderator");
    const bea = await world.person("Bea");
    const room = await openRoom(ann, bea);
    const keys = [await ann.engine.sendText(room, "one"), await ann.engine.sendText(room, "two")];
    await until(() => bea.engine.room(room)?.unread === 2);
    expect(bea.engine.room(room)?.last).toMatchObject({ text: "two", from: "Ann", mine: false });
    await bea.engine.markRead(room);
    expect(bea.engine.room(room)?.unread).toBe(0);
    await bea.restart();
    expect(bea.engine.room(room)?.unread).toBe(0);
    expect(ann.engine.room(room)?.unread).toBe(0);
    await until(async () => (await ann.shown(room)).filter(({ state }) => state === "delivered").length === 2);
    expect((await ann.shown(room)).filter(({ mine, body }) => mine && body.type === "text").map(({ key }) => key)).toEqual(keys);
  });

  it("see pages of a long conversation", async () => {
    const ann = await world.person("Ann", "moderator");
    const room = await openRoom(ann);
    for (let i = 0; i < 25; i += 1) await ann.engine.sendText(room, String(i));
    await until(async () => (await ann.shown(room)).every(({ seq }) => seq !== null));
    const texts: string[] = [];
    let before: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof ann.engine.messages>> = await ann.engine.messages(room, { limit: 10, ...(before ? { before } : {}) });
      texts.unshift(...page.messages.flatMap(({ body }) => (body.type === "text" ? [body.text] : [])));
      before = page.before;
    } while (before);
    expect(texts).toEqual(Array.from({ length: 25 }, (_, i) => String(i)));
  });
});

describe("a group", () => {
  it("lets members in from a shared room and by a link, and tells them who everyone is", async () => {
    const ann = await world.person("Ann", "moderator");
    const [bea, cleo, dora] = [await world.person("Bea"), await world.person("Cleo"), await world.person("Dora")];
    await openRoom(ann, bea, cleo, dora);
    const group = await ann.engine.createGroup("Tuesday", [bea.account]);
    await until(() => bea.engine.room(group)?.title === "Tuesday");
    await bea.engine.addMembers(group, [cleo.account]);
    await until(() => cleo.engine.room(group)?.title === "Tuesday");
    await until(() => ann.engine.members(group).length === 3);
    const link = await ann.engine.createRoomInvite(group, { uses: 1, days: 1 });
    expect(await dora.engine.readInvite(link)).toMatchObject({ kind: "room", title: "Tuesday" });
    expect(await dora.engine.acceptRoomInvite(link)).toBe(group);
    expect(dora.engine.room(group)?.title).toBe("Tuesday");
    await until(() => cleo.engine.members(group).length === 4);
    await dora.engine.sendText(group, "thank you");
    await bea.readsSoon(group, ["Dora: thank you"]);
    expect(cleo.engine.members(group).map(({ name }) => name).sort()).toEqual(["Ann", "Bea", "Cleo", "Dora"]);
    expect(await ann.reads(group, true)).toContain("[joined]");
  });

  it("is renamed and left, and those who stay go on", async () => {
    const ann = await world.person("Ann", "moderator");
    const [bea, cleo] = [await world.person("Bea"), await world.person("Cleo")];
    await openRoom(ann, bea, cleo);
    const group = await ann.engine.createGroup("Tuesday", [bea.account, cleo.account]);
    await until(() => bea.engine.room(group)?.title === "Tuesday");
    await ann.engine.rename(group, "Wednesday");
    await until(() => bea.engine.room(group)?.title === "Wednesday");
    await bea.engine.leave(group);
    expect(bea.engine.room(group)?.active).toBe(false);
    await until(() => ann.engine.members(group).length === 2 && cleo.engine.members(group).length === 2);
    await ann.engine.sendText(group, "after");
    await cleo.readsSoon(group, ["Ann: after"]);
    expect(await bea.reads(group)).toEqual([]);
    await expect(bea.engine.sendText(group, "no")).rejects.toEqual(new Failure("forbidden"));
  });
});
