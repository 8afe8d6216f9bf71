/** What was shown in a case, put together from its parts and verified, and passed on to moderators who came later. */
import { decodeMimi, NotMimi } from "../../crypto/mimi.ts";
import { keyIdOf } from "../../crypto/signed.ts";
import type { Bytes } from "../../protocol/bytes.ts";
import { Batch, type Store } from "../../store/store.ts";
import { Failure, type LoadedPicture, type Report } from "../../contract/index.ts";
import type { Proof } from "./evidence.ts";
import { type Examined, examineWithProofs } from "./exhibits.ts";
import { type Outbox, pictureOf, type Pictures, type Room } from "../rooms/index.ts";
import type { PublishedKeys } from "../trust/index.ts";
import { interpret } from "../../content/reading.ts";
import type { StoredMessage } from "../../content/stored-message.ts";
import { joinParts, type ReportHead, type ReportPart, type ShownMessage, splitReport } from "../../content/report-content.ts";

/** All that one person has sent of one report. */
interface Sent {
  report: string;
  by: string;
  /** When the first of it came. */
  at: number;
  head: ReportHead | null;
  parts: ReportPart[];
  /** Where in the room's log the first of each part stands, by the part's index. */
  places: Map<number, number>;
  /** Null while some are missing. */
  messages: ShownMessage[] | null;
}

type Told = Pick<Sent, "report" | "by" | "at" | "places" | "messages"> & { head: ReportHead };

export class Reports {
  constructor(
    private readonly store: Store, private readonly outbox: Outbox, private readonly keys: PublishedKeys, private readonly domain: string,
    private readonly pictures: Pictures,
  ) {}

  /** Of the case with this id in its room, opened by `opener`; the oldest first. */
  async of(id: string, room: Room, opener: string | null): Promise<Report[]> {
    return (await this.#examined(id, room, opener)).map(({ report, head, by, at, messages, examined }) => ({
      id: report, at: head.passed?.at ?? at, by: head.passed?.by ?? by, passedOnBy: head.passed ? by : null,
      concern: head.concern, urgency: head.urgency, wish: head.wish, name: head.name, roomKind: head.room?.kind ?? null,
      complete: messages !== null,
      exhibits: examined.map(({ exhibit }) => exhibit),
    }));
  }

  /** The same with what proves it, message by message. */
  async proofs(id: string, room: Room, opener: string | null): Promise<Proof[]> {
    return (await this.#examined(id, room, opener)).flatMap(({ examined, places }) => {
      // Also of what is passed on: when it was shown at first is only said.
      const since = Math.max(...places.values());
      return examined.map(({ exhibit, shown: { attestation, content } }) => ({ exhibit, since, attestation, content, picture: () => this.#pictureOf(room, content) }));
    });
  }

  /** The name that whoever asked gave with each of them, or null. */
  async names(room: Room, opener: string | null): Promise<(string | null)[]> {
    return (await this.#found(room, opener)).flatMap(({ head }) => (head ? [head.name] : []));
  }

  /** From the case's room: what the message says of it decides whether it is the one. Throws Refusal. */
  async picture(id: string, room: Room, opener: string | null, key: string): Promise<LoadedPicture> {
    const proof = (await this.proofs(id, room, opener)).find(({ exhibit }) => exhibit.key === key);
    const picture = proof && pictureOf(proof.content);
    if (!picture) throw new Failure("not_found");
    // Whoever could write the message anew could have it name another picture.
    if (proof.exhibit.doubt !== null) return { state: "unchecked" };
    return (await this.pictures.fetch(room.id, picture)).shown;
  }

  async #pictureOf(room: Room, content: Bytes): Promise<Bytes | null> {
    const picture = pictureOf(content);
    const loaded = picture && (await this.pictures.fetch(room.id, picture)).shown;
    return loaded?.state === "here" ? new Uint8Array(await loaded.picture.arrayBuffer()) : null;
  }

  async #examined(id: string, room: Room, opener: string | null): Promise<(Told & { examined: Examined[] })[]> {
    const found = await this.#found(room, opener);
    await this.keys.with(found.flatMap(({ messages }) => messages?.flatMap(({ attestation }) => keyIdOf(attestation) ?? []) ?? []));
    const told = found.flatMap(({ head, ...sent }) => (head ? [{ ...sent, head }] : []));
    return Promise.all(told.map(async (one) => ({
      ...one,
      examined: one.messages && one.head.room ? await examineWithProofs(one.messages, { case: id, room: one.head.room.id, domain: this.domain }, await this.keys.inUse(one.at)) : [],
    })));
  }

  /** Whether this device has something that was shown, whole. */
  async any(room: Room, opener: string | null): Promise<boolean> {
    return (await this.#found(room, opener)).some(({ head, messages }) => head !== null && messages !== null);
  }

  /** Sends everything that was shown once more, for those who came later. Durable when it resolves. */
  async passOn(room: Room, opener: string | null): Promise<void> {
    for (const { report, by, at, head, messages } of await this.#found(room, opener)) {
      if (!head || !messages) continue;
      const parts = splitReport(report, { ...head, passed: head.passed ?? { by, at } }, messages);
      await this.outbox.addAll(room, parts.map((part) => ({ type: "report", part })), new Batch());
    }
  }

  /** Each report once: as it was shown, if this device has that, or as somebody passed it on. */
  async #found(room: Room, opener: string | null): Promise<Sent[]> {
    const chosen = new Map<string, Sent>();
    for (const sent of await this.#sent(room)) {
      if (sent.head) Object.assign(sent, sent.by === opener ? ownWord(sent.head, sent.at) : othersWord(sent.head, sent.at));
      const before = chosen.get(sent.report);
      if (!before || rank(sent) > rank(before)) chosen.set(sent.report, sent);
    }
    return [...chosen.values()].sort((one, other) => (one.head?.passed?.at ?? one.at) - (other.head?.passed?.at ?? other.at));
  }

  async #sent(room: Room): Promise<Sent[]> {
    const rows = await this.store.range<StoredMessage>("messages", room.scopes.messages);
    const sent = new Map<string, Sent>();
    for (const { value } of rows) {
      const part = partOf(value);
      if (!part) continue;
      const key = `${part.report} ${value.from}`;
      const one = sent.get(key) ?? { report: part.report, by: value.from, at: value.at, head: null, parts: [], places: new Map<number, number>(), messages: null };
      const [index] = part.part;
      if (!one.places.has(index)) one.places.set(index, value.seq);
      sent.set(key, { ...one, head: one.head ?? part.head, parts: [...one.parts, part] });
    }
    return [...sent.values()].map((one) => ({ ...one, messages: joinParts(one.parts) }));
  }
}

/** Who asks passes on what they themselves show: only when they first did, which they may say as they say all else of it. */
function ownWord(head: ReportHead, at: number): Pick<Sent, "head" | "at"> {
  return { head: { ...head, passed: null }, at: Math.min(at, head.passed?.at ?? at) };
}

/** Others can say any time, but it was shown before they passed it on. */
function othersWord({ passed, ...head }: ReportHead, at: number): Pick<Sent, "head"> {
  return { head: { ...head, passed: passed && { ...passed, at: Math.min(passed.at, at) } } };
}

function rank({ head, messages }: Sent): number {
  return (messages ? 2 : 0) + (head && !head.passed ? 1 : 0);
}

function partOf({ body, evidence }: StoredMessage): ReportPart | null {
  if (body.type !== "report" || !evidence) return null;
  try {
    const meaning = interpret(decodeMimi(evidence.content).content);
    return meaning.type === "report" ? meaning.part : null;
  } catch (error) {
    if (!(error instanceof NotMimi)) throw error;
    return null;
  }
}
