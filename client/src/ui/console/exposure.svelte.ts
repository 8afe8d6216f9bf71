import type { Staff } from "../../contract/index.ts";

/** After so many uncovered messages a pause is offered, and again after as many more. */
export const OFFER_AFTER = 15;
/** A shift is over after so long without uncovering anything. */
const SHIFT_MS = 3 * 3_600_000;

type Keeper = Pick<Staff, "exposed" | "keepExposed">;

/** How much a moderator has read in this shift, also after the page was loaded anew. It is for them, and nobody else's to see. */
export class Exposure {
  seen = $state(0);
  #offered = $state(0);
  #last = 0;
  #keeper: Keeper | null = null;
  /** What is being kept: nothing is looked up before it is, and nothing counted before that. */
  #keeping: Promise<void> = Promise.resolve();
  #opening: Promise<void> = Promise.resolve();
  readonly offers = $derived(this.seen - this.#offered >= OFFER_AFTER);

  constructor(private readonly now: () => number = Date.now) {}

  /** Goes on with what this device remembers, and keeps it there from now on. Throws Failure. */
  open(keeper: Keeper): Promise<void> {
    this.#keeper = keeper;
    const opened = this.#look(keeper);
    this.#opening = opened.catch(() => undefined);
    return opened;
  }

  async #look(keeper: Keeper): Promise<void> {
    await this.#keeping;
    const kept = await keeper.exposed();
    const { seen, offered, last } = kept && this.now() - kept.last <= SHIFT_MS ? kept : { seen: 0, offered: 0, last: 0 };
    [this.seen, this.#offered, this.#last] = [seen, offered, last];
  }

  /** Throws Failure, having counted them all the same. */
  async add(messages: number): Promise<void> {
    await this.#opening;
    if (this.now() - this.#last > SHIFT_MS) this.seen = this.#offered = 0;
    this.#last = this.now();
    this.seen += messages;
    await this.#keep();
  }

  /** A new shift begins. */
  paused(): Promise<void> {
    this.seen = this.#offered = 0;
    return this.#keep();
  }

  later(): Promise<void> {
    this.#offered = this.seen;
    return this.#keep();
  }

  #keep(): Promise<void> {
    const kept = this.#keeper?.keepExposed({ seen: this.seen, offered: this.#offered, last: this.#last }) ?? Promise.resolve();
    this.#keeping = kept.catch(() => undefined);
    return kept;
  }
}

export const exposure = new Exposure();
