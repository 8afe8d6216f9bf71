/** Notes of the staff on a case, in a room that whoever asked is never in (docs/protocol.md, section 11.4). */
import { caseBody, type CaseBody } from "../../protocol/api-cases.ts";
import { hex, randomBytes } from "../../protocol/bytes.ts";
import { SerialQueue } from "../../crypto/queue.ts";
import { Batch, type Store } from "../../store/store.ts";
import type { Http } from "../../transport/http.ts";
import { type CaseNote, type EarlierNotes, Failure } from "../../contract/index.ts";
import type { Membership } from "../groups/index.ts";
import { accountsIn, type Outbox, type Room, type Rooms } from "../rooms/index.ts";
import type { Meaning } from "../../content/reading.ts";
import { isTooLong, LONGEST_NOTE } from "../../content/staff-content.ts";
import { type Said, saidIn } from "./staff-room.ts";

const FIRST_EPOCH = 1;

type SaidNote = Said<Extract<Meaning, { type: "note" }>>;

export class CaseNotes {
  readonly #entering = new SerialQueue();

  constructor(
    private readonly http: Http, private readonly store: Store, private readonly rooms: Rooms, private readonly outbox: Outbox,
    private readonly membership: Membership, private readonly me: string, private readonly pump: (room: Room) => void,
  ) {}

  /** The room of the case's notes, if this device knows it. */
  room({ notes }: CaseBody): Room | null {
    return notes === null ? null : this.rooms.get(notes);
  }

  async of(body: CaseBody): Promise<CaseNote[]> {
    const room = this.room(body);
    if (!room) return [];
    return (await this.#found(room)).map(({ meaning: { note }, by, name, at, seq }) => ({
      id: note.note, by: note.passed?.by ?? by, name: note.passed ? null : name, at: note.passed?.at ?? at, text: note.text,
      passedOnBy: note.passed ? by : null, waiting: seq === null,
    }));
  }

  /** Makes the room with the first note, or comes into the one that somebody else has made. */
  async write(body: CaseBody, text: string): Promise<void> {
    const written = text.trim();
    if (written === "") return;
    if (isTooLong(written, LONGEST_NOTE)) throw new Failure("too_large");
    // Two at a time would make two rooms.
    const room = await this.#entering.run(() => this.#inside(body));
    // The server lets nobody else in; this device does not take its word for it.
    if (body.opened_by !== null && accountsIn(room).includes(body.opened_by)) throw new Failure("untrusted");
    await this.outbox.add(room, { type: "note", note: { note: hex(randomBytes(16)), text: written, passed: null } });
    this.pump(room);
  }

  /** What became of notes from before this device came in. */
  async earlier(body: CaseBody): Promise<EarlierNotes> {
    const room = this.room(body);
    const here = room?.active ? await this.#earlier(room) : "whole";
    return here === "whole" && body.notes_gone === true ? "gone" : here;
  }

  async #earlier(room: Room): Promise<EarlierNotes> {
    const { joinedEpoch, joinedSeq, before, members } = room.record;
    // With the first commit the first note was still to be written.
    if (joinedEpoch <= FIRST_EPOCH || !before) return "whole";
    const { whole, lacking } = await this.#tellers(room, joinedSeq);
    if (whole) return "whole";
    return before.some((device) => members.includes(device) && !lacking.has(device.slice(0, 36))) ? "coming" : "gone";
  }

  /** Whether somebody has told it all, of those who passed notes on since then; and who said that they do not have all. */
  async #tellers(room: Room, since: number): Promise<{ whole: boolean; lacking: Set<string> }> {
    const said = await saidIn(this.store, this.outbox, room, "note", this.me);
    const told = said.filter(({ meaning, seq }) => meaning.note.passed !== null && (seq ?? Infinity) > since);
    const lacking = new Set(told.filter(isGap).map(({ by }) => by));
    return { whole: told.some(({ by }) => !lacking.has(by)), lacking };
  }

  /** Whether this device came back to notes that it has, and that those who came meanwhile may not have. */
  async cameBack(room: Room): Promise<boolean> {
    return (await this.#found(room)).some(({ seq }) => seq !== null && seq < room.record.joinedSeq);
  }

  async toldSince(room: Room, since: number): Promise<boolean> {
    return (await this.#tellers(room, since)).whole;
  }

  /** Says once more all that was written, and whether there was more. Durable when it resolves. */
  async passOn(room: Room): Promise<void> {
    const missing = (await this.#earlier(room)) !== "whole";
    const notes = (await this.#found(room)).filter(({ seq }) => seq !== null);
    if (notes.length === 0 && !missing) return;
    const again = notes.map(({ meaning: { note }, by, at }): Extract<Meaning, { type: "note" }> => (
      { type: "note", note: { ...note, passed: note.passed ?? { by, at } } }
    ));
    if (missing) again.push({ type: "note", note: { note: hex(randomBytes(16)), text: "", passed: { by: this.me, at: Date.now() } } });
    await this.outbox.addAll(room, again, new Batch());
    this.pump(room);
  }

  async #inside(body: CaseBody): Promise<Room> {
    const known = this.room(body);
    if (known?.active) return known;
    const others = body.staff.filter((account) => account !== this.me);
    const id = await this.membership.notesRoom(others, async (room) => {
      const { notes } = await this.http.post(`/cases/${body.id}/notes`, { room }, caseBody);
      return notes ?? room;
    });
    const room = this.rooms.get(id);
    if (!room?.active) throw new Failure("forbidden");
    return room;
  }

  /** Each note once, the oldest first: as it was written, if this device has that, or as somebody passed it on. */
  async #found(room: Room): Promise<SaidNote[]> {
    const chosen = new Map<string, SaidNote>();
    for (const said of await saidIn(this.store, this.outbox, room, "note", this.me)) {
      if (isGap(said)) continue;
      const { note } = said.meaning;
      const key = `${note.note} ${note.passed?.by ?? said.by}`;
      const before = chosen.get(key);
      if (!before || (before.meaning.note.passed && !note.passed)) chosen.set(key, said);
    }
    return [...chosen.values()].sort((one, other) => when(one) - when(other));
  }
}

/** Somebody passed on what they have, and says that there was more. */
function isGap({ meaning: { note } }: SaidNote): boolean {
  return note.passed !== null && note.text === "";
}

function when({ meaning, at }: SaidNote): number {
  return meaning.note.passed?.at ?? at;
}
