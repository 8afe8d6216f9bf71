/** What a person can do while their profile is open. Each failure reaches screens as a Failure. */
import { cleanName, LONGEST_NAME, LONGEST_ROOM_NAME } from "../content/characters.ts";
import { me as meBody } from "../protocol/api.ts";
import {
  type Engine,
  type EvidenceContract,
  Failure,
  type Invite,
  type Me,
  type MessagePage,
  type OpennessContract,
  type Person,
  type PicturesContract,
  type Role,
  type RoomSummary,
} from "../contract/index.ts";
import { type EvidenceParts, guardedCases, guardedReferrals } from "./cases/index.ts";
import { Contacts, guardedAppointments, guardedHints } from "./network/index.ts";
import { guardedStaff } from "./staff/index.ts";
import type { Emitter } from "./common/index.ts";
import { guardedRoles, type Invitations, readLink } from "./groups/index.ts";
import type { Opened } from "./opening.ts";
import { named, type Room } from "./rooms/index.ts";
import type { Session } from "./session.ts";
import { guarded } from "./trust/index.ts";

/** What is there while a profile is open. */
export interface Current extends Opened {
  session: Session;
  invitations: Invitations;
}

type Phases =
  | "devices" | "recovery" | "push" | "decisions"
  | "start" | "phase" | "connection" | "on" | "readInvite" | "suggestName" | "join" | "unlock" | "lock" | "takeOver" | "erase";

export abstract class Actions implements Omit<Engine, Phases> {
  protected readonly abstract emitter: Emitter;

  /** Throws Failure when no profile is open. */
  protected abstract get open(): Current;

  /** Runs the work and turns whatever goes wrong into a Failure. */
  protected abstract attempt<T>(work: () => Promise<T>): Promise<T>;

  readonly cases = guardedCases(() => this.open.session.moderation.cases, (work) => this.attempt(work));
  readonly referrals = guardedReferrals(() => this.open.session.moderation.cases.referrals, (work) => this.attempt(work));
  readonly staff = guardedStaff(() => this.open.session.moderation.staff, (work) => this.attempt(work));
  readonly appointments = guardedAppointments(() => this.open.session.appointments, (work) => this.attempt(work));
  readonly evidence: EvidenceContract = {
    content: (id, referral) => this.#with(async (current) => (await evidence(current)).content(id, referral)),
    export: (id, choice) => this.#with(async (current) => (await evidence(current)).export(id, choice)),
  };
  readonly pictures: PicturesContract = {
    send: (room, picture, options) => this.#with(({ session }) => session.conversation.sendPicture(room, picture, options)),
    look: (room, message) => this.#with(async ({ session }) => session.pictures.look(room, await session.conversation.picture(room, message))),
    load: (room, message) => this.#with(async ({ session }) => session.pictures.load(room, await session.conversation.picture(room, message))),
  };
  readonly openness: OpennessContract = {
    report: (period) => this.#with(async (current) => (await openness(current)).report(period)),
    file: (period, form) => this.#with(async (current) => (await openness(current)).file(period, form)),
    page: () => this.#with(async (current) => (await openness(current)).page()),
    publish: (published) => this.#with(async (current) => (await openness(current)).publish(published)),
    signed: () => this.#with(async (current) => (await openness(current)).signed()),
    log: () => this.#with(async (current) => (await openness(current)).log()),
  };
  readonly contacts = new Contacts(() => this.open, () => {
    this.emitter.emit("contacts", null);
  }, (work) => this.attempt(work));
  readonly roles = guardedRoles(() => this.open.session.roles, (work) => this.attempt(work));
  readonly hints = guardedHints(() => this.open.session.hints, (work) => this.attempt(work));
  readonly trust = guarded(() => this.open.session.trust, (work) => this.attempt(work));

  me(): Me {
    return this.open.profile.me;
  }

  setName(name: string): Promise<void> {
    return this.#with(async ({ profile, session }) => {
      await profile.change({ name: named(name, LONGEST_NAME) });
      for (const room of session.rooms.all()) if (room.active && room.record.kind !== "self") await session.introductions.greet(room);
      await session.sharing.name(profile.value.name);
      this.emitter.changed(null);
    });
  }

  agreeToConduct(version: number): Promise<void> {
    return this.#with(async ({ profile, http }) => profile.refresh(await http.post("/me/conduct", { version }, meBody)));
  }

  rooms(): RoomSummary[] {
    return this.open.session.views.list();
  }

  room(id: string): RoomSummary | null {
    return this.open.session.views.room(id);
  }

  messages(room: string, options: { before?: string; limit?: number } = {}): Promise<MessagePage> {
    return this.#with(async ({ session }) => {
      const known = session.rooms.get(room);
      // An open room that one may join has nothing to show yet, nor has a case's that is still to be made.
      if (!known && (session.views.room(room) || session.moderation.cases.knows(room))) return { messages: [], before: null };
      return session.timeline.page(this.#room(room), options.before ?? null, options.limit);
    });
  }

  members(id: string): Person[] {
    const { session } = this.open;
    const room = session.rooms.get(id);
    if (room) session.meet(room);
    return session.views.members(id);
  }

  person(account: string): Person | null {
    return this.open.session.views.person(account);
  }

  people(): Person[] {
    return this.open.session.views.everyone();
  }

  sendText(room: string, text: string, options: { replyTo?: string } = {}): Promise<string> {
    return this.#with(({ session }) => session.conversation.sendText(room, text, options.replyTo));
  }

  edit(room: string, message: string, text: string): Promise<void> {
    return this.#with(({ session }) => session.conversation.edit(room, message, text));
  }

  remove(room: string, message: string): Promise<void> {
    return this.#with(({ session }) => session.conversation.remove(room, message));
  }

  react(room: string, message: string, emoji: string): Promise<void> {
    return this.#with(({ session }) => session.conversation.react(room, message, emoji));
  }

  retry(room: string, message: string): Promise<void> {
    return this.#with(({ session }) => session.conversation.retry(room, message));
  }

  discard(room: string, message: string): Promise<void> {
    return this.#with(({ session }) => session.conversation.discard(room, message));
  }

  markRead(id: string): Promise<void> {
    return this.#with(async ({ session }) => {
      const room = this.#room(id);
      if (room.unread > 0) await session.rooms.savePrefs(room, { read: room.record.counted });
    });
  }

  setDraft(id: string, draft: string): Promise<void> {
    return this.#with(({ session }) => session.rooms.savePrefs(this.#room(id), { draft }));
  }

  setMuted(id: string, muted: boolean): Promise<void> {
    return this.#with(async ({ session }) => {
      await session.rooms.savePrefs(this.#room(id), { muted });
      await session.sharing.mute(id, muted);
    });
  }

  joinOpenRoom(id: string): Promise<void> {
    return this.#with(async ({ session }) => {
      if (!session.views.room(id)) await session.news.refresh();
      const summary = session.views.room(id);
      if (summary?.kind !== "open") throw new Failure("not_found");
      await session.membership.joinOpen(id, summary.title, summary.members === 0);
    });
  }

  createOpenRoom(title: string): Promise<string> {
    return this.#with(({ session }) => session.membership.createOpen(named(title, LONGEST_ROOM_NAME)));
  }

  createGroup(name: string, accounts: string[]): Promise<string> {
    return this.#with(({ session }) => session.membership.createGroup(named(name, LONGEST_ROOM_NAME), accounts));
  }

  startDirect(account: string): Promise<string> {
    return this.#with(({ session }) => session.membership.direct(account));
  }

  addMembers(room: string, accounts: string[]): Promise<void> {
    return this.#with(({ session }) => session.membership.add(this.#room(room), accounts));
  }

  rename(room: string, name: string): Promise<void> {
    return this.#with(({ session }) => session.membership.rename(this.#room(room), named(name, LONGEST_ROOM_NAME)));
  }

  leave(room: string): Promise<void> {
    return this.#with(({ session }) => session.membership.leave(this.#room(room)));
  }

  forget(room: string): Promise<void> {
    return this.#with(({ session }) => session.conversation.forget(room));
  }

  createRoomInvite(room: string, { uses, days }: { uses: number; days: number }): Promise<string> {
    return this.#with(({ invitations }) => invitations.createForRoom(this.#room(room), uses, days));
  }

  acceptRoomInvite(fragment: string): Promise<string> {
    return this.#with(async ({ session, invitations }) => {
      const link = readLink(fragment);
      if (link.kind !== "room") throw new Failure("invite_unknown");
      const { inviter, name } = link;
      const { room, presented, shown } = await invitations.use(link);
      await session.trust.met(inviter);
      await session.membership.joinByInvite(room, presented, shown, name && cleanName(name, LONGEST_ROOM_NAME));
      return room;
    });
  }

  createInvite({ role, uses, days }: { role: Role; uses: number; days: number }): Promise<string> {
    return this.#with(({ invitations }) => invitations.create(role, uses, days));
  }

  invites(): Promise<Invite[]> {
    return this.#with(({ invitations }) => invitations.list());
  }

  revokeInvite(id: string): Promise<void> {
    return this.#with(({ invitations }) => invitations.revoke(id));
  }

  #room(id: string): Room {
    const room = this.open.session.rooms.get(id);
    if (!room) throw new Failure("not_found");
    return room;
  }

  #with<T>(work: (current: Current) => Promise<T>): Promise<T> {
    return this.attempt(() => work(this.open));
  }
}

async function evidence({ http, profile, session: { moderation: { cases } } }: Current): Promise<EvidenceContract> {
  // Hardly anybody needs it, so it is no part of the first load.
  const { contentOf, exportCase } = await import("./cases/evidence.ts");
  const parts: EvidenceParts = {
    http, domain: profile.value.domain,
    proofs: (id) => cases.proofs(id), placeOfYes: (id, referral) => cases.referrals.placeOfYes(id, referral),
  };
  return { content: (id, referral) => contentOf(parts, id, referral), export: (id, choice) => exportCase(parts, id, choice) };
}

async function openness({ http, store, session }: Current): Promise<OpennessContract> {
  const { Openness } = await import("./network/openness.ts");
  return new Openness(http, store, session.moderation.cases.keys);
}
