import { expect, it } from "vitest";
import type { Headless } from "../../client/test/headless.ts";
import { checkNumber, safetyNumber } from "./independent/comparing.ts";
import type { Device } from "./independent/device.ts";
import { fromBase64url, uuidBytes } from "./independent/encodings.ts";
import type { Refused } from "./independent/http.ts";
import { textOf } from "./independent/lines.ts";
import { reads, shown, shows, soon, useScene } from "./scene.ts";

/** Kindred's own engine (core-crypto) and the independent client (ts-mls) with one server. */
const scene = useScene();
let ann: Headless;
let bea: Headless;
let ivo: Device;
let open = "";
let group = "";

it("takes an invite, with a device whose id begins with zeros", async () => {
  [ann, bea] = await Promise.all([scene.engine("Ann", scene.links.moderator), scene.engine("Bea")]);
  ivo = await scene.device("Ivo", scene.memberLink(), "00000000000abcde");
  expect(await ivo.http.rooms()).toMatchObject({ rooms: [], open: [{ title: "Welcome", members: 0 }] });
});

it("enters an open room by external commit, and both sides read each other as checked", async () => {
  await soon("the open room is known", () => [ann, bea].every(({ engine }) => engine.rooms().length === 1));
  open = ann.engine.rooms()[0]?.id ?? "";
  await ann.engine.joinOpenRoom(open);
  await soon("Ann is in", () => ann.engine.members(open).length === 1);
  const room = ivo.room(open);
  await room.enter();
  await room.sayName();
  await room.say("hello from elsewhere");
  await shows(ann, open, ["Ivo: hello from elsewhere"]);
  await ann.engine.sendText(open, "welcome");
  await reads(room, ["hello from elsewhere", "welcome"]);
  await bea.engine.joinOpenRoom(open);
  await soon("all three are in", () => ann.engine.members(open).length === 3 && room.accounts.length === 3);
});

it("is added to a group by a Welcome of core-crypto's, and adds someone with one of its own", async () => {
  group = await ann.engine.createGroup("Tuesday", [ivo.account]);
  const room = ivo.room(group);
  await soon("Ivo is in", () => room.group !== null);
  await ann.engine.sendText(group, "just us");
  await reads(room, ["just us"]);
  await room.add([bea.engine.me().account]);
  await soon("Bea is in", () => bea.engine.room(group)?.joined === true);
  await room.say("and Bea");
  await shows(bea, group, ["Ivo: and Bea"]);
  await bea.engine.sendText(group, "thank you");
  await reads(room, ["just us", "and Bea", "thank you"]);
  await shows(ann, group, ["Ann: just us", "Ivo: and Bea", "Bea: thank you"]);
});

it("answers, edits, deletes and reacts, and understands the others doing so", async () => {
  const room = ivo.room(group);
  const said = room.lines.find((line) => textOf(line) === "thank you");
  if (said === undefined) throw new Error("Bea said it");
  await room.answer(said, "gladly");
  const slip = await room.say("see you on Tuseday");
  await room.edit(slip, "see you on Tuesday");
  await room.remove(await room.say("never mind"));
  await room.react(said, "❤");
  await shows(ann, group, ["Bea: thank you", "Ivo: gladly", "Ivo: see you on Tuesday", "Ivo: (deleted)"]);
  await soon("the reaction is shown", async () => (await ann.engine.messages(group)).messages.some(({ reactions }) => reactions.some(({ emoji }) => emoji === "❤")));
  const { messages } = await ann.engine.messages(group);
  const answer = messages.find(({ body }) => body.type === "text" && body.text === "gladly");
  expect(answer?.replyTo).toMatchObject({ excerpt: "thank you", name: "Bea" });

  const changed = messages.find(({ body }) => body.type === "text" && body.text === "just us")?.key ?? "";
  await ann.engine.edit(group, changed, "just the two of us");
  const first = room.lines.find((line) => textOf(line) === "just us");
  await soon("the edit is read", () => room.lines.some(({ content }) => content?.replaces && Buffer.from(content.replaces).toString("hex") === first?.id));
});

it("renews its keys and follows the others' commits", async () => {
  const room = ivo.room(group);
  const { epoch } = await ivo.http.room(group);
  await room.renew();
  await room.renew();
  expect(room.group?.epoch).toBe(epoch + 2);
  await ann.engine.sendText(group, "new keys?");
  await soon("Ivo reads it", () => room.texts.at(-1) === "new keys?");
  await room.say("new keys");
  await shows(bea, group, ["Ann: new keys?", "Ivo: new keys"]);
});

it("gives way to a commit that was first, and makes its own anew", async () => {
  const jun = await scene.device("Jun");
  await jun.room(open).enter();
  await ivo.room(open).catchUp();
  const late = await ivo.room(open).group?.prepare();
  if (late === undefined) throw new Error("Ivo is in the room");
  await jun.room(open).renew();
  const refused = await ivo.wire.commit(ivo.room(open).raw, late.epoch, late.commit, late.groupInfo).catch((error: unknown) => error as Refused);
  expect(refused).toMatchObject({ code: "stale_epoch", epoch: late.epoch + 1 });
  await Promise.all([jun, ivo, jun, ivo].map((device) => device.room(open).renew()));
  await Promise.all([jun, ivo].map((device) => device.room(open).catchUp()));
  expect(ivo.room(open).group?.epoch).toBe(late.epoch + 5);
  await jun.room(open).say("one after the other");
  await soon("Ivo reads it", () => ivo.room(open).texts.at(-1) === "one after the other");
  await soon("Ann reads it", async () => (await shown(ann, open)).at(-1)?.endsWith("one after the other") === true);
});

it("founds a group and a conversation of its own, which core-crypto joins by its Welcomes", async () => {
  const own = await ivo.createRoom("group", [ann.engine.me().account, bea.engine.me().account]);
  await own.say("made elsewhere");
  for (const person of [ann, bea]) await shows(person, own.id, ["Ivo: made elsewhere"]);
  await bea.engine.sendText(own.id, "and good");
  await reads(own, ["made elsewhere", "and good"]);

  const direct = await ivo.createRoom("direct", [bea.engine.me().account]);
  await direct.say("only for you");
  await shows(bea, direct.id, ["Ivo: only for you"]);
  await bea.engine.sendText(direct.id, "I am here");
  await reads(direct, ["only for you", "I am here"]);
});

it("comes back online and reads what it missed, commits included", async () => {
  const room = ivo.room(group);
  const before = room.texts;
  await ivo.disconnect();
  await bea.engine.sendText(group, "are you there?");
  const cleo = await scene.engine("Cleo");
  await soon("Cleo knows the room", () => cleo.engine.room(open) !== null);
  await cleo.engine.joinOpenRoom(open);
  await soon("Ann sees Cleo", () => ann.engine.people().some(({ account }) => account === cleo.engine.me().account));
  await ann.engine.addMembers(group, [cleo.engine.me().account]);
  await soon("Cleo is in", () => cleo.engine.room(group)?.joined === true);
  await cleo.engine.sendText(group, "hello Ivo");
  await shows(ann, group, ["Bea: are you there?", "Cleo: hello Ivo"]);
  await ivo.connect();
  await reads(room, [...before, "are you there?", "hello Ivo"]);
  expect(room.accounts).toContain(cleo.engine.me().account);
});

it("enters a group by a link, and again by external commit when its state is lost", async () => {
  const lara = await scene.device("Lara");
  const room = await lara.acceptRoomInvite(await ann.engine.createRoomInvite(group, { uses: 1, days: 1 }));
  await room.say("by a link");
  await shows(bea, group, ["Lara: by a link"]);
  room.group = null;
  await room.enter();
  expect(room.members().filter(({ account }) => account === lara.account)).toHaveLength(1);
  // Until Bea has followed, she writes in an epoch that Lara has no keys of any more.
  await room.say("here again");
  await shows(bea, group, ["Lara: here again"]);
  await bea.engine.sendText(group, "back again?");
  await soon("Lara reads it", () => room.texts.at(-1) === "back again?");
  expect(room.faults).toEqual([]);
});

it("commits the server's proposal to remove who left before it sends anything", async () => {
  const [mo, nia] = [await scene.device("Mo"), await scene.engine("Nia")];
  for (const { engine } of [nia]) {
    await soon("the open room is known", () => engine.room(open) !== null);
    await engine.joinOpenRoom(open);
  }
  await mo.room(open).enter();
  await soon("Nia is in", () => mo.room(open).accounts.includes(nia.engine.me().account));
  const room = await mo.createRoom("group", [nia.engine.me().account, ivo.account]);
  await soon("Nia and Ivo are in", () => nia.engine.room(room.id)?.joined === true && ivo.room(room.id).group !== null);
  // Whoever says something carries out what waits: with his name Ivo would do it instead of Mo.
  await soon("Ivo has said his name", () => room.lines.some(({ account }) => account === ivo.account));
  await nia.engine.leave(room.id);
  await soon("Mo has the proposal", () => room.group?.pendingProposals === 1);
  expect((await mo.http.room(room.id)).pending_removals).toHaveLength(1);
  await room.say("without Nia");
  await reads(ivo.room(room.id), ["without Nia"]);
  expect((await mo.http.room(room.id)).pending_removals).toEqual([]);
  expect(room.accounts).toEqual([mo.account, ivo.account].sort());
});

it("comes to the same numbers as core-crypto's clients, for two people and for a room", async () => {
  const room = ivo.room(group);
  const own = ann.engine.me().account;
  const [theirs] = await ivo.http.accounts([own]);
  await soon("Ann knows Ivo's key", () => ann.engine.trust.ofPerson(ivo.account).known);
  const two = safetyNumber([
    { account: uuidBytes(ivo.account), identityKey: ivo.identity.publicKey },
    { account: uuidBytes(own), identityKey: fromBase64url(theirs?.identity_key ?? "") },
  ]);
  expect((await ann.engine.trust.safetyNumber(ivo.account)).groups).toEqual(two);
  await room.catchUp();
  await soon("both are in the same epoch", async () => (await ann.engine.trust.roomCheck(group)).changes === room.group?.epoch);
  const exported = await room.group?.exported();
  if (exported === undefined) throw new Error("Ivo is in the room");
  expect((await ann.engine.trust.roomCheck(group)).groups).toEqual(checkNumber(room.raw, room.group?.epoch ?? 0, exported));
});

it("notices that it was removed, and gets nothing more", async () => {
  const room = ivo.room(group);
  const before = room.texts;
  await room.leave();
  await soon("Ivo is told", () => room.removed);
  await soon("the others are without Ivo", () => [ann, bea].every(({ engine }) => !engine.members(group).some(({ account }) => account === ivo.account)));
  await ann.engine.sendText(group, "without Ivo");
  await shows(bea, group, ["Ann: without Ivo"]);
  await expect(ivo.wire.fetch(room.raw, room.cursor)).rejects.toMatchObject({ code: "not_in_room" });
  await expect(room.say("am I still here?")).rejects.toMatchObject({ code: "not_in_room" });
  expect(room.texts).toEqual(before);
});

it("left no client with a fault", () => {
  expect(scene.faults).toEqual([]);
  expect(ivo.faults).toEqual([]);
});
