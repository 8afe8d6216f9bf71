/**
 * Work that many ask for at the same time, such as looking at what the server has: those who ask in the same moment share
 * one run, and those who ask while one is under way share the next, which begins when it has ended. So nobody gets what
 * was found before they asked.
 */
export function joined<T>(work: () => Promise<T>): () => Promise<T> {
  let running: Promise<unknown> = Promise.resolve();
  let next: Promise<T> | null = null;
  return () => {
    next ??= running.then(() => {
      next = null;
      const run = work();
      running = run.catch(() => undefined);
      return run;
    });
    return next;
  };
}
