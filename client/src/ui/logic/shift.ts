/** Longest time (ms) from one press of Shift to the next. */
export const patience = 5_000;

/**
 * Counts presses of Shift alone, as the GOV.UK "Exit this page" component does: three, each within five seconds of the
 * one before, with no other key in between. Shift used to write a capital letter does not count.
 */
export class ShiftCounter {
  #count = 0;
  #last = Number.NEGATIVE_INFINITY;
  #modified = false;

  get count(): number {
    return this.#count;
  }

  /** For each keyup, with its time in ms; answers how many presses count now (0 to 3). */
  keyup(key: string, shiftStillHeld: boolean, now: number): number {
    if (now - this.#last > patience) this.#count = 0;
    if (key === "Shift" && !this.#modified) {
      this.#count += 1;
      this.#last = now;
    } else {
      this.#count = 0;
    }
    // A letter released while Shift is held is followed by a Shift that was not pressed alone.
    this.#modified = key !== "Shift" && shiftStillHeld;
    return this.#count;
  }

  reset(): void {
    this.#count = 0;
    this.#modified = false;
  }
}
