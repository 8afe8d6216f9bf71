/** What should be: which devices are in the room at each step, and so which of them reads which message. Knows nothing of MLS or the server. */

/** A time in the room, in steps. */
interface Stay {
  from: number;
  /** The epoch that began with the coming. */
  epoch: number | null;
  until: number | null;
  /** The log position of the last message that was read before going; what was on its way is not owed. */
  lastRead: number;
  /** Joining again in between gives up the epochs before, for what was not read by then. */
  again: { step: number; epoch: number }[];
}

export interface Said {
  text: string;
  by: string;
  step: number;
  seq: number;
}

export type Verdict = "reads" | "may read" | "never reads";

export class Model {
  step = 0;
  readonly messages: Said[] = [];
  readonly #stays = new Map<string, Stay[]>();

  came(device: string): void {
    const stays = this.#stays.get(device) ?? [];
    if (stays.at(-1)?.until === null) throw new Error(`${device} is in already`);
    this.#stays.set(device, [...stays, { from: this.step, epoch: null, until: null, lastRead: 0, again: [] }]);
  }

  went(device: string, lastRead: number): void {
    Object.assign(this.#now(device), { until: this.step, lastRead });
  }

  cameAgain(device: string, epoch: number): void {
    this.#now(device).again.push({ step: this.step, epoch });
  }

  said(text: string, by: string, seq: number): void {
    this.messages.push({ text, by, step: this.step, seq });
  }

  isIn(device: string): boolean {
    return this.#stays.get(device)?.at(-1)?.until === null;
  }

  inside(): string[] {
    return [...this.#stays.keys()].filter((device) => this.isIn(device));
  }

  /** The step in which this device last went; null when it is in or was never. */
  wentAt(device: string): number | null {
    return this.#stays.get(device)?.at(-1)?.until ?? null;
  }

  /**
   * Each coming's epoch, in order, as the group's own history tells: `came` are those by which the roster grew, `all` also
   * those in the place of an own old leaf. Throws when it tells of another number of them.
   */
  learnEpochs(device: string, came: readonly number[], all: readonly number[]): void {
    const stays = this.#stays.get(device) ?? [];
    // Whoever went and was back before its leaf was taken out came in that leaf's place: the roster stayed as it was.
    const expected = stays.reduce((sum, { again }) => sum + 1 + again.length, 0);
    if (stays.length !== came.length && all.length !== expected) {
      throw new Error(`${device} came ${stays.length} times, and the group says ${came.length} and ${all.length}`);
    }
    let at = 0;
    for (const [index, stay] of stays.entries()) {
      stay.epoch = (stays.length === came.length ? came[index] : all[at]) ?? null;
      at += 1 + stay.again.length;
    }
  }

  /** `epoch` is the one that the message was encrypted in. */
  verdict(device: string, { step, seq }: Said, epoch: number): Verdict {
    const stay = (this.#stays.get(device) ?? []).find(({ from, until }) => from <= step && (until === null || step <= until));
    if (!stay) return "never reads";
    if (stay.epoch === null) throw new Error(`nobody knows when ${device} came`);
    if (epoch < stay.epoch) return "never reads";
    if (stay.until !== null && seq > stay.lastRead) return "may read";
    return stay.again.some((again) => again.step <= step && epoch < again.epoch) ? "may read" : "reads";
  }

  #now(device: string): Stay {
    const stay = this.#stays.get(device)?.at(-1);
    if (stay?.until !== null) throw new Error(`${device} is not in`);
    return stay;
  }
}
