/** Push as browsers have it. */
import { type Bytes, equal } from "../../protocol/bytes.ts";
import { Failure } from "../../contract/index.ts";
import type { Subscription, WakingPlatform } from "../common/index.ts";

/** Where the service worker looks for the words and the icon of its note (client/src/sw/push.ts). */
export const NOTE_CACHE = "kindred-note";
const NOTE = "/note";
const NOTE_ICON = "/note-icon";

export const browserWaking: WakingPlatform = {
  able: () => "serviceWorker" in navigator && "PushManager" in globalThis && "Notification" in globalThis,
  permission: () => Notification.permission,
  ask: async () => (await Notification.requestPermission()) === "granted",

  async subscribe(key) {
    const { pushManager } = await navigator.serviceWorker.ready;
    const old = await pushManager.getSubscription();
    const oldKey = old?.options.applicationServerKey;
    const fits = old && oldKey && equal(new Uint8Array(oldKey), key);
    if (old && !fits) await old.unsubscribe();
    return read(fits ? old : await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key }));
  },

  async unsubscribe() {
    const registration = await navigator.serviceWorker.getRegistration();
    await (await registration?.pushManager.getSubscription())?.unsubscribe();
  },

  async keepNote(note) {
    if (note === null) {
      await caches.delete(NOTE_CACHE);
      return;
    }
    // Chosen before anything is kept: a picture that cannot be had changes nothing.
    const icon = note.icon === "none" ? "" : await pictureOf(note.icon);
    const cache = await caches.open(NOTE_CACHE);
    await cache.put(NOTE, new Response(note.words));
    await cache.put(NOTE_ICON, new Response(icon));
  },
};

/** As a data URL, so that nothing has to be fetched when this device is woken. */
async function pictureOf(name: string): Promise<string> {
  const answer = await fetch(`/icons/note-${name}.png`).catch(() => null);
  if (!answer?.ok) throw new Failure("offline");
  const picture = new Uint8Array(await answer.arrayBuffer());
  return `data:image/png;base64,${btoa(String.fromCharCode(...picture))}`;
}

function read(subscription: PushSubscription): Subscription {
  const key = (name: PushEncryptionKeyName): Bytes => {
    const found = subscription.getKey(name);
    if (!found) throw new Failure("unsupported_browser");
    return new Uint8Array(found);
  };
  return { endpoint: subscription.endpoint, p256dh: key("p256dh"), auth: key("auth") };
}
