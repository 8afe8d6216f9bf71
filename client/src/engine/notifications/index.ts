/** Web Push on this device. */
export { browserWaking } from "./waking-browser.ts";
export { Waking } from "./waking.ts";
