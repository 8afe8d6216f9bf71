import type { EvidenceContract } from "../../state/contract-evidence.ts";
import { Failure, type Connection, type Engine, type EngineEvents, type FailureCode, type Invite, type InvitePreview, type Me, type MessagePage, type Person, type Phase, type Role, type RoomSummary } from "../../state/contract.ts";
import { cards, cast, note, reactions, summary, text, type Cast } from "./fake-data.ts";
import { FakeCases } from "./fake-cases.ts";
import { FakeContacts } from "./fake-contacts.ts";
import { FakeStaff } from "./fake-staff.ts";
import { FakeDecisions } from "./fake-decisions.ts";
import { FakeDevices } from "./fake-devices.ts";
import { FakeRoles } from "./fake-roles.ts";
import { FakeTrust } from "./fake-trust.ts";
import { FakePictures } from "./fake-pictures.ts";
import { FakeHints } from "./fake-hints.ts";
import { FakeOpenness } from "./fake-openness.ts";
import { FakePush } from "./fake-push.ts";
import { FakeReferrals } from "./fake-referrals.ts";
import { FakeRecovery } from "./fake-recovery.ts";
import { FakeRooms } from "./fake-rooms.ts";
import type { Scene } from "./scene.ts";

const wait = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** An engine without keys, storage or network, to look at screens and test them. Never part of the built app. */
export class FakeEngine implements Engine {
  readonly devices = new FakeDevices({ ask: () => this.#ask(), enter: (phase) => this.#enter(phase), emit: (event, value) => this.#emit(event, value) });
  #phase: Phase = "loading";
  #net: Connection;
  readonly #listeners = new Map<keyof EngineEvents, Set<(value: never) => void>>();
  readonly #cast: Cast;
  readonly #rooms: FakeRooms;
  #invites: Invite[];
  #agreed: number;
  readonly now = Date.now();
  readonly trust: FakeTrust;
  readonly recovery: FakeRecovery;
  readonly roles: FakeRoles;
  readonly push: FakePush;
  readonly pictures: FakePictures;
  readonly cases: FakeCases;
  readonly staff: FakeStaff;
  readonly evidence: EvidenceContract = {
    content: (id, referral) => this.#ask().then(async () => {
      const shown = (await this.cases.reports(id)).flatMap(({ exhibits }) => exhibits);
      const proven = shown.filter(({ doubt }) => doubt === null);
      return { messages: referral === undefined ? proven : proven.slice(0, -1), unproven: shown.length - proven.length, later: referral === undefined ? 0 : 1 };
    }),
    export: (id) => this.#ask().then(() => ({ name: `evidence-${id}.zip`, bytes: new Uint8Array(22), leftOut: [], absent: 0 })),
  };
  readonly referrals: FakeReferrals;
  readonly hints: FakeHints;
  readonly openness: FakeOpenness;
  readonly contacts: FakeContacts;
  readonly decisions = new FakeDecisions(() => this.#ask());

  constructor(readonly scene: Scene) {
    this.#net = scene.net;
    this.devices.signed = scene.signed;
    this.openness = new FakeOpenness(scene.rooms === "empty", () => this.#ask());
    this.contacts = new FakeContacts({ empty: scene.rooms === "empty", ask: () => this.#ask(), changed: () => this.#emit("contacts", null) });
    this.#cast = cast(scene.role);
    this.#agreed = scene.conduct === "changed" ? 1 : 2;
    const day = 86_400_000;
    const invite = (id: string, more: Partial<Invite>): Invite => ({ id, role: "member", uses: 1, used: 0, expiresAt: this.now + 6 * day, revoked: false, createdAt: this.now - day, ...more });
    this.#invites = scene.rooms === "empty" ? [] : [invite("1", {}), invite("2", { uses: 20, used: 7 }), invite("3", { role: "moderator", expiresAt: this.now + day }), invite("4", { used: 1 }), invite("5", { revoked: true }), invite("6", { expiresAt: this.now - day })];
    this.#rooms = new FakeRooms(scene.rooms, this.#cast, (room) => {
      if (room !== null) this.#emit("room", room);
      this.#emit("rooms", null);
    });
    this.roles = new FakeRoles({ ...this.#cast, staff: scene.role !== "member", changed: () => this.#emit("rooms", null) });
    this.trust = new FakeTrust(scene.trust, this, () => this.#emit("rooms", null));
    this.pictures = new FakePictures(scene, this.#rooms, this.#cast.me, (room, key) => void this.#deliver(room, key));
    this.hints = new FakeHints(scene.hints, () => this.#emit("hints", null));
    this.push = new FakePush(scene.push, () => this.#ask());
    this.staff = new FakeStaff({ empty: scene.rooms === "empty", ask: () => this.#ask(), changed: () => this.#emit("cases", null) });
    this.cases = new FakeCases({ cast: this.#cast, rooms: this.#rooms, empty: scene.rooms === "empty", ask: () => this.#ask(), changed: () => this.#emit("cases", null) });
    this.referrals = new FakeReferrals({
      ask: () => this.#ask(), changed: () => this.#emit("cases", null),
      offered: (id, service) => this.#rooms.write(`case-${id}`, (log) => [...log, text(`case-${id}`, this.#cast.me, Date.now(), "", { body: { type: "card", card: { kind: "service", service } } })]),
    });
    const mira = this.#cast.people[1] ?? this.#cast.me;
    this.#rooms.write("case-s1", () => [text("case-s1", mira, this.now - 3_600_000, "I want to tell you why we did this. You can answer here.")]);
    this.#rooms.write("case-d2", () => [text("case-d2", this.#cast.me, this.now - 3_600_000, "I want to tell you why we did this. You can answer here.")]);
    const words = scene.words === "offered" ? "none" : scene.words;
    this.recovery = new FakeRecovery(words, scene.words === "offered", () => this.#ask(), (how) => this.#enter(how === "deleted" ? "fresh" : "open"), scene.fail);
  }

  async start(): Promise<Phase> {
    await wait(this.scene.slow);
    this.#enter(this.scene.phase);
    return this.#phase;
  }

  phase(): Phase {
    return this.#phase;
  }

  connection(): Connection {
    return this.#net;
  }

  on<E extends keyof EngineEvents>(event: E, listener: (value: EngineEvents[E]) => void): () => void {
    const all = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, all.add(listener));
    return () => all.delete(listener);
  }

  async readInvite(fragment: string): Promise<InvitePreview> {
    await this.#ask();
    const codes: Record<string, FailureCode> = { used: "invite_used", expired: "invite_expired", revoked: "invite_revoked", unknown: "invite_unknown" };
    const wrong = Object.entries(codes).find(([word]) => fragment.includes(word));
    if (wrong) throw new Failure(wrong[1]);
    const room = fragment.startsWith("#r.");
    return { kind: room ? "room" : "network", title: room ? "Tuesday circle" : "Harbour Network", inviter: fragment.includes("nobody") ? null : "Asha", role: fragment.includes("staff") ? "moderator" : "member", conduct: room ? null : { version: 2, cards }, expiresAt: this.now + 6 * 86_400_000 };
  }

  suggestName(): string {
    const pick = (list: string[]): string => list[Math.floor(Math.random() * list.length)] ?? "";
    return `${pick(["Quiet", "Gentle", "Bright", "Steady", "Kind"])} ${pick(["Heron", "River", "Maple", "Lantern", "Willow"])}`;
  }

  async join(_fragment: string, choice: { name: string }): Promise<Me> {
    for (const step of ["keys", "account"] as const) {
      this.#emit("joining", step);
      await wait(200 + this.scene.slow);
    }
    await this.#ask();
    this.#cast.me.name = choice.name;
    this.#emit("joining", "done");
    this.#enter("open");
    return this.me();
  }

  async unlock(pin: string): Promise<void> {
    await wait(100 + this.scene.slow);
    if (pin !== "135790") throw new Failure("pin_mismatch", pin === "000000" ? 30_000 : null);
    this.#enter("open");
  }

  async lock(): Promise<void> {
    this.#enter("locked");
  }

  async takeOver(): Promise<void> {
    this.#enter("locked");
  }

  async erase(): Promise<void> {
    this.#enter("fresh");
  }

  me(): Me {
    const { account, name } = this.#cast.me;
    return { account, name: name ?? "", role: this.scene.role, network: "Harbour Network", conduct: { version: 2, agreed: this.#agreed, cards } };
  }

  async setName(name: string): Promise<void> {
    await this.#ask();
    this.#cast.me.name = name;
    this.#emit("rooms", null);
  }

  async agreeToConduct(version: number): Promise<void> {
    await this.#ask();
    this.#agreed = version;
    this.#emit("rooms", null);
  }

  rooms(): RoomSummary[] {
    return this.#rooms.list();
  }

  room(id: string): RoomSummary | null {
    // The room of a talk about a decision is no chat among the chats.
    return this.#rooms.get(id) ?? (this.#rooms.log(id).length > 0 ? summary(id, "group", "", {}) : null);
  }

  async messages(room: string, options: { before?: string; limit?: number } = {}): Promise<MessagePage> {
    await wait(this.scene.slow);
    if (this.scene.fail === "unexpected") throw new Failure("unexpected");
    const log = this.#rooms.log(room);
    const end = options.before === undefined ? log.length : log.findIndex((one) => one.key === options.before);
    const start = Math.max(0, end - (options.limit ?? 50));
    return { messages: log.slice(start, end), before: start > 0 ? (log[start]?.key ?? null) : null };
  }

  members(room: string): Person[] {
    if (room.startsWith("direct")) return [this.#cast.me, ...this.#cast.people.filter((one) => room.endsWith(one.account))];
    const shared = [this.#cast.me, ...this.#cast.people.filter((one) => one.sharedRooms.includes(room))];
    return room === "group-long" ? [...shared, ...Array.from({ length: 292 }, (_, index) => ({ account: `m${index}`, name: `Member ${index}`, hearsay: false, me: false, role: "member" as const, sharedRooms: [room], blocked: false }))] : shared;
  }

  person(account: string): Person | null {
    return [this.#cast.me, ...this.#cast.people].find((one) => one.account === account) ?? null;
  }

  people(): Person[] {
    return this.scene.rooms === "empty" ? [] : this.#cast.people;
  }

  async sendText(room: string, body: string, options: { replyTo?: string } = {}): Promise<string> {
    const original = this.#rooms.message(room, options.replyTo);
    const excerpt = original?.body.type === "text" ? original.body.text.slice(0, 120) : "";
    const message = text(room, this.#cast.me, Date.now(), body, { state: "waiting", seq: null, replyTo: original ? { key: original.key, name: original.name, excerpt, hidden: false } : null });
    this.#rooms.write(room, (log) => [...log, message]);
    void this.#deliver(room, message.key);
    return message.key;
  }

  async #deliver(room: string, key: string): Promise<void> {
    for (const state of ["sent", "delivered"] as const) {
      await wait(150);
      if (this.#net !== "online") return;
      this.#rooms.alter(room, key, { state });
    }
  }

  async edit(room: string, key: string, body: string): Promise<void> {
    this.#rooms.alter(room, key, { body: { type: "text", text: body }, edited: true });
  }

  async remove(room: string, key: string): Promise<void> {
    await this.#ask();
    this.#rooms.alter(room, key, { body: { type: "deleted" }, reactions: [] });
  }

  async react(room: string, key: string, emoji: string): Promise<void> {
    const message = this.#rooms.message(room, key);
    const sets = new Map((message?.reactions ?? []).map((one) => [one.emoji, one.accounts]));
    const given = sets.get(emoji) ?? [];
    sets.set(emoji, given.includes("me") ? given.filter((one) => one !== "me") : [...given, "me"]);
    this.#rooms.alter(room, key, { reactions: reactions(...[...sets].filter(([, accounts]) => accounts.length > 0)) });
  }

  async retry(room: string, key: string): Promise<void> {
    this.#rooms.alter(room, key, { state: "waiting" });
    await this.#deliver(room, key);
  }

  async discard(room: string, key: string): Promise<void> {
    this.#rooms.write(room, (log) => log.filter((one) => one.key !== key));
  }

  async markRead(room: string): Promise<void> {
    this.#rooms.change(room, { unread: 0 });
    this.cases.read(room);
  }

  async setDraft(room: string, draft: string): Promise<void> {
    this.#rooms.change(room, { draft });
  }

  async setMuted(room: string, muted: boolean): Promise<void> {
    this.#rooms.change(room, { muted });
  }

  async joinOpenRoom(room: string): Promise<void> {
    await this.#ask();
    this.#rooms.change(room, { joined: true, active: true });
    this.#rooms.write(room, (log) => [...log, note(room, Date.now(), { type: "joined", account: "me", by: null })]);
  }

  async createOpenRoom(title: string): Promise<string> {
    return this.#open(summary(`made-${this.#rooms.list().length}`, "open", title, { members: 1 }));
  }

  async createGroup(name: string, accounts: string[]): Promise<string> {
    return this.#open(summary(`made-${this.#rooms.list().length}`, "group", name, { members: accounts.length + 1 }));
  }

  async startDirect(account: string): Promise<string> {
    const id = `direct-${account}`;
    return this.#rooms.get(id) ? id : this.#open(summary(id, "direct", this.person(account)?.name ?? "", {}));
  }

  async #open(room: RoomSummary): Promise<string> {
    await this.#ask();
    this.#rooms.add(room);
    return room.id;
  }

  async addMembers(room: string, accounts: string[]): Promise<void> {
    await this.#ask();
    this.#rooms.write(room, (log) => [...log, ...accounts.map((account) => note(room, Date.now(), { type: "joined", account, by: "me" }))]);
  }

  async rename(room: string, title: string): Promise<void> {
    await this.#ask();
    this.#rooms.change(room, { title });
  }

  async leave(room: string): Promise<void> {
    await this.#ask();
    this.#rooms.change(room, { active: false });
  }

  async forget(room: string): Promise<void> {
    await this.#ask();
    this.#rooms.drop(room);
  }

  async createRoomInvite(): Promise<string> {
    await this.#ask();
    return `${location.origin}/#r.AAECAwQFBgcICQoLDA0ODw.g6FyxBAAAQIDBAUGBwgJCgsMDQ4PoW6uVHVlc2RheSBjaXJjbGWhZKpsb2NhbGhvc3Q`;
  }

  async acceptRoomInvite(): Promise<string> {
    await this.#ask();
    return "group-1";
  }

  async createInvite(options: { role: Role; uses: number; days: number }): Promise<string> {
    await this.#ask();
    this.#invites = [{ id: String(this.#invites.length + 1), role: options.role, uses: options.uses, used: 0, expiresAt: Date.now() + options.days * 86_400_000, revoked: false, createdAt: Date.now() }, ...this.#invites];
    return `${location.origin}/#i.AAECAwQFBgcICQoLDA0ODw.g6FupEFzaGGhYcQQAAECAwQFBgcICQoLDA0OD6FrxCAAAQIDBAUGBwgJCgsMDQ4PAAECAwQFBgcICQoLDA0ODw`;
  }

  async invites(): Promise<Invite[]> {
    await this.#ask();
    return this.#invites;
  }

  async revokeInvite(id: string): Promise<void> {
    await this.#ask();
    this.#invites = this.#invites.map((one) => (one.id === id ? { ...one, revoked: true } : one));
  }

  /** For tests: someone else writes. */
  receive(room: string, body: string, account = "mira"): void {
    const from = this.person(account);
    if (from) this.#rooms.write(room, (log) => [...log, text(room, from, Date.now(), body)]);
    this.#rooms.change(room, { unread: (this.room(room)?.unread ?? 0) + 1 });
  }

  /** For tests: the network comes or goes. */
  connect(net: Connection): void {
    this.#net = net;
    this.#emit("connection", net);
  }

  enter(phase: Phase): void {
    this.#enter(phase);
  }

  #enter(phase: Phase): void {
    this.#phase = phase;
    this.#emit("phase", phase);
  }

  async #ask(): Promise<void> {
    await wait(this.scene.slow);
    if (this.#net !== "online") throw new Failure("offline");
    if (this.scene.fail) throw new Failure(this.scene.fail, this.scene.fail === "rate_limited" ? 120_000 : null);
  }

  #emit<E extends keyof EngineEvents>(event: E, value: EngineEvents[E]): void {
    for (const listener of this.#listeners.get(event) ?? []) (listener as (value: EngineEvents[E]) => void)(value);
  }
}
