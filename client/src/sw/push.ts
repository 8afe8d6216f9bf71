/// <reference lib="webworker" />
/**
 * What wakes this device says nothing (docs/protocol.md, section 14), so it is not even read. The note that is shown has
 * the words and the icon that the person chose, the same each time; nothing is fetched. An app that is open behind other
 * things is told, and looks itself.
 */
import { notes } from "../ui/words/en-notes.ts";

declare const self: ServiceWorkerGlobalScope;

/** As in client/src/engine/notifications/waking-browser.ts. */
export const NOTE_CACHE = "kindred-note";
const NOTE = "/note";
const NOTE_ICON = "/note-icon";
const TAG = "sync";
/** As in client/src/engine/platform-browser.ts. */
const WOKEN = "woken";

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
  for (const window of windows) window.postMessage(WOKEN);
  if (windows.some((window) => window.visibilityState === "visible") || Notification.permission !== "granted") return;
  const [words, icon] = await Promise.all([kept(NOTE), kept(NOTE_ICON)]);
  await self.registration.showNotification(words || notes.news, { tag: TAG, body: "", icon });
  await (self.navigator as Badge).setAppBadge?.();
}

async function kept(path: string): Promise<string> {
  return (await (await caches.match(path, { cacheName: NOTE_CACHE }))?.text()) ?? "";
}

async function show(): Promise<void> {
  const [open] = await self.clients.matchAll({ type: "window" });
  await (open ? open.focus() : self.clients.openWindow("/"));
}
