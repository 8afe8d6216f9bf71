/** What the server says of cases, asked or by itself: of this person's own, and to staff of everybody's. */
import type { CaseBody } from "../../protocol/api-cases.ts";
import { isRefusal } from "../../protocol/errors.ts";
import type { Http } from "../../transport/http.ts";
import type { CaseFiles } from "./case-files.ts";
import { allCases, type Emitter, joined } from "../common/index.ts";
import type { Introductions } from "../groups/index.ts";
import type { LettingIn } from "./letting-in.ts";
import type { OwnCases } from "./own-cases.ts";
import type { Rooms } from "../rooms/index.ts";

export class CaseNews {
  constructor(
    private readonly http: Http,
    private readonly rooms: Rooms,
    private readonly mine: OwnCases,
    private readonly files: CaseFiles,
    private readonly letting: LettingIn,
    private readonly introductions: Introductions,
    private readonly emitter: Emitter,
    private readonly isStaff: () => boolean,
  ) {}

  /** Asks for this person's own. Throws Refusal. */
  readonly ask = joined(() => this.#ask());

  /** For somebody who looks: without an answer they see what is known here. */
  async look(): Promise<void> {
    try {
      await this.ask();
    } catch (error) {
      if (!isRefusal(error, "unreachable", "unavailable", "rate_limited")) throw error;
    }
  }

  async #ask(): Promise<void> {
    const before = this.mine.open();
    // To staff the server tells their own with the others'.
    if (this.isStaff()) {
      await this.files.refresh();
      return this.#over(before.filter((id) => this.files.known(id) === null));
    }
    const [open, closed] = await Promise.all([allCases(this.http, { closed: false }), allCases(this.http, { closed: true })]);
    const bodies = [...open, ...closed];
    await this.heard(bodies);
    return this.#over(before.filter((id) => !bodies.some((body) => body.id === id)));
  }

  async #over(ids: readonly string[]): Promise<void> {
    await this.mine.over(ids);
    if (ids.length > 0) this.emitter.emit("cases", null);
  }

  /** Takes it in; `changed` when something is news already. */
  async heard(bodies: readonly CaseBody[], changed = false): Promise<void> {
    let news = changed;
    for (const body of bodies) news = (await (body.mine ? this.mine.heard(body) : this.#help(body))) || news;
    this.letting.look(bodies);
    if (news) this.emitter.emit("cases", null);
  }

  /** In the room of somebody else's case this person is there to help, and says who they are. */
  async #help({ room: id, opened_by: asker }: CaseBody): Promise<boolean> {
    const room = id === null ? null : this.rooms.get(id);
    if (!room?.active || room.record.kind !== "case") return false;
    // The server forgets it with the account; what they said and showed stays theirs.
    if (asker !== null && room.record.asker === undefined) {
      await this.rooms.update(room, (record) => {
        record.asker = asker;
      });
    }
    if (room.record.named === true) return false;
    await this.rooms.update(room, (record) => {
      record.named = true;
    });
    await this.introductions.greet(room);
    return true;
  }
}
