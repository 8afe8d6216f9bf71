/** What the devices of one account tell each other, in a room of their own. */
export { type DeviceNames, LONGEST_DEVICE_NAME, OwnDevices, saveDeviceNames } from "./own-devices.ts";
export { Own, type OwnItem } from "./own.ts";
export { Sharing } from "./sharing.ts";
