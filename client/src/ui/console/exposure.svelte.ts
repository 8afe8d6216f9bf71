/** After so many uncovered messages a pause is offered, and again after as many more. */
export const OFFER_AFTER = 15;
/** A shift is over after so long without uncovering anything. */
const SHIFT_MS = 3 * 3_600_000;

/** How much a moderator has read in this shift. Kept in memory alone: it is for them, and nobody else's to see. */
export class Exposure {
  seen = $state(0);
  #offered = $state(0);
  #last = 0;
  readonly offers = $derived(this.seen - this.#offered >= OFFER_AFTER);

  constructor(private readonly now: () => number = Date.now) {}

  add(messages: number): void {
    if (this.now() - this.#last > SHIFT_MS) this.paused();
    this.#last = this.now();
    this.seen += messages;
  }

  /** A new shift begins. */
  paused(): void {
    this.seen = 0;
    this.#offered = 0;
  }

  later(): void {
    this.#offered = this.seen;
  }
}

export const exposure = new Exposure();
