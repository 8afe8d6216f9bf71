/// <reference lib="webworker" />
/**
 * Keeps this build's files so that later starts need no network. What is kept is exactly one build: a new one is
 * fetched whole beside it and takes its place only when no page uses the old one, or when the person asks for it.
 * Nothing of /api or /ws ever passes through here, and the pages that check evidence and show a network's numbers to everybody are none of the app's.
 */
import { LINKS_CACHE, renewLinks } from "./links.ts";
import { listenForPush, NOTE_CACHE } from "./push.ts";

declare const self: ServiceWorkerGlobalScope;

const name = `kindred-${__BUILD__}`;
const kept: ReadonlySet<string> = new Set(__PRECACHE__);

listenForPush();
self.addEventListener("install", (event) => event.waitUntil(keep()));
self.addEventListener("activate", (event) => event.waitUntil(forgetOthers()));
self.addEventListener("message", (event) => {
  if (event.data === "use now") void self.skipWaiting();
});
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (/^\/(?:api|ws|transparency)(?:\/|$)/u.test(url.pathname) || url.pathname === "/verify.html") return;
  if (request.mode === "navigate") event.waitUntil(renewLinks());
  const path = request.mode === "navigate" ? "/" : url.pathname;
  if (kept.has(path)) event.respondWith(answer(path, request));
});

/** Hashed files may come from the browser's own cache, so that the first start does not fetch them twice. */
async function keep(): Promise<void> {
  const cache = await caches.open(name);
  await cache.addAll([...kept].map((path) => new Request(path, { cache: path.startsWith("/assets/") ? "default" : "no-cache" })));
}

async function forgetOthers(): Promise<void> {
  const others = (await caches.keys()).filter((one) => one !== name && one !== NOTE_CACHE && one !== LINKS_CACHE);
  await Promise.all(others.map((one) => caches.delete(one)));
  await self.clients.claim();
}

async function answer(path: string, request: Request): Promise<Response> {
  const cached = await caches.match(path, { cacheName: name });
  return cached ?? fetch(request);
}
