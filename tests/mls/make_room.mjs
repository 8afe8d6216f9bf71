// One room of N real devices: founded, everybody added in one commit, then the founder renews its keys twice.
//
//     node tests/mls/make_room.mjs N > room.json
import { randomBytes, randomUUID } from "node:crypto";
import { Device, Server, base64, uuidBytes } from "./core_crypto.mjs";

const size = Number(process.argv[2] ?? "2");
const server = new Server(randomBytes(32));
const room = uuidBytes(randomUUID());
const founder = await Device.open(randomUUID(), "f000000000000001");
await founder.create(room, server);
const keyPackages = [];
for (let count = 1; count < size; count++) {
  const device = await Device.open(randomUUID(), "d000000000000001");
  keyPackages.push(await device.keyPackage());
}
const sent = [];
const keep = () => sent.push(Object.fromEntries(Object.entries(founder.sent).map(([name, bytes]) => [name, bytes && base64(bytes)])));
await founder.add(room, keyPackages);
keep();
await founder.update(room);
keep();
await founder.update(room);
keep();
console.log(
  JSON.stringify({
    group: base64(room),
    serverKey: base64(server.publicKey),
    clientId: founder.clientId,
    signatureKey: base64(founder.signatureKey),
    keyPackages: keyPackages.map(base64),
    sent,
  }),
);
