// A device of core-crypto itself: node real_device.mjs ACCOUNT DEVICE COUNT prints its key and bare key packages.
import { Device, base64 } from "../mls/core_crypto.mjs";

const [account, hex, count] = process.argv.slice(2);
const device = await Device.open(account, hex);
const keyPackages = [];
for (let number = 0; number < Number(count); number++) keyPackages.push(base64(await device.keyPackage()));
console.log(JSON.stringify({ clientId: device.clientId, signatureKey: base64(device.signatureKey), keyPackages }));
