/** Reads what the staff told one another in a room of theirs, and passes it on to those who come later. */
import { decodeMimi, NotMimi } from "../../crypto/mimi.ts";
import type { Store } from "../../store/store.ts";
import { sleep } from "../../transport/backoff.ts";
import { turn } from "../groups/index.ts";
import type { Outbox, Room } from "../rooms/index.ts";
import { interpret, type Meaning } from "../../content/reading.ts";
import type { Self } from "../sync/index.ts";
import type { StoredMessage } from "../../content/stored-message.ts";

/** Newcomers who come together are told together. */
const GATHER_MS = 3_000;
const STEP_MS = 2_000;

/** Something that somebody said, from the log or still in the outbox. */
export interface Said<M extends Meaning = Meaning> {
  meaning: M;
  by: string;
  name: string | null;
  at: number;
  /** Its place in the log; null while it waits. */
  seq: number | null;
}

/** In the log's order, then what waits here. */
export async function saidIn<T extends Meaning["type"]>(
  store: Store, outbox: Outbox, room: Room, type: T, me: string,
): Promise<Said<Extract<Meaning, { type: T }>>[]> {
  // Before the records: what is sent in the meantime is then in both, and recognised.
  const items = [...outbox.of(room.id)];
  const rows = await store.range<StoredMessage>("messages", room.scopes.messages);
  const sent = new Set(rows.map(({ value }) => value.key));
  const all: Said[] = [
    ...rows.flatMap(({ value }) => {
      const meaning = meaningOf(value);
      return meaning ? [{ meaning, by: value.from, name: value.name, at: value.at, seq: value.seq }] : [];
    }),
    ...items.filter(({ record }) => !sent.has(record.id)).map(({ meaning, record }) => ({ meaning, by: me, name: null, at: record.at, seq: null })),
  ];
  return all.filter((said): said is Said<Extract<Meaning, { type: T }>> => said.meaning.type === type);
}

function meaningOf({ body, evidence }: StoredMessage): Meaning | null {
  if ((body.type !== "staff" && body.type !== "report") || !evidence) return null;
  try {
    return interpret(decodeMimi(evidence.content).content);
  } catch (error) {
    if (!(error instanceof NotMimi)) throw error;
    return null;
  }
}

/** Newcomers are told what was said before them by one device: whoever's turn comes first. */
export class Turns {
  readonly #waiting = new Set<string>();

  constructor(private readonly self: Self) {}

  /** Waits for this device's turn, then tells unless somebody did since (`told` is given the log position from which on). */
  async take(room: Room, told: (since: number) => Promise<boolean>, tell: () => Promise<void>): Promise<void> {
    if (this.#waiting.has(room.id)) return;
    this.#waiting.add(room.id);
    const since = room.cursor;
    await sleep(GATHER_MS + turn(room, this.self) * STEP_MS);
    this.#waiting.delete(room.id);
    if (room.active && !(await told(since))) await tell();
  }
}
