/**
 * What has to be asked of the server and nobody waits for. HTTP may fail while the socket lives, so that no next connection
 * would begin it anew: it is asked again until there is an answer.
 */
import { isRefusal, Refusal } from "../../protocol/errors.ts";
import { Backoff, sleep } from "../../transport/backoff.ts";
import { WrongGroup } from "./wrong-group.ts";

const FIRST_MS = 3_000;
const MOST_MS = 60_000;

interface Errand {
  work: () => Promise<unknown>;
  /** To be done, for the first time or once more. */
  due: boolean;
  done: Promise<void>;
  /** Cuts its wait short. */
  wake: AbortController;
}

export class Errands {
  readonly #errands = new Map<string, Errand>();
  #stopped = false;

  constructor(private readonly failed: (error: unknown) => void) {}

  /**
   * Does it, and again for as long as what keeps it from being done will pass. Of the same name there is one at a time: what
   * is asked for meanwhile is done once after it. Resolves when it is done, refused for good, or the app is closed.
   */
  run(name: string, work: () => Promise<unknown>): Promise<void> {
    const known = this.#errands.get(name);
    if (known) {
      Object.assign(known, { work, due: true });
      known.wake.abort();
      return known.done;
    }
    const errand: Errand = { work, due: true, done: Promise.resolve(), wake: new AbortController() };
    this.#errands.set(name, errand);
    errand.done = this.#keepDoing(name, errand);
    return errand.done;
  }

  /** There is a connection: what waits is tried at once. */
  connected(): void {
    for (const { wake } of this.#errands.values()) wake.abort();
  }

  stop(): void {
    this.#stopped = true;
    this.connected();
  }

  async #keepDoing(name: string, errand: Errand): Promise<void> {
    const backoff = new Backoff(FIRST_MS, MOST_MS);
    while (errand.due && !this.#stopped) {
      errand.due = false;
      errand.wake = new AbortController();
      try {
        await errand.work();
        backoff.reset();
      } catch (error) {
        if (!(error instanceof Refusal)) this.failed(error);
        // What was refused would be refused again.
        if (!willPass(error)) continue;
        errand.due = true;
        await sleep(error.detail.retryAfterMs ?? backoff.next(), errand.wake.signal);
      }
    }
    // In the same breath: whoever asks from now on begins another one.
    this.#errands.delete(name);
  }
}

/** Nobody said no: there was no answer, the server asks for patience, or somebody else is making or changing the room at this moment. */
export function willPass(error: unknown): error is Refusal {
  return isRefusal(error, "unreachable", "unavailable", "rate_limited", "quota", "stale_epoch", "pending_removal", "room_not_ready");
}

/** Does it for each of them, whatever keeps one of them from it; throws at the end what will pass. */
export async function oneByOne<T>(all: Iterable<T>, work: (one: T) => Promise<unknown>): Promise<void> {
  let passing: Refusal | null = null;
  for (const one of all) {
    try {
      await work(one);
    } catch (error) {
      if (error instanceof WrongGroup) continue;
      // Without an answer there would be none about the others.
      if (!(error instanceof Refusal) || error.code === "unreachable") throw error;
      if (willPass(error)) passing = error;
    }
  }
  if (passing) throw passing;
}
