/** How long to wait before trying again: doubling, and never the same for everyone. */
export class Backoff {
  #tries = 0;

  constructor(private readonly firstMs: number, private readonly mostMs: number) {}

  /** Between half of the step and the whole of it, in ms. */
  next(): number {
    const step = Math.min(this.mostMs, this.firstMs * 2 ** this.#tries);
    this.#tries += 1;
    return step * (0.5 + Math.random() / 2);
  }

  reset(): void {
    this.#tries = 0;
  }
}

export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) {
      resolve();
      return;
    }
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", done);
    function done() {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    }
  });
}
