/** A member who shows moderators what was never said: everything that her device can make, and nothing more. */
import { attestationsBody } from "../src/protocol/api-cases.ts";
import { hex, randomBytes } from "../src/protocol/bytes.ts";
import { Batch } from "../src/store/store.ts";
import type { Current } from "../src/engine/actions.ts";
import type { Card, Engine } from "../src/contract/index.ts";
import type { Outbox } from "../src/engine/rooms/outbox.ts";
import type { StoredMessage } from "../src/content/stored-message.ts";
import { type ReportHead, type ShownMessage, splitReport } from "../src/content/report-content.ts";

/** What an engine has in its hands while it is open. */
export function insideOf(engine: Engine): Current {
  return (engine as unknown as { open: Current }).open;
}

export class Forger {
  constructor(private readonly engine: Engine) {}

  /** What she would show of a message if she were honest, attested for this case. */
  async honest(id: string, room: string, key: string): Promise<ShownMessage> {
    const { session, http } = insideOf(this.engine);
    const place = session.rooms.get(room);
    const message = place && (await session.timeline.find(place, key));
    if (!message?.evidence) throw new Error("no such message");
    const { seq, at: time, from: sender, evidence: { content, tag, frank, hubKey } } = message;
    const body = { messages: [{ sender, room, seq, time, tag, frank, key: hubKey }] };
    const { attestations: [attestation = ""] } = await http.post(`/cases/${id}/attest`, body, attestationsBody);
    return { attestation, content, seq, time };
  }

  async show(room: string, head: ReportHead, messages: readonly ShownMessage[]): Promise<void> {
    const { session } = insideOf(this.engine);
    const place = session.rooms.get(room);
    const { outbox, sending } = session.conversation as unknown as { outbox: Outbox; sending: { pump(room: unknown): void } };
    if (!place) throw new Error("no such room");
    const parts = splitReport(hex(randomBytes(16)), head, messages);
    await outbox.addAll(place, parts.map((part) => ({ type: "report", part })), new Batch());
    sending.pump(place);
  }
}

/** Says it in a case's room, whoever may say such things. */
export async function sayCard(engine: Engine, room: string, card: Card): Promise<void> {
  const { session } = insideOf(engine);
  const place = session.rooms.get(room);
  const { outbox, sending } = session.conversation as unknown as { outbox: Outbox; sending: { pump(room: unknown): void } };
  if (!place) throw new Error("no such room");
  await outbox.add(place, { type: "card", card, inReplyTo: null });
  sending.pump(place);
}

/** Every content that this device has decrypted in the room, and sent there. */
export async function contentsIn(engine: Engine, room: string): Promise<string[]> {
  const { session, store } = insideOf(engine);
  const place = session.rooms.get(room);
  if (!place) return [];
  const rows = await store.range<StoredMessage>("messages", place.scopes.messages);
  return rows.flatMap(({ value }) => (value.evidence ? [new TextDecoder().decode(value.evidence.content)] : []));
}
