// Makes vectors.json: what real core-crypto devices send, in honest and in dishonest turns.
//
//     node tests/mls/make_vectors.mjs > tests/mls/vectors.json
//
// Keys are new each time, so the file changes as a whole; nothing in the tests depends on its bytes.
import { randomBytes, randomUUID } from "node:crypto";
import { Device, OTHER_SUITE, Server, base64, uuidBytes } from "./core_crypto.mjs";

const server = new Server(randomBytes(32));
const steps = [];
const devices = {};
const keyPackages = {};

async function open(name, hex, account = randomUUID(), suite) {
  devices[name] = await Device.open(account, hex, suite);
  keyPackages[name] = [];
  return devices[name];
}

async function keyPackage(device) {
  const name = Object.keys(devices).find((key) => devices[key] === device);
  const bytes = await device.keyPackage();
  keyPackages[name].push(base64(bytes));
  return bytes;
}

/**
 * Notes what `device` sends while it does `action`. A turn with a `code` is refused by the room; one that is
 * `lost` could have been accepted, but the room goes on without it.
 */
async function turn(title, groupId, device, action, { pending = [], code = null, lost = false } = {}) {
  const refused = Boolean(code) || lost;
  const epoch = steps.filter((step) => step.group === base64(groupId) && step.kept).length;
  device.take = () => {
    if (refused) throw new Error("refused");
  };
  let failure = null;
  await action().catch((error) => {
    failure = error;
  });
  if (Boolean(failure) !== refused) throw failure ?? new Error(`${title} was not refused`);
  const sent = device.sent;
  steps.push({
    title,
    group: base64(groupId),
    epoch,
    sender: device.clientId,
    signatureKey: base64(device.signatureKey),
    commit: base64(sent.commit),
    groupInfo: base64(sent.groupInfo),
    welcome: sent.welcome && base64(sent.welcome),
    pending: pending.map(base64),
    code,
    kept: !refused,
    roster: refused ? null : await device.members(groupId),
  });
  return sent;
}

const spread = async (groupId, message, ...to) => {
  for (const device of to) await device.process(groupId, message);
};

const room = uuidBytes(randomUUID());
const alice = await open("alice", "a11ce00000000001");
const phone = await open("alice's phone", "a11ce00000000002", alice.account);
const bob = await open("bob", "b0b0000000000001");
const carol = await open("carol", "00ca501000000001"); // leading zeros
const dave = await open("dave", "da5e000000000001");
const erin = await open("erin", "e519000000000001");

await alice.create(room, server);
await turn("alice founds the room alone", room, alice, () => alice.update(room));
const firstAdd = [await keyPackage(bob), await keyPackage(carol)];
let sent = await turn("alice adds bob and carol", room, alice, () => alice.add(room, firstAdd));
for (const device of [bob, carol]) await device.open(sent.welcome);
sent = await turn("dave comes in by himself", room, dave, () => dave.enter(sent.groupInfo));
await spread(room, sent.commit, alice, bob, carol);
const message = await dave.encrypt(room, "hello");
await turn("carol loses the race", room, carol, () => carol.update(room), { code: "stale_epoch" });
sent = await turn("bob renews his keys", room, bob, () => bob.update(room));
steps.push(...steps.splice(-2, 1)); // hers arrives after his
await spread(room, sent.commit, alice, carol, dave);

let removal = server.externalRemove(room, await bob.epoch(room), 2);
const proposals = [{ epoch: await bob.epoch(room), leaf: 2, message: base64(removal), group: base64(room) }];
await turn("dave has not seen that carol is removed", room, dave, () => dave.update(room), { pending: [removal], code: "pending_removal" });
await turn("carol commits while she is removed", room, carol, () => carol.update(room), { pending: [removal], code: "not_allowed" });
await spread(room, removal, alice, bob, dave);
sent = await turn("bob removes carol for the server", room, bob, () => bob.commitPending(room), { pending: [removal] });
await spread(room, sent.commit, alice, dave);

const epoch = await alice.epoch(room);
removal = server.externalRemove(room, epoch, 3);
proposals.push({ epoch, leaf: 3, message: base64(removal), group: base64(room) });
const secondAdd = [await keyPackage(erin), await keyPackage(phone)];
const outside = await open("frank", "f000000000000001");
await turn("frank comes in while a removal waits", room, outside, () => outside.enter(sent.groupInfo), { pending: [removal], lost: true });
await spread(room, removal, alice, bob);
sent = await turn("alice adds erin and her phone and removes dave", room, alice, () => alice.add(room, secondAdd), { pending: [removal] });
await spread(room, sent.commit, bob);
for (const device of [erin, phone]) await device.open(sent.welcome);

await bob.forget(room);
sent = await turn("bob comes back by himself", room, bob, () => bob.enter(sent.groupInfo));
await spread(room, sent.commit, alice, erin, phone);
await turn("erin removes bob", room, erin, () => erin.remove(room, [bob]), { code: "not_allowed" });
sent = await turn("alice removes her phone", room, alice, () => alice.remove(room, [phone]));
await spread(room, sent.commit, bob, erin);
await new Promise((done) => setTimeout(done, 1100));
await turn("erin changes her signature key", room, erin, () => erin.rotate(room), { code: "bad_signature" });

const direct = uuidBytes(randomUUID());
await alice.create(direct, server);
const onlyBob = [await keyPackage(bob)];
await turn("alice founds a direct room with bob", direct, alice, () => alice.add(direct, onlyBob));
const unguarded = uuidBytes(randomUUID());
await alice.create(unguarded);
await turn("alice founds a room without the server", unguarded, alice, () => alice.update(unguarded), { code: "not_allowed" });

const stranger = await open("stranger", "5000000000000001", randomUUID(), OTHER_SUITE);
const otherRoom = uuidBytes(randomUUID());
await stranger.create(otherRoom, server);
await turn("a room of another suite", otherRoom, stranger, () => stranger.update(otherRoom), { code: "wrong_suite" });
const short = await bob.keyPackage(60_000);
const long = await bob.keyPackage(200 * 86_400_000);

const people = {};
for (const [name, device] of Object.entries(devices)) {
  people[name] = { clientId: device.clientId, signatureKey: base64(device.signatureKey), keyPackages: keyPackages[name] };
}
const vectors = {
  about: "made by make_vectors.mjs with core-crypto 10.3.0; bytes are base64",
  madeAt: Math.floor(Date.now() / 1000),
  serverSeed: base64(server.seed),
  people,
  foreignKeyPackage: base64(await stranger.keyPackage()),
  shortKeyPackage: base64(short),
  longKeyPackage: base64(long),
  application: { group: base64(room), epoch: 3, message: base64(message) },
  proposals,
  steps,
};
console.log(JSON.stringify(vectors, null, 1));
