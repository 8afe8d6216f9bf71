/// <reference lib="webworker" />
/**
 * Keeps this build's files so that later starts need no network. At once it keeps what joining, unlocking, reading and
 * writing take; from the second start on the rest that members can open, on every device alike; what is of one language
 * or of staff, once it was needed here. A new build brings with it the new files of all that the old one kept, and takes
 * its place only when no page uses the old one, or when the person asks for it.
 * Nothing of /api or /ws ever passes through here, and the pages that check evidence and show a network's numbers to everybody are none of the app's.
 */
import { partOf } from "../../build/stages.ts";
import { LINKS_CACHE, renewLinks } from "./links.ts";
import { listenForPush, NOTE_CACHE } from "./push.ts";

declare const self: ServiceWorkerGlobalScope;

const name = `kindred-${__BUILD__}`;
const { first, soon, needed } = __FILES__;
const own: ReadonlySet<string> = new Set([...first, ...soon, ...needed]);

listenForPush();
self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(Promise.all([forgetOthers(), renewLinks()])));
self.addEventListener("message", (event) => {
  if (event.data === "use now") void self.skipWaiting();
  // What the page took before it came under this worker, or beside it.
  else if (Array.isArray(event.data)) event.waitUntil(keepAll(event.data.filter((path) => own.has(path))));
});
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (/^\/(?:api|ws|transparency)(?:\/|$)/u.test(url.pathname) || url.pathname === "/verify.html") return;
  if (request.mode === "navigate") event.waitUntil(Promise.all([renewLinks(), keepAll(soon)]));
  const path = request.mode === "navigate" ? "/" : url.pathname;
  if (own.has(path)) event.respondWith(answer(path, request));
});

async function install(): Promise<void> {
  const caches = await Promise.all((await others()).map((one) => self.caches.open(one)));
  const before = (await Promise.all(caches.map((cache) => cache.keys()))).flat().map(({ url }) => partOf(new URL(url).pathname));
  const again = [...soon, ...needed].filter((path) => before.includes(partOf(path)));
  await Promise.all([...first, ...again].map(keep));
}

/** Where it fails, the next start tries again. */
async function keepAll(paths: readonly string[]): Promise<void> {
  await Promise.allSettled(paths.map(keep));
}

/** Hashed files are taken from what an earlier build kept, or from the browser's own cache, so that none is fetched twice. */
async function keep(path: string): Promise<void> {
  const cache = await caches.open(name);
  if (await cache.match(path)) return;
  const hashed = path.startsWith("/assets/");
  const known = hashed ? await caches.match(path) : undefined;
  if (known) await cache.put(path, known);
  else await cache.add(new Request(path, { cache: hashed ? "default" : "no-cache" }));
}

async function others(): Promise<string[]> {
  return (await caches.keys()).filter((one) => one !== name && one !== NOTE_CACHE && one !== LINKS_CACHE);
}

async function forgetOthers(): Promise<void> {
  await Promise.all((await others()).map((one) => caches.delete(one)));
  await self.clients.claim();
}

async function answer(path: string, request: Request): Promise<Response> {
  const cached = await caches.match(path, { cacheName: name });
  if (cached) return cached;
  const fetched = await fetch(request);
  if (fetched.ok) await (await caches.open(name)).put(path, fetched.clone()).catch(() => undefined);
  return fetched;
}
