import { beforeAll, describe, expect, it } from "vitest";
import type { KeyPackage, Proposal } from "ts-mls";
import type { Headless } from "../../client/test/headless.ts";
import type { Device } from "./independent/device.ts";
import { concat, fromBase64url, toBase64url, type Client } from "./independent/encodings.ts";
import { newSigningKeys } from "./independent/identity.ts";
import { newKeyPackage, readKeyPackage, writeKeyPackage } from "./independent/key_packages.ts";
import type { Group, Prepared } from "./independent/mls.ts";
import type { Room } from "./independent/room.ts";
import { hiddenCommit, noise, unreadablePath, wrongConfirmationTag, wrongMembershipTag, wrongSignature } from "./malice.ts";
import { shown, soon, useScene } from "./scene.ts";

/** Eve is a member of a private group and means no good. Ann and Bea have Kindred's own engine, Jun the independent client. */
const scene = useScene();
let ann: Headless;
let bea: Headless;
let jun: Device;
let eve: Device;
let room: Room;
let juns: Room;

beforeAll(async () => {
  [ann, bea] = await Promise.all([scene.engine("Ann", scene.links.moderator), scene.engine("Bea")]);
  [jun, eve] = [await scene.device("Jun"), await scene.device("Eve")];
  await soon("the open room is known", () => [ann, bea].every(({ engine }) => engine.rooms().length === 1));
  const open = ann.engine.rooms()[0]?.id ?? "";
  await ann.engine.joinOpenRoom(open);
  await bea.engine.joinOpenRoom(open);
  for (const device of [jun, eve]) await device.room(open).enter();
  await soon("Ann sees everyone", () => ann.engine.members(open).length === 4);
  const id = await ann.engine.createGroup("Tuesday", [bea.engine.me().account, jun.account, eve.account]);
  await soon("all are in", () => bea.engine.room(id)?.joined === true && [jun, eve].every((device) => device.room(id).group !== null));
  [room, juns] = [eve.room(id), jun.room(id)];
});

let rounds = 0;

/** Everyone but Eve says something, and everyone but Eve reads all of it as checked. */
async function goesOn(): Promise<void> {
  const round = ++rounds;
  await ann.engine.sendText(room.id, `Ann ${round}`);
  await bea.engine.sendText(room.id, `Bea ${round}`);
  await juns.say(`Jun ${round}`);
  const said = ["Ann", "Bea", "Jun"].map((name) => `${name} ${round}`);
  for (const person of [ann, bea]) {
    await soon(`all is read after round ${round}`, async () => {
      const lines = await shown(person, room.id);
      return said.every((words) => lines.includes(`${words.split(" ")[0]}: ${words}`));
    });
  }
  await soon(`Jun reads all of round ${round}`, () => said.every((words) => juns.texts.includes(words)));
  await soon("all agree about who is here", () => [ann, bea].every(({ engine }) => engine.members(room.id).map(({ account }) => account).sort().join() === juns.accounts.join()));
}

/** What is written while others enter anew may be of an epoch that they never had: waits until each has read something of each. */
async function together(): Promise<void> {
  for (let call = 1; call <= 10; call++) {
    const words = ["Ann", "Bea", "Jun"].map((name) => `${name} calls ${rounds}.${call}`);
    await ann.engine.sendText(room.id, words[0] ?? "");
    await bea.engine.sendText(room.id, words[1] ?? "");
    const last = await juns.say(words[2] ?? "");
    await soon("the server has told everyone", async () => (await Promise.all([ann, bea].map(({ engine }) => engine.messages(room.id, { limit: 1 })))).every(({ messages }) => (messages[0]?.seq ?? 0) >= last.seq));
    await juns.settle();
    const read = [...(await Promise.all([ann, bea].map((person) => shown(person, room.id)))), juns.texts];
    if (read.every((lines) => words.every((said) => lines.some((line) => line.endsWith(said))))) return;
  }
  throw new Error("They do not come together");
}

/** How often a person was told that their device came back into the room. */
async function rejoined({ engine }: Headless): Promise<number> {
  const { messages } = await engine.messages(room.id, { limit: 1000 });
  return messages.filter(({ body }) => body.type === "system" && body.note.type === "rejoined").length;
}

async function group(): Promise<Group> {
  await room.settle();
  if (room.group === null) throw new Error("Eve is not in the group");
  // Her own client would refuse to make what the server is meant to refuse.
  return room.group.trusting(async () => true);
}

/** Sends a commit as it is, without any of the client's own care. */
function sent({ epoch, commit, groupInfo, welcome }: Prepared) {
  return eve.wire.commit(room.raw, epoch, commit, groupInfo, welcome);
}

/** The server does not take it, and the room is as it was. */
async function refused(prepared: Prepared, code = /^bad_commit$/): Promise<void> {
  const { epoch, roster } = await eve.http.room(room.id);
  await expect(sent(prepared)).rejects.toMatchObject({ code: expect.stringMatching(code) });
  expect(await eve.http.room(room.id)).toMatchObject({ epoch, roster });
}

async function refusedOf(...proposals: Proposal[]): Promise<void> {
  await refused(await (await group()).prepare(proposals));
}

function add(keyPackage: KeyPackage): Proposal {
  return { proposalType: "add", add: { keyPackage } };
}

describe("commits that the server refuses", () => {
  it("with a signature that does not fit", async () => {
    await refused(await wrongSignature(await group()));
    await goesOn();
  });

  it("that remove somebody else", async () => {
    const victim = (await group()).seats().find(({ account }) => account === bea.engine.me().account);
    await refusedOf({ proposalType: "remove", remove: { removed: victim?.leaf ?? -1 } });
    await goesOn();
  });

  it("that change what the group is, its external sender among it", async () => {
    const { groupId, cipherSuite, version } = (await group()).state.groupContext;
    await refusedOf({ proposalType: "group_context_extensions", groupContextExtensions: { extensions: [] } });
    await refusedOf({ proposalType: "reinit", reinit: { groupId, version, cipherSuite, extensions: [] } });
    await goesOn();
  });

  it("that add a key package which was given from hand to hand, or one of another network", async () => {
    const ned = await scene.device("Ned");
    const fay = await scene.device("Fay", await scene.otherNetwork());
    for (const device of [ned, fay]) {
      const [given = ""] = await device.newKeyPackages(1);
      await refusedOf(add(readKeyPackage(fromBase64url(given))));
      await expect(eve.http.claim(room.id, [device.account])).rejects.toMatchObject({ code: "not_found" });
    }
    await goesOn();
  });

  it("that add Eve's own keys under the name of somebody else", async () => {
    const ola = await scene.device("Ola");
    const open = (await ola.http.rooms()).open[0]?.id ?? "";
    await ola.room(open).enter();
    const { packages } = await eve.http.claim(room.id, [ola.account]);
    expect(packages).toHaveLength(1);
    const own = await newKeyPackage(ola.client, newSigningKeys());
    await refusedOf(add(own.publicPackage));
    await goesOn();
  });

  it("with a group info that is old, or another room's, or of nobody's making", async () => {
    const [info, open] = await Promise.all([room.id, eve.rooms.keys().next().value ?? ""].map(async (id) => fromBase64url((await eve.http.groupInfo(id)).group_info)));
    const prepared = await (await group()).prepare();
    for (const groupInfo of [info, open, noise(400), concat(prepared.groupInfo, noise(1))]) await refused({ ...prepared, groupInfo: groupInfo ?? noise(0) }, /^(bad_commit|malformed)$/);
    await goesOn();
  });

  it("of another epoch or another room", async () => {
    const prepared = await (await group()).prepare();
    await refused({ ...prepared, epoch: prepared.epoch + 1 }, /^(bad_commit|stale_epoch)$/);
    await refused({ ...prepared, epoch: prepared.epoch - 1 }, /^(bad_commit|stale_epoch)$/);
    const elsewhere = eve.room(eve.rooms.keys().next().value ?? "");
    const { commit, groupInfo } = (await elsewhere.group?.prepare()) ?? prepared;
    await refused({ ...prepared, commit, groupInfo });
    await goesOn();
  });

  it("that are hidden in a private message", async () => {
    const hidden = await hiddenCommit(await group());
    await expect(eve.wire.send(room.raw, (await group()).epoch, hidden, noise(32))).rejects.toMatchObject({ code: "malformed" });
    await refused({ ...(await (await group()).prepare()), commit: hidden }, /^malformed$/);
    await goesOn();
  });
});

describe("key packages that the server refuses", () => {
  it.each([
    ["of another account", (client: Client) => newKeyPackage({ ...client, account: jun.account }, eve.signing)],
    ["of another device", (client: Client) => newKeyPackage({ ...client, device: "00000000000000ff" }, eve.signing)],
    ["with a signature key that nobody certified", (client: Client) => newKeyPackage(client, newSigningKeys())],
  ])("%s", async (_title, make) => {
    const raw = toBase64url(writeKeyPackage((await make(eve.client)).publicPackage));
    await expect(eve.http.uploadKeyPackages([raw])).rejects.toMatchObject({ code: "bad_key_package" });
  });

  it("too long, or too many", async () => {
    const { publicPackage } = await newKeyPackage(eve.client, eve.signing);
    const long = { ...publicPackage, extensions: [{ extensionType: 0xf000, extensionData: noise(5000) }] };
    await expect(eve.http.uploadKeyPackages([toBase64url(writeKeyPackage(long))])).rejects.toMatchObject({ code: expect.stringMatching(/^(too_large|malformed|bad_key_package)$/) });
    await expect(eve.newKeyPackages(201).then((all) => eve.http.uploadKeyPackages(all))).rejects.toMatchObject({ code: expect.stringMatching(/^(too_many|malformed)$/) });
    await goesOn();
  });
});

describe("commits that only members can tell are wrong", () => {
  it.each([
    ["a wrong membership tag", wrongMembershipTag],
    ["a wrong confirmation tag", wrongConfirmationTag],
    ["noise in place of the new secrets", unreadablePath],
  ])("%s", async (_title, forge) => {
    const forged = await forge(await group());
    const before = await Promise.all([ann, bea].map(rejoined));
    await sent(forged);
    for (const [index, person] of [ann, bea].entries()) await soon("the room was entered again, and the person told", async () => (await rejoined(person)) > (before[index] ?? 0));
    for (const each of [juns, room]) {
      await each.settle();
      expect(each.group?.epoch).toBeGreaterThan(forged.epoch + 1);
    }
    await together();
    await goesOn();
  });
});
