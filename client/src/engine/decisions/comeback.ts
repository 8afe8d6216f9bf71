/** Rooms that a ban took this person out of, for when it has ended: the server brings nobody back into them. */
import type { StatementBody } from "../../protocol/api-decisions.ts";
import { Batch, type Store } from "../../store/store.ts";
import { isChat, type Rooms } from "../rooms/index.ts";

const KEPT = "coming back";

interface Kept {
  /** Rooms that this device was in when it connected last, while it is not known what becomes of them. */
  were: string[];
  /** What the person is told of until they have put it away. */
  behind: string[];
  /** Bans that ended, and were told of. */
  told: string[];
}

export class Comeback {
  #kept: Kept = { were: [], behind: [], told: [] };
  /** What the server said in this connection about decisions; null before it did. */
  #statements: readonly StatementBody[] | null = null;
  /** Whether it is known which rooms this device is in. Never while it is shut out. */
  #settled = false;

  constructor(private readonly store: Store, private readonly rooms: Rooms, private readonly changed: () => void) {}

  async load(): Promise<void> {
    this.#kept = (await this.store.get<Kept>("meta", await this.store.scope(KEPT))) ?? this.#kept;
  }

  /** A connection begins. Call it before the rooms that the server no longer lists are given up. */
  connected(): Promise<void> {
    this.#statements = null;
    this.#settled = false;
    const inside = this.rooms.all().filter((room) => room.active && isChat(room)).map(({ id }) => id);
    return this.#keep({ were: [...new Set([...this.#kept.were, ...inside])] });
  }

  heard(statements: readonly StatementBody[]): Promise<void> {
    this.#statements = statements;
    return this.#judge();
  }

  settled(): Promise<void> {
    this.#settled = true;
    return this.#judge();
  }

  /** Those that the person is still out of. */
  get behind(): string[] {
    return this.#kept.behind.filter((id) => this.#isOut(id));
  }

  /** The person has read it. */
  async putAway(): Promise<void> {
    await this.#keep({ behind: [] });
    this.changed();
  }

  async #judge(): Promise<void> {
    if (this.#statements === null || !this.#settled) return;
    const bans = this.#statements.filter(({ kind }) => kind === "ban");
    if (bans.some(({ state }) => state === "in_force")) return;
    const { were, behind, told } = this.#kept;
    const ended = bans.map(({ decision }) => decision);
    const fresh = ended.some((one) => !told.includes(one));
    const lost = fresh ? were.filter((id) => this.#isOut(id)) : [];
    await this.#keep({ were: [], behind: [...new Set([...behind, ...lost])], told: ended });
    if (lost.length > 0) this.changed();
  }

  /** Somebody took this device out; who left by themselves wanted to. */
  #isOut(id: string): boolean {
    const room = this.rooms.get(id);
    return room !== null && !room.active && room.record.removed === true;
  }

  async #keep(change: Partial<Kept>): Promise<void> {
    const next = { ...this.#kept, ...change };
    if (JSON.stringify(next) === JSON.stringify(this.#kept)) return;
    this.#kept = next;
    await this.store.write(new Batch().put("meta", await this.store.scope(KEPT), next));
  }
}
