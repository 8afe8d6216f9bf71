/** What should be: who is in the room at each step, and so who reads which message. Knows nothing of MLS or the server. */

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

  came(account: string): void {
    const stays = this.#stays.get(account) ?? [];
    if (stays.at(-1)?.until === null) throw new Error(`${account} is in already`);
    this.#stays.set(account, [...stays, { from: this.step, epoch: null, until: null, lastRead: 0, again: [] }]);
  }

  went(account: string, lastRead: number): void {
    Object.assign(this.#now(account), { until: this.step, lastRead });
  }

  cameAgain(account: string, epoch: number): void {
    this.#now(account).again.push({ step: this.step, epoch });
  }

  said(text: string, by: string, seq: number): void {
    this.messages.push({ text, by, step: this.step, seq });
  }

  isIn(account: string): boolean {
    return this.#stays.get(account)?.at(-1)?.until === null;
  }

  inside(): string[] {
    return [...this.#stays.keys()].filter((account) => this.isIn(account));
  }

  /** The step in which this account last went; null when it is in or was never. */
  wentAt(account: string): number | null {
    return this.#stays.get(account)?.at(-1)?.until ?? null;
  }

  /**
   * Each coming's epoch, in order, as the group's own history tells: `came` are those by which the roster grew, `all` also
   * those in the place of an own old leaf. Throws when it tells of another number of them.
   */
  learnEpochs(account: string, came: readonly number[], all: readonly number[]): void {
    const stays = this.#stays.get(account) ?? [];
    // Whoever went and was back before its leaf was taken out came in that leaf's place: the roster stayed as it was.
    const expected = stays.reduce((sum, { again }) => sum + 1 + again.length, 0);
    if (stays.length !== came.length && all.length !== expected) {
      throw new Error(`${account} came ${stays.length} times, and the group says ${came.length} and ${all.length}`);
    }
    let at = 0;
    for (const [index, stay] of stays.entries()) {
      stay.epoch = (stays.length === came.length ? came[index] : all[at]) ?? null;
      at += 1 + stay.again.length;
    }
  }

  /** `epoch` is the one that the message was encrypted in. */
  verdict(account: string, { step, seq }: Said, epoch: number): Verdict {
    const stay = (this.#stays.get(account) ?? []).find(({ from, until }) => from <= step && (until === null || step <= until));
    if (!stay) return "never reads";
    if (stay.epoch === null) throw new Error(`nobody knows when ${account} came`);
    if (epoch < stay.epoch) return "never reads";
    if (stay.until !== null && seq > stay.lastRead) return "may read";
    return stay.again.some((again) => again.step <= step && epoch < again.epoch) ? "may read" : "reads";
  }

  #now(account: string): Stay {
    const stay = this.#stays.get(account)?.at(-1);
    if (stay?.until !== null) throw new Error(`${account} is not in`);
    return stay;
  }
}
