interface Badge {
  clearAppBadge?(): Promise<void>;
}

/** A note on the lock screen goes away when the person is here. */
export function clearNotes(): void {
  const clear = async (): Promise<void> => {
    if (document.visibilityState !== "visible") return;
    const registration = await navigator.serviceWorker.getRegistration();
    for (const note of (await registration?.getNotifications()) ?? []) note.close();
    await (navigator as Badge).clearAppBadge?.();
  };
  const quietly = (): void => {
    // Some browsers have none of it, and some refuse it in private windows: then there is no note either.
    clear().catch(() => undefined);
  };
  if (!("serviceWorker" in navigator)) return;
  document.addEventListener("visibilitychange", quietly);
  quietly();
}
