/// <reference lib="webworker" />
/**
 * The addresses that hints warn about (docs/hints.md). Every device fetches all of them, when the app first works offline
 * and about once a day when it is opened, whether its person has hints on or not: so fetching tells the server nothing, and no address is ever asked about.
 */

/** As in client/src/engine/platform-browser.ts. */
export const LINKS_CACHE = "kindred-links";
const LINKS = "/hints/links";
const DAY_MS = 24 * 60 * 60 * 1000;
const AT = "kindred-fetched";

/** Without a network, what is there stays. */
export async function renewLinks(): Promise<void> {
  const kept = await caches.match(LINKS, { cacheName: LINKS_CACHE });
  if (kept && Date.now() - Number(kept.headers.get(AT)) < DAY_MS) return;
  const fetched = await fetch(LINKS, { cache: "no-cache" }).catch(() => null);
  if (!fetched?.ok) return;
  await (await caches.open(LINKS_CACHE)).put(LINKS, new Response(await fetched.arrayBuffer(), { headers: { [AT]: String(Date.now()) } }));
}
