/** Offering services and handing cases over to agencies: what `engine.referrals` does (docs/protocol.md, sections 11 and 11.3). */
import { type ReferralBody, referralBody, referralsBody } from "../../protocol/api-cases.ts";
import { newUuid } from "../../protocol/ids.ts";
import type { Store } from "../../store/store.ts";
import type { Http } from "../../transport/http.ts";
import { tidyAbout, tidyService } from "../../content/card-content.ts";
import {
  type Card,
  Failure,
  type HandOver,
  type Referral,
  type Referrals,
  type Service,
} from "../../contract/index.ts";
import type { Outbox, Room } from "../rooms/index.ts";
import type { StoredMessage } from "../../content/stored-message.ts";
import type { Services } from "./services.ts";

export interface ReferralParts {
  http: Http;
  store: Store;
  outbox: Outbox;
  services: Services;
  me: string;
  /** The case's room as far as this device is in it, and who asked. */
  place(id: string): Promise<{ room: Room | null; opener: string | null }>;
  pump(room: Room): void;
}

/** A card that was said or waits to be. */
interface Said {
  card: Card;
  /** In the room's log; null while it waits. */
  seq: number | null;
  from: string;
  /** The MIMI message id. */
  id: string | null;
  inReplyTo: string | null;
}

export class Referring implements Referrals {
  /** Ids of what was proposed and not answered, by what it says: the same once more is the same proposal. */
  readonly #unanswered = new Map<string, string>();

  constructor(private readonly parts: ReferralParts) {}

  async list(id: string): Promise<Referral[]> {
    const { bodies, said, opener } = await this.#look(id);
    return bodies.map((body) => referral(body, said, opener));
  }

  async propose(id: string, about: HandOver): Promise<void> {
    const tidy = tidyAbout(about);
    if (Object.values(tidy).includes("")) throw new Failure("not_found");
    const room = await this.#room(id);
    const proposal = JSON.stringify([id, tidy]);
    const made = this.#unanswered.get(proposal) ?? newUuid();
    this.#unanswered.set(proposal, made);
    await this.parts.http.post(`/cases/${id}/referrals`, { id: made }, referralBody);
    await this.#say(room, { kind: "handOver", referral: made, about: tidy }, null);
    this.#unanswered.delete(proposal);
  }

  /** The server first: it is who lets the hand-over happen, and what it did not hear must not be said. */
  async answer(id: string, referral: string, consent: boolean): Promise<void> {
    const room = await this.#room(id);
    const body = (await this.parts.http.get(`/cases/${id}/referrals`, referralsBody)).referrals.find((one) => one.id === referral);
    const proposal = body && proposalOf(body, await this.#said(room));
    if (!proposal?.id) throw new Failure("not_found");
    await this.parts.http.post(`/cases/${id}/referrals/${referral}/consent`, { consent }, referralBody);
    await this.#say(room, { kind: "answer", referral, consent }, proposal.id);
  }

  async agree(id: string, referral: string): Promise<void> {
    const found = (await this.list(id)).find((one) => one.id === referral);
    if (!found?.about) throw new Failure("not_found");
    await this.parts.http.post(`/cases/${id}/referrals/${referral}/agree`, {}, referralBody);
  }

  async refuse(id: string, referral: string): Promise<void> {
    await this.parts.http.post(`/cases/${id}/referrals/${referral}/refuse`, {}, referralBody);
    // The same proposed anew is another one.
    for (const [proposal, made] of this.#unanswered) if (made === referral) this.#unanswered.delete(proposal);
  }

  /** Where in the log of the case's room the yes stands that lets it be done. Throws Failure `forbidden` when it may not be, as far as this device can prove it. */
  async placeOfYes(id: string, wanted: string): Promise<number> {
    const { bodies, said, opener } = await this.#look(id);
    const body = bodies.find((one) => one.id === wanted);
    const answer = body && answerOf(proposalOf(body, said), said, opener);
    if (!body || !referral(body, said, opener).ready || !answer || answer.seq === null) throw new Failure("forbidden");
    return answer.seq;
  }

  services(): Promise<Service[]> {
    return this.parts.services.all();
  }

  async offer(id: string, service: Service): Promise<void> {
    const tidy = tidyService(service);
    if (tidy.name === "") throw new Failure("not_found");
    await this.#say(await this.#room(id), { kind: "service", service: tidy }, null);
    await this.parts.services.keep(tidy, true);
  }

  forget(service: Service): Promise<void> {
    return this.parts.services.keep(tidyService(service), false);
  }

  async #room(id: string): Promise<Room> {
    const { room } = await this.parts.place(id);
    if (!room?.active) throw new Failure("forbidden");
    return room;
  }

  async #say(room: Room, card: Card, inReplyTo: string | null): Promise<void> {
    await this.parts.outbox.add(room, { type: "card", card, inReplyTo });
    this.parts.pump(room);
  }

  async #look(id: string): Promise<{ bodies: ReferralBody[]; said: Said[]; opener: string | null }> {
    const { room, opener } = await this.parts.place(id);
    const { referrals } = await this.parts.http.get(`/cases/${id}/referrals`, referralsBody);
    return { bodies: referrals, said: room ? await this.#said(room) : [], opener };
  }

  /** In the log's order, and then what waits. */
  async #said(room: Room): Promise<Said[]> {
    const rows = await this.parts.store.range<StoredMessage>("messages", room.scopes.messages);
    const sent = rows.flatMap(({ value: { body, seq, from, id, inReplyTo } }) => (body.type === "card" ? [{ card: body.card, seq, from, id, inReplyTo }] : []));
    const waiting = this.parts.outbox.of(room.id).flatMap(({ record, meaning }) => (
      meaning.type === "card" ? [{ card: meaning.card, seq: null, from: this.parts.me, id: record.messageId, inReplyTo: meaning.inReplyTo }] : []
    ));
    return [...sent, ...waiting];
  }
}

/** The first that its proposer said: whoever agreed to it agreed to these words. */
function proposalOf({ id, proposed_by: by }: ReferralBody, said: readonly Said[]): Said | null {
  return said.find(({ card, from }) => card.kind === "handOver" && card.referral === id && from === by) ?? null;
}

/** What was answered last to that very message. */
function answerOf(proposal: Said | null, said: readonly Said[], opener: string | null): { consent: boolean; seq: number | null } | null {
  const found = said.findLast(({ card, from, inReplyTo }) => card.kind === "answer" && from === opener && inReplyTo !== null && inReplyTo === proposal?.id);
  return found?.card.kind === "answer" ? { consent: found.card.consent, seq: found.seq } : null;
}

function referral(body: ReferralBody, said: readonly Said[], opener: string | null): Referral {
  const proposal = proposalOf(body, said);
  const answers = [body.consented, answerOf(proposal, said, opener)?.consent ?? null];
  const consented = answers.includes(false) ? false : answers.includes(null) ? null : true;
  return {
    id: body.id, proposedBy: body.proposed_by, proposedAt: body.proposed_at, about: proposal?.card.kind === "handOver" ? proposal.card.about : null,
    consented, needsSecond: body.needs_second, agreedBy: body.agreed_by, agreedAt: body.agreed_at,
    refusedBy: body.refused_by, refusedAt: body.refused_at,
    ready: body.ready && consented === true, handedOverAt: body.handed_over_at, dueAt: body.due_at,
  };
}

/** The contract's side: whatever goes wrong becomes a Failure. */
export function guardedReferrals(referrals: () => Referring, attempt: <T>(work: () => Promise<T>) => Promise<T>): Referrals {
  return {
    list: (id) => attempt(() => referrals().list(id)),
    propose: (id, about) => attempt(() => referrals().propose(id, about)),
    answer: (id, referral, consent) => attempt(() => referrals().answer(id, referral, consent)),
    agree: (id, referral) => attempt(() => referrals().agree(id, referral)),
    refuse: (id, referral) => attempt(() => referrals().refuse(id, referral)),
    services: () => attempt(() => referrals().services()),
    offer: (id, service) => attempt(() => referrals().offer(id, service)),
    forget: (service) => attempt(() => referrals().forget(service)),
  };
}
