/** The engine behind the contract: which phase the profile is in, and who answers in it. */
import { me as meBody } from "../protocol/api.ts";
import { Http } from "../transport/http.ts";
import { sleep } from "../transport/backoff.ts";
import type { Backend } from "../store/backend.ts";
import {
  type Connection, type Engine, type EngineEvents, Failure, type Invite, type InvitePreview, type Me, type MessagePage,
  type Person, type Phase, type Role, type RoomSummary,
} from "./contract.ts";
import { Emitter } from "./emitter.ts";
import { asFailure } from "./failure.ts";
import { Invitations, preview, readLink } from "./invitations.ts";
import { suggestName } from "./names.ts";
import { type Opened, Opening } from "./opening.ts";
import type { Platform } from "./platform.ts";
import { browserPlatform } from "./platform-browser.ts";
import { cleanName, LONGEST_NAME, LONGEST_ROOM_NAME } from "./reading.ts";
import type { Room } from "./rooms.ts";
import { Session } from "./session.ts";

export function createEngine(platform: Platform = browserPlatform()): Engine {
  return new KindredEngine(platform);
}

/** How often a suspended account asks whether it still is. */
const SUSPENDED_MS = 5 * 60_000;

/** What is there while a profile is open. */
interface Current extends Opened {
  session: Session;
  invitations: Invitations;
}

class KindredEngine implements Engine {
  readonly #emitter = new Emitter();
  #phase: Phase = "loading";
  #backend: Backend | null = null;
  #opening: Opening | null = null;
  #current: Current | null = null;
  #wasLost = false;

  constructor(private readonly platform: Platform) {
    platform.leaving(() => {
      this.#current?.session.leaving();
    });
  }

  phase(): Phase {
    return this.#phase;
  }

  connection(): Connection {
    return this.#current?.session.link.state ?? "offline";
  }

  on<E extends keyof EngineEvents>(event: E, listener: (value: EngineEvents[E]) => void): () => void {
    return this.#emitter.on(event, listener);
  }

  start(): Promise<Phase> {
    return this.#try(async () => {
      if (!this.platform.capable()) throw new Failure("unsupported_browser");
      const free = await this.platform.lock.acquire(() => this.#lost());
      return free ? this.#look() : this.#enter("elsewhere");
    });
  }

  takeOver(): Promise<void> {
    return this.#try(async () => {
      await this.platform.lock.takeOver(() => this.#lost());
      if (this.#wasLost) {
        this.platform.lock.release();
        await this.platform.startOver();
      }
      await this.#look();
    });
  }

  readInvite(fragment: string): Promise<InvitePreview> {
    return this.#try(async () => {
      const link = readLink(fragment);
      const http = link.kind === "room" ? this.#open.http : new Http(this.platform.origin, this.platform.fetch);
      return preview(http, link);
    });
  }

  suggestName(): string {
    return suggestName();
  }

  join(fragment: string, { name, pin, conductVersion }: { name: string; pin: string; conductVersion: number }): Promise<Me> {
    return this.#try(async () => {
      const link = readLink(fragment);
      if (link.kind !== "network") throw new Failure("invite_unknown");
      if (!this.#opening || this.#current) throw new Failure("conflict");
      const opened = await this.#opening.join(link, named(name, LONGEST_NAME), pin, conductVersion);
      await this.#begin(opened);
      this.platform.keepStorage();
      return this.me();
    });
  }

  unlock(pin: string): Promise<void> {
    return this.#try(async () => {
      if (!this.#opening || this.#current) throw new Failure("conflict");
      const opened = await this.#opening.unlock(pin);
      if (!opened) throw new Failure("pin_mismatch");
      await this.#begin(opened);
    });
  }

  lock(): Promise<void> {
    return this.#try(async () => {
      if (!this.#current) return;
      await this.#end();
      this.#enter("locked");
    });
  }

  erase(): Promise<void> {
    return this.#try(async () => {
      await this.#end();
      await this.#opening?.erase();
      this.#enter("fresh");
    });
  }

  me(): Me {
    return this.#open.profile.me;
  }

  setName(name: string): Promise<void> {
    return this.#with(async ({ profile, session }) => {
      await profile.change({ name: named(name, LONGEST_NAME) });
      for (const room of session.rooms.all()) if (room.active) await session.introductions.greet(room);
      this.#emitter.changed(null);
    });
  }

  agreeToConduct(version: number): Promise<void> {
    return this.#with(async ({ profile, http }) => profile.refresh(await http.post("/me/conduct", { version }, meBody)));
  }

  rooms(): RoomSummary[] {
    return this.#open.session.views.list();
  }

  room(id: string): RoomSummary | null {
    return this.#open.session.views.room(id);
  }

  messages(room: string, options: { before?: string; limit?: number } = {}): Promise<MessagePage> {
    return this.#with(async ({ session }) => {
      const known = session.rooms.get(room);
      // An open room that one may join has nothing to show yet.
      if (!known && session.views.room(room)) return { messages: [], before: null };
      return session.timeline.page(this.#room(room), options.before ?? null, options.limit);
    });
  }

  members(id: string): Person[] {
    const { session } = this.#open;
    const room = session.rooms.get(id);
    if (room) session.meet(room);
    return session.views.members(id);
  }

  person(account: string): Person | null {
    return this.#open.session.views.person(account);
  }

  people(): Person[] {
    return this.#open.session.views.everyone();
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
    return this.#with(({ session }) => session.rooms.savePrefs(this.#room(id), { muted }));
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

  createRoomInvite(room: string, { uses, days }: { uses: number; days: number }): Promise<string> {
    return this.#with(({ invitations }) => invitations.createForRoom(this.#room(room), uses, days));
  }

  acceptRoomInvite(fragment: string): Promise<string> {
    return this.#with(async ({ session }) => {
      const link = readLink(fragment);
      if (link.kind !== "room") throw new Failure("invite_unknown");
      if (link.inviter) await session.people.met(link.inviter.account, link.inviter.identityKey, null);
      await session.membership.joinByInvite(link.room, link.secret, link.name && cleanName(link.name, LONGEST_ROOM_NAME));
      return link.room;
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

  async #look(): Promise<Phase> {
    // Some browsers keep nothing in private windows.
    this.#backend ??= await this.platform.openBackend().catch((): never => {
      throw new Failure("unsupported_browser");
    });
    this.#opening = new Opening(this.platform, this.#backend, this.#emitter);
    return this.#enter((await this.#opening.hasProfile()) ? "locked" : "fresh");
  }

  async #begin(opened: Opened): Promise<void> {
    const session = new Session({
      ...opened, platform: this.platform, emitter: this.#emitter,
      refused: (reason) => {
        if (reason === "suspended") void this.#waitOutSuspension(session);
      },
    });
    this.#current = { ...opened, session, invitations: new Invitations(opened.http, opened.profile, this.platform.origin) };
    await session.open();
    this.#enter("open");
  }

  async #end(): Promise<void> {
    const current = this.#current;
    this.#current = null;
    await current?.session.close();
  }

  /** Another tab has taken the profile. */
  async #lost(): Promise<void> {
    await this.#end();
    this.#backend?.close();
    this.#backend = null;
    this.#opening = null;
    this.#wasLost = true;
    this.#enter("elsewhere");
  }

  async #waitOutSuspension(session: Session): Promise<void> {
    this.#enter("suspended");
    while (this.#current?.session === session) {
      await sleep(SUSPENDED_MS);
      const me = await this.#current?.http.get("/me", meBody).catch(() => null);
      if (!me || me.suspended || this.#current?.session !== session) continue;
      this.#enter("open");
      session.link.start();
      return;
    }
  }

  #enter(phase: Phase): Phase {
    if (this.#phase !== phase) {
      this.#phase = phase;
      this.#emitter.emit("phase", phase);
    }
    return phase;
  }

  get #open(): Current {
    if (!this.#current) throw new Failure("unexpected");
    return this.#current;
  }

  #room(id: string): Room {
    const room = this.#open.session.rooms.get(id);
    if (!room) throw new Failure("not_found");
    return room;
  }

  #with<T>(work: (current: Current) => Promise<T>): Promise<T> {
    return this.#try(() => work(this.#open));
  }

  /** Whatever goes wrong reaches screens as a Failure. */
  async #try<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const failure = asFailure(error);
      if (failure.code === "unexpected") this.platform.unexpected(error);
      throw failure;
    }
  }
}

/** A name as others will see it. Throws Failure when nothing of it is left. */
function named(name: string, longest: number): string {
  const clean = cleanName(name, longest);
  if (clean === "") throw new Failure("conflict");
  return clean;
}
