import {
  type Connection,
  type Engine,
  type EngineEvents,
  type EvidenceContract,
  Failure,
  type InvitePreview,
  type Me,
  type Phase,
} from "../../contract/index.ts";
import { FakeActions, wait } from "./fake-actions.ts";
import { text } from "./fake-data.ts";
import { FakeAppointments } from "./fake-appointments.ts";
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
import type { Scene } from "./scene.ts";

/** An engine without keys, storage or network, to look at screens and test them. Never part of the built app. */
export class FakeEngine extends FakeActions implements Engine {
  readonly devices = new FakeDevices({ ask: () => this.ask(), enter: (phase) => this.#enter(phase), emit: (event, value) => this.emit(event, value) });
  #phase: Phase = "loading";
  readonly #listeners = new Map<keyof EngineEvents, Set<(value: never) => void>>();
  readonly now = Date.now();
  readonly trust: FakeTrust;
  readonly recovery: FakeRecovery;
  readonly roles: FakeRoles;
  readonly push: FakePush;
  readonly pictures: FakePictures;
  readonly cases: FakeCases;
  readonly staff: FakeStaff;
  readonly evidence: EvidenceContract = {
    content: (id, referral) => this.ask().then(async () => {
      const shown = (await this.cases.reports(id)).flatMap(({ exhibits }) => exhibits);
      const proven = shown.filter(({ doubt }) => doubt === null);
      return { messages: referral === undefined ? proven : proven.slice(0, -1), unproven: shown.length - proven.length, later: referral === undefined ? 0 : 1 };
    }),
    export: (id) => this.ask().then(() => ({ name: `evidence-${id}.zip`, bytes: new Uint8Array(22), leftOut: [], absent: 0 })),
  };
  readonly referrals: FakeReferrals;
  readonly hints: FakeHints;
  readonly openness: FakeOpenness;
  readonly contacts: FakeContacts;
  readonly decisions = new FakeDecisions(() => this.ask());
  readonly appointments = new FakeAppointments({ ask: () => this.ask(), changed: () => this.emit("cases", null) });

  constructor(scene: Scene) {
    super(scene);
    this.devices.signed = scene.signed;
    this.openness = new FakeOpenness(scene.rooms === "empty", () => this.ask());
    this.contacts = new FakeContacts({ empty: scene.rooms === "empty", ask: () => this.ask(), changed: () => this.emit("contacts", null) });
    this.roles = new FakeRoles({ ...this.cast, staff: scene.role !== "member", changed: () => this.emit("rooms", null) });
    this.trust = new FakeTrust(scene.trust, this, () => this.emit("rooms", null));
    this.pictures = new FakePictures(scene, this.furnished, this.cast.me, (room, key) => void this.deliver(room, key));
    this.hints = new FakeHints(scene.hints, () => this.emit("hints", null));
    this.push = new FakePush(scene.push, () => this.ask());
    this.staff = new FakeStaff({ empty: scene.rooms === "empty", ask: () => this.ask(), changed: () => this.emit("cases", null) });
    this.cases = new FakeCases({ cast: this.cast, rooms: this.furnished, empty: scene.rooms === "empty", ask: () => this.ask(), changed: () => this.emit("cases", null) });
    this.referrals = new FakeReferrals({
      ask: () => this.ask(), changed: () => this.emit("cases", null),
      offered: (id, service) => this.furnished.write(`case-${id}`, (log) => [...log, text(`case-${id}`, this.cast.me, Date.now(), "", { body: { type: "card", card: { kind: "service", service } } })]),
    });
    const mira = this.cast.people[1] ?? this.cast.me;
    this.furnished.write("case-s1", () => [text("case-s1", mira, this.now - 3_600_000, "I want to tell you why we did this. You can answer here.")]);
    this.furnished.write("case-d2", () => [text("case-d2", this.cast.me, this.now - 3_600_000, "I want to tell you why we did this. You can answer here.")]);
    const words = scene.words === "offered" ? "none" : scene.words;
    this.recovery = new FakeRecovery(words, scene.words === "offered", () => this.ask(), (how) => this.#enter(how === "deleted" ? "fresh" : "open"), scene.fail);
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
    return this.net;
  }

  on<E extends keyof EngineEvents>(event: E, listener: (value: EngineEvents[E]) => void): () => void {
    const all = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, all.add(listener));
    return () => all.delete(listener);
  }

  readInvite(fragment: string): Promise<InvitePreview> {
    return this.invitations.preview(fragment);
  }

  suggestName(): string {
    const pick = (list: string[]): string => list[Math.floor(Math.random() * list.length)] ?? "";
    return `${pick(["Quiet", "Gentle", "Bright", "Steady", "Kind"])} ${pick(["Heron", "River", "Maple", "Lantern", "Willow"])}`;
  }

  async join(_fragment: string, choice: { name: string }): Promise<Me> {
    for (const step of ["keys", "account"] as const) {
      this.emit("joining", step);
      await wait(200 + this.scene.slow);
    }
    await this.ask();
    this.cast.me.name = choice.name;
    this.emit("joining", "done");
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

  /** For tests: the network comes or goes. */
  connect(net: Connection): void {
    this.net = net;
    this.emit("connection", net);
  }

  enter(phase: Phase): void {
    this.#enter(phase);
  }

  #enter(phase: Phase): void {
    this.#phase = phase;
    this.emit("phase", phase);
  }

  protected emit<E extends keyof EngineEvents>(event: E, value: EngineEvents[E]): void {
    for (const listener of this.#listeners.get(event) ?? []) (listener as (value: EngineEvents[E]) => void)(value);
  }
}
