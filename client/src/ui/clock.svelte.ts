/** The present minute, so that "Today" becomes "Yesterday" while a screen stays open. */
class Clock {
  now = $state(Date.now());

  start(): void {
    setInterval(() => this.look(), 30_000);
    document.addEventListener("visibilitychange", () => this.look());
  }

  look(): void {
    if (!document.hidden) this.now = Date.now();
  }
}

export const clock = new Clock();
