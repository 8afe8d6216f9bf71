/** Lets the server wake this device, if the person wants that: nothing is asked for, and nothing sent, before. */
import { nothing } from "../../protocol/api.ts";
import { myPush, pushChannels } from "../../protocol/api-push.ts";
import type { Bytes } from "../../protocol/bytes.ts";
import { Batch, type Store } from "../../store/store.ts";
import type { Http } from "../../transport/http.ts";
import { Failure, type Note, type Push, type PushState, type QuietHours } from "../../contract/index.ts";
import type { WakingPlatform } from "../common/index.ts";
import type { Rooms } from "../rooms/index.ts";

const KEPT = "push";
/** The server's own when nothing is said. */
const DELAY_MS = 20_000;

interface Kept {
  on: boolean;
  quiet: QuietHours | null;
  delay: number;
  note: Note | null;
  /** Told by the page itself while it lies behind others. */
  behind?: boolean;
}

/** What the server is told beside the address. */
type Told = Pick<Kept, "quiet" | "delay">;

/** What is taken of an open profile. */
export interface WakingProfile {
  readonly http: Http;
  readonly store: Store;
  readonly session: { readonly rooms: Rooms };
}

export class Waking implements Push {
  constructor(
    private readonly platform: WakingPlatform | null,
    /** Throws Failure when no profile is open. */
    private readonly open: () => WakingProfile,
    /** Turns whatever goes wrong into a Failure. */
    private readonly attempt: <T>(work: () => Promise<T>) => Promise<T>,
  ) {}

  state(): Promise<PushState> {
    return this.attempt(async () => {
      const { quiet, delay, note, on } = await this.#kept();
      const chosen = { quiet, delay, note };
      const key = await this.#key();
      if (!key || !this.platform) return { state: "unable", ...chosen };
      const permission = this.platform.permission();
      if (on && permission !== "granted") await this.#end();
      if (permission === "denied") return { state: "denied", ...chosen };
      if (!on || permission !== "granted") return { state: "off", ...chosen };
      const { channel } = await this.open().http.get("/me/push", myPush);
      return { state: channel === null ? "off" : "on", ...chosen };
    });
  }

  turnOn(note: Note): Promise<void> {
    return this.attempt(async () => {
      if (!this.platform) throw new Failure("unsupported_browser");
      if (!(await this.platform.ask())) throw new Failure("forbidden");
      const kept = await this.#kept();
      await this.platform.keepNote(note);
      await this.#tell(kept);
      await this.#keep({ ...kept, on: true, note });
    });
  }

  turnOff(): Promise<void> {
    return this.attempt(() => this.#end());
  }

  setQuiet(quiet: QuietHours | null): Promise<void> {
    return this.#change({ quiet });
  }

  setDelay(delay: number): Promise<void> {
    return this.#change({ delay });
  }

  setNote(note: Note): Promise<void> {
    return this.attempt(async () => {
      await this.platform?.keepNote(note);
      await this.#keep({ ...(await this.#kept()), note });
    });
  }

  behind(): Promise<{ on: boolean; words: string | null }> {
    return this.attempt(async () => {
      const { behind = false, note } = await this.#kept();
      return { on: behind, words: note?.words ?? null };
    });
  }

  setBehind(behind: boolean): Promise<void> {
    return this.attempt(async () => this.#keep({ ...(await this.#kept()), behind }));
  }

  /**
   * The browser may have been given another address, the person may have muted a chat, changed the time zone, or taken
   * back in the browser's own settings what they had allowed: then the server's knowledge of this device ends.
   */
  renew(): Promise<void> {
    return this.attempt(async () => {
      const kept = await this.#kept();
      if (!kept.on || !this.platform?.able()) return;
      await (this.platform.permission() === "granted" ? this.#tell(kept) : this.#end());
    });
  }

  #change(part: Partial<Told>): Promise<void> {
    return this.attempt(async () => {
      const kept = { ...(await this.#kept()), ...part };
      await this.#tell(kept);
      await this.#keep(kept);
    });
  }

  async #end(): Promise<void> {
    await this.open().http.delete("/me/push", nothing);
    await this.#keep({ ...(await this.#kept()), on: false });
    await this.platform?.unsubscribe();
    await this.platform?.keepNote(null);
  }

  async #tell({ quiet, delay }: Told): Promise<void> {
    const key = await this.#key();
    if (!key || !this.platform) throw new Failure("unsupported_browser");
    const { http, session } = this.open();
    const muted = session.rooms.all().filter((room) => room.prefs.muted && room.active).map((room) => room.id);
    const offset = -new Date().getTimezoneOffset();
    const target = { channel: "webpush", ...(await this.platform.subscribe(key)) };
    await http.put("/me/push", { target, quiet: quiet && { ...quiet, offset }, delay_ms: delay, muted }, myPush);
  }

  async #key(): Promise<Bytes | null> {
    if (!this.platform?.able()) return null;
    return (await this.open().http.get("/push", pushChannels)).vapid_public_key;
  }

  async #kept(): Promise<Kept> {
    const { store } = this.open();
    return (await store.get<Kept>("meta", await store.scope(KEPT))) ?? { on: false, quiet: null, delay: DELAY_MS, note: null };
  }

  async #keep(kept: Kept): Promise<void> {
    const { store } = this.open();
    await store.write(new Batch().put("meta", await store.scope(KEPT), kept));
  }
}
