/** Whoever asked waits for a moderator: since when, and telling the server of it (docs/protocol.md, section 11). */
import { caseBody } from "../../protocol/api-cases.ts";
import type { Http } from "../../transport/http.ts";
import type { CaseMemory } from "./case-memory.ts";
import { awaitedFrom, type CaseTurns, type TalkEnd } from "./case-turns.ts";
import type { CaseRecord } from "../records/index.ts";
import type { Rooms } from "../rooms/index.ts";

export class Awaiting {
  /** By case, the time of what this person said last that the server has heard of. */
  readonly #told = new Map<string, number>();

  constructor(
    private readonly http: Http,
    private readonly rooms: Rooms,
    private readonly memory: CaseMemory,
    private readonly turns: CaseTurns,
    private readonly me: string,
  ) {}

  /** Since when a moderator is to write, as far as this device can tell; null when it is not their turn. */
  async since(record: CaseRecord): Promise<number | null> {
    const end = record.state === "closed" ? null : await this.#end(record);
    return end && awaitedFrom(record.openedAt, end);
  }

  /**
   * Tells that this person has written again, in all of their questions or in the one with this room, so that moderators
   * are called when no answer comes. Throws Refusal.
   */
  async tell(room?: string): Promise<void> {
    for (const record of this.memory.all()) {
      // While nobody has it another clock runs.
      const held = record.state === "claimed" || record.state === "waiting";
      if (!held || record.sent !== "yes" || record.withdrawing || (room !== undefined && record.room !== room)) continue;
      const at = (await this.#end(record))?.since.at(-1);
      if (at === undefined || at === this.#told.get(record.id)) continue;
      await this.http.post(`/cases/${record.id}/asked`, { at }, caseBody);
      this.#told.set(record.id, at);
    }
  }

  /** Null where this device is not in the room. */
  async #end({ room: id }: CaseRecord): Promise<TalkEnd | null> {
    const room = this.rooms.get(id);
    return room?.active ? this.turns.end(room, this.me) : null;
  }
}
