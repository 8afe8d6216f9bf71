/** What the server says of this person's own cases, and who of those who may read them can (docs/protocol.md, section 11). */
import type { CaseBody } from "../../protocol/api-cases.ts";
import type { CaseMemory } from "./case-memory.ts";
import { toTell } from "./question-news.ts";
import type { CaseRecord } from "../records/index.ts";
import { accountsIn, type Rooms } from "../rooms/index.ts";

export class OwnCases {
  /** As the server said last, since the start. */
  readonly #bodies = new Map<string, CaseBody>();

  constructor(private readonly rooms: Rooms, private readonly memory: CaseMemory, private readonly me: string) {}

  /** Takes it in. Whether that is news. */
  async heard(body: CaseBody): Promise<boolean> {
    const { id, room, concern, urgency, state, opened_at: openedAt, closed_at: closedAt, outcome, claimed_by: claimedBy } = body;
    const known = this.memory.get(id);
    this.#bodies.set(id, body);
    if (known?.withdrawing) return false;
    if (known) {
      if (known.sent === "yes" && known.state === state && known.outcome === outcome && known.claimedBy === claimedBy) return false;
      // Until its room is known here, the case is still to be opened.
      await this.memory.change(known, { state, closedAt, outcome, claimedBy });
      return true;
    }
    if (room === null) return false;
    const named = this.rooms.get(room)?.record.named ?? false;
    const made = await this.memory.learn({
      id, room, concern, urgency, openedAt, named, keptFrom: [], sent: "yes", withdrawing: false, state, closedAt, outcome, claimedBy,
    });
    // What was over before this device heard of it is no news.
    if (state === "closed") await this.memory.change(made, { looked: toTell(made, {}) });
    return true;
  }

  /** As the server said last; null of what this person takes back. */
  latest(id: string): CaseBody | null {
    return this.memory.get(id)?.withdrawing === false ? (this.#bodies.get(id) ?? null) : null;
  }

  /** As the server said last of those that this person does not take back. */
  get bodies(): CaseBody[] {
    return [...this.#bodies.keys()].flatMap((id) => this.latest(id) ?? []);
  }

  /** Those that the server has and that are not over, as far as this device knows. */
  open(): string[] {
    return this.memory.all().filter(({ sent, state }) => sent === "yes" && state !== "closed").map(({ id }) => id);
  }

  /** Closed so long ago that the server has forgotten them, while this device was away. */
  async over(ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      const record = this.memory.get(id);
      if (record && !record.withdrawing) await this.memory.change(record, { state: "closed", closedAt: null, outcome: null });
    }
  }

  /** Whoever has it, or anybody at all while nobody has, is not in its room: what is shown and said there waits for them. */
  unopened(record: CaseRecord): boolean {
    const room = this.rooms.get(record.room);
    if (!room?.active || record.state === "closed") return false;
    const inside = accountsIn(room).filter((account) => account !== this.me);
    return record.claimedBy ? !inside.includes(record.claimedBy) : inside.length === 0;
  }
}
