/** What the network's moderators have among themselves: what `engine.staff` does (docs/protocol.md, section 11.4). */
import type { CaseBody } from "../../protocol/api-cases.ts";
import { Batch, type Store } from "../../store/store.ts";
import type { Answers } from "./answers.ts";
import type { CaseNotes } from "./case-notes.ts";
import type { CaseNote, EarlierNotes, Exposed, SavedAnswer, Staff } from "../../contract/index.ts";
import type { Emitter } from "../common/index.ts";
import type { Self } from "../sync/index.ts";
import type { Room, Rooms } from "../rooms/index.ts";
import { Turns } from "./staff-room.ts";

const EXPOSED = "exposed";

export class Staffwork implements Staff {
  readonly #turns: Turns;

  constructor(
    private readonly look: (id: string) => Promise<CaseBody>, private readonly caseNotes: CaseNotes, readonly ready: Answers,
    private readonly rooms: Rooms, private readonly store: Store, emitter: Emitter, self: Self,
  ) {
    this.#turns = new Turns(self);
    emitter.on("room", (id) => {
      const kind = rooms.get(id)?.record.kind;
      if (kind === "notes" || kind === "staff") emitter.emit("cases", null);
    });
  }

  async notes(id: string): Promise<CaseNote[]> {
    return this.caseNotes.of(await this.look(id));
  }

  async earlierNotes(id: string): Promise<EarlierNotes> {
    return this.caseNotes.earlier(await this.look(id));
  }

  async writeNote(id: string, text: string): Promise<void> {
    await this.caseNotes.write(await this.look(id), text);
  }

  async notesRead(id: string): Promise<void> {
    const room = this.caseNotes.room(await this.look(id));
    if (room && room.unread > 0) await this.rooms.savePrefs(room, { read: room.record.counted });
  }

  answers(): Promise<SavedAnswer[]> {
    return this.ready.list();
  }

  saveAnswer(answer: Omit<SavedAnswer, "id"> & { id: string | null }): Promise<void> {
    return this.ready.save(answer);
  }

  removeAnswer(id: string): Promise<void> {
    return this.ready.remove(id);
  }

  async exposed(): Promise<Exposed | null> {
    return this.store.get<Exposed>("meta", await this.store.scope(EXPOSED));
  }

  async keepExposed(exposed: Exposed): Promise<void> {
    await this.store.write(new Batch().put("meta", await this.store.scope(EXPOSED), { ...exposed }));
  }

  /** Somebody is in the room who was not before: they get what was said before them, from whoever's turn comes first. */
  async joined(room: Room): Promise<void> {
    const { kind } = room.record;
    if (kind !== "notes" && kind !== "staff") return;
    const said = kind === "notes" ? this.caseNotes : this.ready;
    await this.#turns.take(room, (since) => said.toldSince(room, since), () => said.passOn(room));
  }

  /** This device is in the room. Of notes that it has from before, those who came while it was out may have none. */
  async entered(room: Room): Promise<void> {
    if (room.record.kind === "notes" && (await this.caseNotes.cameBack(room))) await this.joined(room);
  }
}

/** The contract's side: whatever goes wrong becomes a Failure. */
export function guardedStaff(staff: () => Staffwork, attempt: <T>(work: () => Promise<T>) => Promise<T>): Staff {
  return {
    notes: (id) => attempt(() => staff().notes(id)),
    earlierNotes: (id) => attempt(() => staff().earlierNotes(id)),
    writeNote: (id, text) => attempt(() => staff().writeNote(id, text)),
    notesRead: (id) => attempt(() => staff().notesRead(id)),
    answers: () => attempt(() => staff().answers()),
    saveAnswer: (answer) => attempt(() => staff().saveAnswer(answer)),
    removeAnswer: (id) => attempt(() => staff().removeAnswer(id)),
    exposed: () => attempt(() => staff().exposed()),
    keepExposed: (exposed) => attempt(() => staff().keepExposed(exposed)),
  };
}
