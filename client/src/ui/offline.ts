import { app } from "./app.svelte.ts";
import { workerAddress } from "./worker-address.ts";

/**
 * Keeps the app for later starts without a network. A newer version waits until nothing is open any more, or until the
 * person asks for it; it never reloads by itself.
 */
export async function keepForOffline(): Promise<void> {
  if (!("serviceWorker" in navigator) || import.meta.env.DEV) return;
  let asked = false;
  // What came before the worker controlled the page, it would not keep otherwise.
  const tell = (): void => navigator.serviceWorker.controller?.postMessage(taken());
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (asked) location.reload();
    else tell();
  });
  const offer = (worker: ServiceWorker): void => {
    app.newVersion = () => {
      asked = true;
      worker.postMessage("use now");
    };
  };
  const watch = (worker: ServiceWorker | null): void => {
    worker?.addEventListener("statechange", () => {
      if (worker.state === "installed" && navigator.serviceWorker.controller) offer(worker);
    });
  };
  try {
    const registration = await navigator.serviceWorker.register(workerAddress());
    tell();
    if (registration.waiting && navigator.serviceWorker.controller) offer(registration.waiting);
    watch(registration.installing);
    registration.addEventListener("updatefound", () => watch(registration.installing));
  } catch {
    // A private window or a full disk: everything but starting without a network still works, so nobody is bothered.
    return;
  }
}

/** The paths of this origin that the page has taken so far. */
function taken(): string[] {
  const urls = performance.getEntriesByType("resource").map(({ name }) => new URL(name));
  return [...new Set(urls.filter(({ origin }) => origin === location.origin).map(({ pathname }) => pathname))];
}
