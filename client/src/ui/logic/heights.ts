/** What part of a long list to draw. `first` and `last` are indices (`last` exclusive), `above` and `below` px of room to keep for the rest. */
export interface Part {
  first: number;
  last: number;
  above: number;
  below: number;
}

/**
 * Heights of the lines of a list that is anchored at its end: positions are counted from the bottom, so that lines
 * whose height becomes known above what is seen move nothing. All measures in px.
 */
export class Heights {
  #keys: readonly string[] = [];
  #guess: (index: number) => number = () => 0;
  #known = new Map<string, number>();
  /** #below[i] is the height of everything after line i - 1, so #below[0] is the height of all. */
  #below = new Float64Array(1);
  #stale = true;

  set(keys: readonly string[], guess: (index: number) => number): void {
    this.#keys = keys;
    this.#guess = guess;
    this.#stale = true;
  }

  /** Tells a line's real height. True when it differs from what was assumed. */
  measured(key: string, height: number): boolean {
    if (Math.abs((this.#known.get(key) ?? -1) - height) < 0.05) return false;
    this.#known.set(key, height);
    this.#stale = true;
    return true;
  }

  /** After a change of width or text size nothing that was measured holds. */
  forget(): void {
    this.#known.clear();
    this.#stale = true;
  }

  get total(): number {
    return this.#sums()[0] ?? 0;
  }

  /** From the list's bottom to the bottom of line `index`. */
  below(index: number): number {
    return this.#sums()[index + 1] ?? 0;
  }

  /** From the list's bottom to the top of line `index`. */
  top(index: number): number {
    return this.#sums()[index] ?? 0;
  }

  indexOf(key: string): number {
    return this.#keys.indexOf(key);
  }

  /** The part that is seen when the view of height `view` ends `distance` above the list's bottom, and `margin` more on both sides. */
  part(distance: number, view: number, margin: number): Part {
    const count = this.#keys.length;
    const low = distance - margin;
    const high = distance + view + margin;
    const first = Math.max(0, this.#firstBelow(high) - 1);
    const last = Math.min(count, Math.max(first + 1, this.#firstBelow(low, true)));
    return { first, last, above: this.total - this.top(first), below: this.top(last) };
  }

  /** The first index whose top lies under `position` (or at it, when `orAt`). Tops fall as indices grow. */
  #firstBelow(position: number, orAt = false): number {
    const sums = this.#sums();
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const top = sums[middle] ?? 0;
      if (top < position || (orAt && top <= position)) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #sums(): Float64Array {
    if (!this.#stale) return this.#below;
    const count = this.#keys.length;
    if (this.#below.length !== count + 1) this.#below = new Float64Array(count + 1);
    let sum = 0;
    for (let index = count - 1; index >= 0; index--) {
      sum += this.#known.get(this.#keys[index] ?? "") ?? this.#guess(index);
      this.#below[index] = sum;
    }
    this.#below[count] = 0;
    this.#stale = false;
    return this.#below;
  }
}
