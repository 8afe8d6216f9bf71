// A random history of one room, lived by real core-crypto devices that all process every commit.
//
//     node tests/mls/make_history.mjs SEED COMMITS > history.json
//
// Each step holds what the server would get, and the members as core-crypto lists them afterwards.
import { createHash } from "node:crypto";
import { Device, Server, base64, random } from "./core_crypto.mjs";

const [seed, commits] = [process.argv[2] ?? "1", Number(process.argv[3] ?? "30")];
const below = random(seed);
const pick = (list) => list[below(list.length)];
const digest = (text) => createHash("sha256").update(`${seed}/${text}`).digest();
const server = new Server(digest("server"));
const room = digest("room").subarray(0, 16);

let made = 0;
async function newDevice(account) {
  const hex = digest(`device ${made++}`).toString("hex");
  const uuid = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*/, "$1-$2-$3-$4-$5");
  return Device.open(account ?? uuid, hex.slice(40, 56));
}

const founder = await newDevice();
await founder.create(room, server);
let members = [founder]; // by leaf, null where a leaf is blank
let groupInfo = null;
const steps = [];
const present = () => members.filter(Boolean);
const seat = (device) => {
  const free = members.indexOf(null);
  if (free < 0) members.push(device);
  else members[free] = device;
};

async function propose(device) {
  const epoch = await device.epoch(room);
  const victims = present().filter((other) => other !== device && below(3) === 0).slice(0, 2);
  const leaves = victims.map((victim) => members.indexOf(victim));
  const messages = leaves.map((leaf) => server.externalRemove(room, epoch, leaf));
  const others = present().filter((other) => !victims.includes(other));
  for (const message of messages) for (const other of others) await other.process(room, message);
  return { messages, leaves, victims };
}

async function commit(device, action, removal, keyPackages = []) {
  await action();
  const sent = device.sent;
  groupInfo = sent.groupInfo;
  for (const leaf of removal.leaves) members[leaf] = null;
  steps.push({
    sender: device.clientId,
    signatureKey: base64(device.signatureKey),
    commit: base64(sent.commit),
    groupInfo: base64(sent.groupInfo),
    welcome: sent.welcome && base64(sent.welcome),
    pending: removal.messages.map(base64),
    keyPackages: keyPackages.map(base64),
    roster: await device.members(room),
  });
  for (const other of present()) if (other !== device) await other.process(room, sent.commit);
  return sent;
}

const nothing = { messages: [], leaves: [], victims: [] };
await commit(founder, () => founder.update(room), nothing);
while (steps.length < commits) {
  const device = pick(present());
  const chance = below(10);
  if (chance < 4) {
    const removal = below(2) ? await propose(device) : nothing;
    const joiners = [];
    for (let count = 1 + below(5); count > 0; count--) joiners.push(await newDevice(below(4) ? undefined : device.account));
    const keyPackages = [];
    for (const joiner of joiners) keyPackages.push(await joiner.keyPackage());
    const sent = await commit(device, () => device.add(room, keyPackages), removal, keyPackages);
    for (const joiner of joiners) {
      await joiner.open(sent.welcome);
      seat(joiner);
    }
  } else if (chance < 6) {
    const removal = await propose(device);
    await commit(device, () => device.update(room), removal);
  } else if (chance < 7) {
    const joiner = await newDevice();
    await commit(joiner, () => joiner.enter(groupInfo), nothing);
    seat(joiner);
  } else if (chance < 8) {
    const leaf = members.indexOf(device);
    if (present().length < 2) continue;
    await device.forget(room);
    members[leaf] = null;
    await commit(device, () => device.enter(groupInfo), nothing);
    seat(device);
  } else {
    const own = present().filter((other) => other !== device && other.account === device.account);
    if (!own.length) continue;
    const victim = pick(own);
    await commit(device, () => device.remove(room, [victim]), { messages: [], leaves: [members.indexOf(victim)] });
  }
}
console.log(
  JSON.stringify({ group: base64(room), serverKey: base64(server.publicKey), madeAt: Math.floor(Date.now() / 1000), steps }),
);
