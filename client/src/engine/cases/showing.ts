/**
 * What a member shows in their case goes there (docs/protocol.md, section 11.2): the words first, with the server's
 * statement about each message, then the pictures. Each step once; what cannot go stays behind and is counted.
 */
import { attestationsBody } from "../../protocol/api-cases.ts";
import type { Bytes } from "../../protocol/bytes.ts";
import { isRefusal, Refusal } from "../../protocol/errors.ts";
import { Batch } from "../../store/store.ts";
import type { Http } from "../../transport/http.ts";
import { addTo, type CaseMemory } from "./case-memory.ts";
import type { Stayed } from "../../contract/index.ts";
import { type Outbox, pictureOf, type Room } from "../rooms/index.ts";
import type { CaseRecord, KeptMessage, ShowingRecord } from "../records/index.ts";
import { type ShownMessage, splitReport } from "../../content/report-content.ts";

const MOST_ATTESTED = 100;

export interface ShowingHooks {
  /** Who can read the case now, but for whoever asked. Throws Refusal. */
  readers(record: CaseRecord): Promise<string[]>;
  /** Brings the picture of a content from one room to another; false when it stays behind. Throws Refusal. */
  bring(from: string, to: string, content: Bytes): Promise<boolean>;
  changed(): void;
  /** Sends what waits in the room, as far as possible now. */
  pump(room: Room): void;
}

interface Attested {
  messages: KeptMessage[];
  shown: ShownMessage[];
  stayed: Stayed;
}

export class Showing {
  constructor(private readonly http: Http, private readonly outbox: Outbox, private readonly memory: CaseMemory, private readonly hooks: ShowingHooks) {}

  /** The words of what is to be shown in this case, as far as possible now. Throws Refusal. */
  async say(record: CaseRecord, room: Room): Promise<void> {
    for (const showing of this.memory.showings(record.id)) if (showing.step === undefined) await this.#say(record, room, showing);
  }

  /** The pictures of what was said, one after the other. What is kept of it changes in turn with everything else. Throws Refusal. */
  async bring(id: string, room: Room, inTurn: (work: () => Promise<void>) => Promise<void>): Promise<void> {
    for (;;) {
      const showing = this.#pictured(id);
      const [next] = showing?.messages ?? [];
      if (!showing?.room || !next) return;
      const behind: Stayed = (await this.hooks.bring(showing.room.id, room.id, next.content)) ? {} : { picture: 1 };
      await inTurn(async () => {
        // It may have been taken back, or closed, meanwhile.
        if (this.#pictured(id) === showing) await this.memory.keep(withoutFirst(showing, behind));
      });
      this.hooks.changed();
    }
  }

  #pictured(id: string): ShowingRecord | undefined {
    return this.memory.showings(id).find(({ step }) => step === "pictures");
  }

  /** The report goes to the outbox whole, and what of its record is done with goes with it. */
  async #say(record: CaseRecord, room: Room, showing: ShowingRecord): Promise<void> {
    const attested = await this.#attested(record, showing);
    if (attested) {
      const { concern, urgency } = record;
      const { report, wish, name, room: from } = showing;
      const parts = splitReport(report, { concern, urgency, wish, name, room: from, passed: null }, attested.shown);
      const next = said(showing, attested);
      const batch = new Batch();
      await this.memory.stage(next, batch);
      await this.outbox.addAll(room, parts.map((part) => ({ type: "report", part })), batch);
      this.memory.adopt(next);
    } else {
      await this.memory.keep(givenUp(showing));
    }
    this.hooks.changed();
    this.hooks.pump(room);
  }

  /** The messages with the server's word for each. Null when the case was closed before. */
  async #attested(record: CaseRecord, showing: ShowingRecord): Promise<Attested | null> {
    // Whoever reads the case is not to find themselves in it, also where they came to read it since it was asked.
    const readers = showing.messages.length > 0 ? await this.hooks.readers(record) : [];
    let messages = showing.messages.filter(({ sender }) => !readers.includes(sender) || record.letIn?.includes(sender));
    const stayed: Stayed = addTo({}, { reader: showing.messages.length - messages.length });
    const shown: ShownMessage[] = [];
    while (shown.length < messages.length) {
      const some = messages.slice(shown.length, shown.length + MOST_ATTESTED);
      try {
        const { attestations } = await this.http.post(`/cases/${record.id}/attest`, { messages: some.map((one) => stamped(showing, one)) }, attestationsBody);
        if (attestations.length !== some.length) throw new Refusal("unavailable");
        shown.push(...some.map(({ content, seq, time }, index) => ({ attestation: attestations[index] ?? "", content, seq, time })));
      } catch (error) {
        if (isRefusal(error, "case_closed")) return null;
        if (!isRefusal(error, "bad_frank")) throw error;
        // Not stamped by this server: it proves nothing.
        const bad = some[error.detail.index ?? 0] ?? some[0];
        messages = messages.filter((one) => one !== bad);
        addTo(stayed, { unproven: 1 });
      }
    }
    return { messages, shown, stayed };
  }
}

/** Its words stand in the outbox; what is left of it are the pictures. */
function said(showing: ShowingRecord, { messages, stayed }: Attested): ShowingRecord {
  const pictured = messages.filter(({ content }) => pictureOf(content) !== null);
  return pictured.length > 0 ? { ...showing, step: "pictures", wish: "", name: null, messages: pictured, stayed } : over(showing, stayed);
}

function withoutFirst(showing: ShowingRecord, behind: Stayed): ShowingRecord {
  const messages = showing.messages.slice(1);
  return messages.length > 0 ? { ...showing, messages, stayed: addTo({ ...showing.stayed }, behind) } : over(showing, behind);
}

/** The case was closed: what has not gone stays behind. */
export function givenUp(showing: ShowingRecord): ShowingRecord {
  return over(showing, showing.step === "pictures" ? { picture: showing.messages.length } : { closed: 1 });
}

/** Nothing of it goes any more. How much stayed behind is all that is kept. */
function over(showing: ShowingRecord, more: Stayed): ShowingRecord {
  return { ...showing, step: "over", wish: "", name: null, messages: [], stayed: addTo({ ...showing.stayed }, more) };
}

function stamped({ room }: ShowingRecord, { sender, seq, time, tag, frank, key }: KeptMessage): object {
  return { sender, room: room?.id, seq, time, tag, frank, key };
}
