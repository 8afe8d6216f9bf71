import { SvelteMap } from "svelte/reactivity";
import type {
  Connection,
  Contact,
  Engine,
  InvitePreview,
  Me,
  Phase,
  Recovered,
  RoomSummary,
} from "../contract/index.ts";
import { held } from "./held.ts";
import { sayFailure } from "./logic/failures.ts";
import { deviceCodeIn, inviteIn, proofIn } from "./logic/links.ts";
import { router } from "./router.svelte.ts";

export interface Notice {
  id: number;
  text: string;
  wrong: boolean;
}

/** What all screens share: the engine's state as Svelte sees it. Rooms and messages are asked for, never kept twice. */
class App {
  #engine = $state.raw<Engine | null>(null);
  phase = $state<Phase>("loading");
  connection = $state<Connection>("connecting");
  rooms = $state.raw<readonly RoomSummary[]>([]);
  me = $state.raw<Me | null>(null);
  /** Whom the network says to call; also while access is paused. */
  contacts = $state.raw<readonly Contact[]>([]);
  /** The engine itself could not be loaded. */
  broken = $state.raw<unknown>(null);
  /** Fragment of the link that was opened and is not yet answered. */
  link = $state<string | null>(null);
  /** A code that was scanned from another's screen and is not yet looked at. */
  #scanned: string | null = null;
  /** What a person in the middle of joining has chosen so far. */
  joining = $state<{ preview: InvitePreview | null; name: string; pin: string }>({ preview: null, name: "", pin: "" });
  /** What a person who comes back with recovery words has typed so far, and then what came back. */
  recovering = $state<{ words: string[]; pin: string; recovered: Recovered | null }>({ words: [], pin: "", recovered: null });
  /** Fragment of a new device's code that was opened here and is not yet answered. */
  deviceCode = $state<string | null>(null);
  /** The PIN that a person chose for a new device, until it has become one. */
  linkPin = "";
  /** Further devices that the person has not looked at. */
  addedDevices = $state(0);
  farewell = $state<"left" | "erased" | "deleted" | null>(null);
  notices = $state<Notice[]>([]);
  /** Grows when any room changed, so that whoever shows something of it looks again. */
  changes = $state(0);
  readonly #changesOf = new SvelteMap<string, number>();
  /** Grows when a question to the moderators changed. */
  caseChanges = $state(0);
  /** Grows when there are other hints about messages than before. */
  hintChanges = $state(0);
  newVersion = $state.raw<(() => void) | null>(null);
  #nextNotice = 1;
  #load: (() => Promise<Engine>) | null = null;

  get engine(): Engine {
    if (!this.#engine) throw new Error("a screen asked for the engine before it was there");
    return this.#engine;
  }

  get loaded(): boolean {
    return this.#engine !== null;
  }

  get staff(): boolean {
    return this.me !== null && this.me.role !== "member";
  }

  async start(load: () => Promise<Engine>): Promise<void> {
    this.#load = load;
    this.broken = null;
    try {
      const engine = await load();
      engine.on("phase", (phase) => this.#entered(phase));
      engine.on("connection", (connection) => (this.connection = connection));
      engine.on("rooms", () => this.#lookAtRooms());
      engine.on("devices", () => this.#lookAtDevices());
      engine.on("cases", () => (this.caseChanges += 1));
      engine.on("hints", () => (this.hintChanges += 1));
      engine.on("contacts", () => {
        this.#lookAtContacts();
        // Their role comes with it, which the operator may have changed.
        if (this.phase === "open") this.me = this.engine.me();
      });
      engine.on("room", (room) => this.#changed(room));
      this.#engine = engine;
      this.#entered(await engine.start());
      this.connection = engine.connection();
    } catch (problem) {
      this.#engine = null;
      this.broken = problem;
    }
  }

  /** Grows when this room changed. Several may change at once, and whoever looks sees only the last state of each. */
  changesOf(room: string): number {
    return this.#changesOf.get(room) ?? 0;
  }

  #changed(room: string): void {
    this.changes += 1;
    this.#changesOf.set(room, (this.#changesOf.get(room) ?? 0) + 1);
  }

  async again(): Promise<void> {
    if (this.#load) await this.start(this.#load);
  }

  /** What was opened before the page was loaded anew. */
  async recallOpened(): Promise<void> {
    const { link, code } = await held.recall();
    this.link = link;
    this.deviceCode = code;
  }

  /** Takes the link's fragment out of the address at once: it is a secret, and addresses are kept in histories. */
  takeLink(): void {
    const found = inviteIn(location.hash);
    const scanned = proofIn(location.hash);
    const code = deviceCodeIn(location.hash);
    // Before a screen is put on top of it: "back" would come upon the link again.
    if (location.hash) router.clean();
    if (code) this.#openDeviceCode(code);
    if (found) this.openLink(found.fragment);
    if (scanned) this.#scanned = scanned;
    this.#showScanned();
  }

  #showScanned(): void {
    if (this.#scanned === null || this.phase !== "open") return;
    router.go({ name: "scanned", fragment: this.#scanned });
    this.#scanned = null;
  }

  openLink(fragment: string): void {
    this.link = fragment;
    this.#hold();
    if (this.phase === "open") router.go({ name: "invite" });
    else {
      this.farewell = null;
      router.home();
    }
  }

  /** The code that was opened, once. */
  takeDeviceCode(): string | null {
    const code = this.deviceCode;
    this.deviceCode = null;
    this.#hold();
    return code;
  }

  forgetLink(): void {
    this.link = null;
    this.joining = { preview: null, name: "", pin: "" };
    this.#hold();
  }

  /** Whose colour a conversation has: between two people the other person's. */
  faceOf(room: RoomSummary): string {
    const other = room.kind === "direct" ? this.engine.members(room.id).find((person) => !person.me) : undefined;
    return other?.account ?? room.id;
  }

  say(text: string, wrong = false): void {
    const id = this.#nextNotice++;
    this.notices = [...this.notices.filter((notice) => notice.text !== text), { id, text, wrong }].slice(-2);
    setTimeout(() => this.hush(id), wrong ? 12_000 : 3_000);
  }

  hush(id: number): void {
    this.notices = this.notices.filter((notice) => notice.id !== id);
  }

  /** Runs what a button asks for; whatever goes wrong is said. True when it went well. */
  async attempt(action: () => Promise<unknown>): Promise<boolean> {
    try {
      await action();
      return true;
    } catch (problem) {
      this.say(sayFailure(problem), true);
      return false;
    }
  }

  #entered(phase: Phase): void {
    const before = this.phase;
    this.phase = phase;
    if (phase !== before) this.notices = [];
    this.#lookAtContacts();
    if (phase === "open") {
      this.me = this.engine.me();
      this.#lookAtRooms();
      this.#lookAtDevices();
      if (before === "fresh") {
        this.takeDeviceCode();
        this.forgetLink();
        router.home();
      } else if (before !== "open" && this.link) router.go({ name: "invite" });
      else if (before !== "open" && this.deviceCode) router.go({ name: "addDevice" });
      this.#showScanned();
    } else {
      this.rooms = [];
      this.me = null;
      if (before === "open") router.home();
    }
  }

  #openDeviceCode(fragment: string): void {
    this.deviceCode = fragment;
    this.#hold();
    if (this.phase === "open") router.go({ name: "addDevice" });
    else router.home();
  }

  #hold(): void {
    void held.keep({ link: this.link, code: this.deviceCode });
  }

  #lookAtContacts(): void {
    this.contacts = this.phase === "open" || this.phase === "suspended" ? this.engine.contacts.all() : [];
  }

  #lookAtDevices(): void {
    if (this.phase === "open") this.addedDevices = this.engine.devices.added();
  }

  #lookAtRooms(): void {
    if (this.phase !== "open") return;
    this.rooms = this.engine.rooms();
    this.me = this.engine.me();
  }
}

export const app = new App();
