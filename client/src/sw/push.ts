/// <reference lib="webworker" />
/**
 * What wakes this device says nothing (docs/protocol.md, section 14), so it is not even read. The note that is shown has
 * words that the person chose, the same ones each time; nothing is fetched.
 */
export {};
declare const self: ServiceWorkerGlobalScope;

/** As in client/src/state/waking-browser.ts. */
export const NOTE_CACHE = "kindred-note";
const NOTE = "/note";
const PLAIN = "Something is new";
const TAG = "sync";

interface Badge {
  setAppBadge?(): Promise<void>;
}

export function listenForPush(): void {
  self.addEventListener("push", (event) => event.waitUntil(note()));
  self.addEventListener("notificationclick", (event) => {
    event.notification.close();
    event.waitUntil(show());
  });
}

async function note(): Promise<void> {
  const windows = await self.clients.matchAll({ type: "window" });
  if (windows.some((window) => window.visibilityState === "visible")) return;
  const chosen = await caches.match(NOTE, { cacheName: NOTE_CACHE });
  await self.registration.showNotification(chosen ? await chosen.text() : PLAIN, { tag: TAG, body: "", icon: "" });
  await (self.navigator as Badge).setAppBadge?.();
}

async function show(): Promise<void> {
  const [open] = await self.clients.matchAll({ type: "window" });
  await (open ? open.focus() : self.clients.openWindow("/"));
}
