/** Time as the engine's slow work sees it, so that a test can let weeks go by. */
export interface Clock {
  /** Milliseconds since 1970 UTC. */
  now(): number;
  /** Calls again and again, until the answer is called. `work` never rejects. */
  every(ms: number, work: () => Promise<void>): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  every(ms, work) {
    const timer = setInterval(() => void work(), ms);
    return () => {
      clearInterval(timer);
    };
  },
};
