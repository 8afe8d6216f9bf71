import { app } from "./app.svelte.ts";

/**
 * Keeps the app for later starts without a network. A newer version waits until nothing is open any more, or until the
 * person asks for it; it never reloads by itself.
 */
export async function keepForOffline(): Promise<void> {
  if (!("serviceWorker" in navigator) || import.meta.env.DEV) return;
  let asked = false;
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (asked) location.reload();
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
    const registration = await navigator.serviceWorker.register("/sw.js");
    if (registration.waiting && navigator.serviceWorker.controller) offer(registration.waiting);
    watch(registration.installing);
    registration.addEventListener("updatefound", () => watch(registration.installing));
  } catch {
    // A private window or a full disk: everything but starting without a network still works, so nobody is bothered.
    return;
  }
}
