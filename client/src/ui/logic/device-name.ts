import { words } from "../words/index.ts";

/** What this device is called until the person gives it a name. From what the browser says of itself; only the own devices see it. */
export function deviceName(userAgent: string): string {
  const { names } = words.devices;
  if (/android/iu.test(userAgent)) return names.android;
  if (/iphone/iu.test(userAgent)) return names.iphone;
  if (/ipad/iu.test(userAgent)) return names.ipad;
  if (/windows/iu.test(userAgent)) return names.windows;
  if (/macintosh/iu.test(userAgent)) return names.mac;
  return /linux|x11|cros/iu.test(userAgent) ? names.linux : names.other;
}
