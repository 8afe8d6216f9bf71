import {
  type Connection,
  type EngineEvents,
  Failure,
  type Invite,
  type Me,
  type MessagePage,
  type Person,
  type Role,
  type RoomSummary,
} from "../../contract/index.ts";
import { cards, cast, note, reactions, summary, text, type Cast } from "./fake-data.ts";
import type { FakeCases } from "./fake-cases.ts";
import { FakeInvites } from "./fake-invites.ts";
import { FakeRooms } from "./fake-rooms.ts";
import type { Scene } from "./scene.ts";

export const wait = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** What a person does in the made-up network: people, rooms, messages and invites. */
export abstract class FakeActions {
  protected net: Connection;
  protected readonly cast: Cast;
  protected readonly furnished: FakeRooms;
  protected readonly invitations: FakeInvites;
  #agreed: number;
  abstract readonly cases: FakeCases;

  constructor(readonly scene: Scene) {
    this.net = scene.net;
    this.cast = cast(scene.role);
    this.#agreed = scene.conduct === "changed" ? 1 : 2;
    this.invitations = new FakeInvites(scene.rooms === "empty", () => this.ask());
    this.furnished = new FakeRooms(scene.rooms, this.cast, (room) => {
      if (room !== null) this.emit("room", room);
      this.emit("rooms", null);
    });
  }

  protected abstract emit<E extends keyof EngineEvents>(event: E, value: EngineEvents[E]): void;

  me(): Me {
    const { account, name } = this.cast.me;
    return { account, name: name ?? "", role: this.scene.role, network: "Harbour Network", conduct: { version: 2, agreed: this.#agreed, cards } };
  }

  async setName(name: string): Promise<void> {
    await this.ask();
    this.cast.me.name = name;
    this.emit("rooms", null);
  }

  async agreeToConduct(version: number): Promise<void> {
    await this.ask();
    this.#agreed = version;
    this.emit("rooms", null);
  }

  rooms(): RoomSummary[] {
    return this.furnished.list();
  }

  room(id: string): RoomSummary | null {
    // The room of a talk about a decision is no chat among the chats.
    return this.furnished.get(id) ?? (this.furnished.log(id).length > 0 ? summary(id, "group", "", {}) : null);
  }

  async messages(room: string, options: { before?: string; limit?: number } = {}): Promise<MessagePage> {
    await wait(this.scene.slow);
    if (this.scene.fail === "unexpected") throw new Failure("unexpected");
    const log = this.furnished.log(room);
    const end = options.before === undefined ? log.length : log.findIndex((one) => one.key === options.before);
    const start = Math.max(0, end - (options.limit ?? 50));
    return { messages: log.slice(start, end), before: start > 0 ? (log[start]?.key ?? null) : null };
  }

  members(room: string): Person[] {
    if (room.startsWith("direct")) return [this.cast.me, ...this.cast.people.filter((one) => room.endsWith(one.account))];
    const shared = [this.cast.me, ...this.cast.people.filter((one) => one.sharedRooms.includes(room))];
    return room === "group-long" ? [...shared, ...Array.from({ length: 292 }, (_, index) => ({ account: `m${index}`, name: `Member ${index}`, hearsay: false, me: false, role: "member" as const, sharedRooms: [room], blocked: false }))] : shared;
  }

  person(account: string): Person | null {
    return [this.cast.me, ...this.cast.people].find((one) => one.account === account) ?? null;
  }

  people(): Person[] {
    return this.scene.rooms === "empty" ? [] : this.cast.people;
  }

  async sendText(room: string, body: string, options: { replyTo?: string } = {}): Promise<string> {
    const original = this.furnished.message(room, options.replyTo);
    const excerpt = original?.body.type === "text" ? original.body.text.slice(0, 120) : "";
    const message = text(room, this.cast.me, Date.now(), body, { state: "waiting", seq: null, replyTo: original ? { key: original.key, name: original.name, excerpt, hidden: false } : null });
    this.furnished.write(room, (log) => [...log, message]);
    void this.deliver(room, message.key);
    return message.key;
  }

  protected async deliver(room: string, key: string): Promise<void> {
    for (const state of ["sent", "delivered"] as const) {
      await wait(150);
      if (this.net !== "online") return;
      this.furnished.alter(room, key, { state });
    }
  }

  async edit(room: string, key: string, body: string): Promise<void> {
    this.furnished.alter(room, key, { body: { type: "text", text: body }, edited: true });
  }

  async remove(room: string, key: string): Promise<void> {
    await this.ask();
    this.furnished.alter(room, key, { body: { type: "deleted" }, reactions: [] });
  }

  async react(room: string, key: string, emoji: string): Promise<void> {
    const message = this.furnished.message(room, key);
    const sets = new Map((message?.reactions ?? []).map((one) => [one.emoji, one.accounts]));
    const given = sets.get(emoji) ?? [];
    sets.set(emoji, given.includes("me") ? given.filter((one) => one !== "me") : [...given, "me"]);
    this.furnished.alter(room, key, { reactions: reactions(...[...sets].filter(([, accounts]) => accounts.length > 0)) });
  }

  async retry(room: string, key: string): Promise<void> {
    this.furnished.alter(room, key, { state: "waiting" });
    await this.deliver(room, key);
  }

  async discard(room: string, key: string): Promise<void> {
    this.furnished.write(room, (log) => log.filter((one) => one.key !== key));
  }

  async markRead(room: string): Promise<void> {
    this.furnished.change(room, { unread: 0 });
    this.cases.read(room);
  }

  async setDraft(room: string, draft: string): Promise<void> {
    this.furnished.change(room, { draft });
  }

  async setMuted(room: string, muted: boolean): Promise<void> {
    this.furnished.change(room, { muted });
  }

  async joinOpenRoom(room: string): Promise<void> {
    await this.ask();
    this.furnished.change(room, { joined: true, active: true });
    this.furnished.write(room, (log) => [...log, note(room, Date.now(), { type: "joined", account: "me", by: null })]);
  }

  async createOpenRoom(title: string): Promise<string> {
    return this.#open(summary(`made-${this.furnished.list().length}`, "open", title, { members: 1 }));
  }

  async createGroup(name: string, accounts: string[]): Promise<string> {
    return this.#open(summary(`made-${this.furnished.list().length}`, "group", name, { members: accounts.length + 1 }));
  }

  async startDirect(account: string): Promise<string> {
    const id = `direct-${account}`;
    return this.furnished.get(id) ? id : this.#open(summary(id, "direct", this.person(account)?.name ?? "", {}));
  }

  async #open(room: RoomSummary): Promise<string> {
    await this.ask();
    this.furnished.add(room);
    return room.id;
  }

  async addMembers(room: string, accounts: string[]): Promise<void> {
    await this.ask();
    this.furnished.write(room, (log) => [...log, ...accounts.map((account) => note(room, Date.now(), { type: "joined", account, by: "me" }))]);
  }

  async rename(room: string, title: string): Promise<void> {
    await this.ask();
    this.furnished.change(room, { title });
  }

  async leave(room: string): Promise<void> {
    await this.ask();
    this.furnished.change(room, { active: false });
  }

  async forget(room: string): Promise<void> {
    await this.ask();
    this.furnished.drop(room);
  }

  createRoomInvite(): Promise<string> {
    return this.invitations.toRoom();
  }

  async acceptRoomInvite(): Promise<string> {
    await this.ask();
    return "group-1";
  }

  createInvite(options: { role: Role; uses: number; days: number }): Promise<string> {
    return this.invitations.create(options);
  }

  invites(): Promise<Invite[]> {
    return this.invitations.all();
  }

  revokeInvite(id: string): Promise<void> {
    return this.invitations.revoke(id);
  }

  /** For tests: someone else writes. */
  receive(room: string, body: string, account = "mira"): void {
    const from = this.person(account);
    if (from) this.furnished.write(room, (log) => [...log, text(room, from, Date.now(), body)]);
    this.furnished.change(room, { unread: (this.room(room)?.unread ?? 0) + 1 });
  }

  protected async ask(): Promise<void> {
    await wait(this.scene.slow);
    if (this.net !== "online") throw new Failure("offline");
    if (this.scene.fail) throw new Failure(this.scene.fail, this.scene.fail === "rate_limited" ? 120_000 : null);
  }
}
