/** The engine behind the contract: which phase the profile is in, and who answers in it. */
import { LONGEST_NAME } from "../content/characters.ts";
import { me as meBody, nothing } from "../protocol/api.ts";
import { Refusal } from "../protocol/errors.ts";
import { Http } from "../transport/http.ts";
import { sleep } from "../transport/backoff.ts";
import type { Backend } from "../store/backend.ts";
import { Actions, type Current } from "./actions.ts";
import {
  type Connection,
  type Decisions,
  type DevicesContract,
  type Engine,
  type EngineEvents,
  Failure,
  type InvitePreview,
  type Me,
  type Phase,
  type Recovery,
  type SignedOut,
} from "../contract/index.ts";
import { Deciders } from "./decisions/index.ts";
import { Devices, type Snapshot } from "./devices/index.ts";
import { asFailure, Emitter, type Platform } from "./common/index.ts";
import { Invitations, preview, readLink } from "./groups/index.ts";
import { named, suggestName } from "./rooms/index.ts";
import { type Opened, Opening } from "./opening.ts";
import { browserPlatform } from "./platform-browser.ts";
import { Recovering } from "./recovery/index.ts";
import { Waking } from "./notifications/index.ts";
import { Session } from "./session.ts";

export function createEngine(platform: Platform = browserPlatform()): Engine {
  return new KindredEngine(platform);
}

/** How often a suspended account asks whether it still is. */
const SUSPENDED_MS = 5 * 60_000;

class KindredEngine extends Actions implements Engine {
  readonly devices: DevicesContract;
  protected readonly emitter = new Emitter();
  #phase: Phase = "loading";
  #backend: Backend | null = null;
  #opening: Opening | null = null;
  #current: Current | null = null;
  #wasLost = false;
  #signedOut: SignedOut | null = null;
  readonly recovery: Recovery;
  readonly push: Waking;
  readonly decisions: Decisions;

  constructor(private readonly platform: Platform) {
    super();
    const attempt = <T>(work: () => Promise<T>) => this.attempt(work);
    const restore = (snapshot: Snapshot, pin: string) => this.#restore(snapshot, pin);
    const open = () => this.open;
    this.recovery = new Recovering({ platform, open, erase: () => this.erase(), attempt, restore });
    this.decisions = new Deciders(() => this.open.http, () => this.open.session.moderation.talks, () => this.open.session.moderation.statements, () => this.open.session.moderation.comeback, (id) => this.open.session.moderation.cases.askerNamed(id), attempt);
    this.push = new Waking(platform.waking ?? null, open, attempt);
    this.devices = new Devices({
      platform, open, attempt, restore,
      opening: () => {
        if (!this.#opening) throw new Failure("conflict");
        return this.#opening;
      },
      forget: () => this.#forget(),
      signedOut: () => this.#signedOut,
    });
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
    return this.emitter.on(event, listener);
  }

  start(): Promise<Phase> {
    return this.attempt(async () => {
      if (!this.platform.capable()) throw new Failure("unsupported_browser");
      const free = await this.platform.lock.acquire(() => this.#lost());
      return free ? this.#look() : this.#enter("elsewhere");
    });
  }

  takeOver(): Promise<void> {
    return this.attempt(async () => {
      await this.platform.lock.takeOver(() => this.#lost());
      if (this.#wasLost) {
        this.platform.lock.release();
        await this.platform.startOver();
      }
      await this.#look();
    });
  }

  readInvite(fragment: string): Promise<InvitePreview> {
    return this.attempt(async () => {
      const link = readLink(fragment);
      const http = link.kind === "room" ? this.open.http : new Http(this.platform.origin, this.platform.fetch);
      return preview(http, link);
    });
  }

  suggestName(): string {
    return suggestName();
  }

  join(fragment: string, { name, pin, conductVersion }: { name: string; pin: string; conductVersion: number }): Promise<Me> {
    return this.attempt(async () => {
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
    return this.attempt(async () => {
      if (!this.#opening || this.#current) throw new Failure("conflict");
      const opened = await this.#opening.unlock(pin);
      if (!opened) throw new Failure("pin_mismatch");
      await this.#begin(opened);
    });
  }

  lock(): Promise<void> {
    return this.attempt(async () => {
      if (!this.#current) return;
      await this.#end();
      this.#enter("locked");
    });
  }

  erase(): Promise<void> {
    return this.attempt(async () => {
      const current = this.#current;
      if (current) {
        // Nobody waits for it: what is here goes now, whatever the network does.
        void current.http.post(`/me/devices/${current.profile.value.device}/revoke`, {}, nothing).catch(() => undefined);
      }
      await this.#forget();
    });
  }

  override async setMuted(room: string, muted: boolean): Promise<void> {
    await super.setMuted(room, muted);
    this.#renewPush();
  }

  /** Until the server has heard of it: it wakes this device as it did before. What the browser refuses stays as it is. */
  #renewPush(): void {
    void this.#current?.session.errands.run("push", async () => {
      try {
        await this.push.renew();
      } catch (error) {
        const { code, retryAfterMs } = asFailure(error);
        if (code === "offline" || code === "unavailable" || code === "rate_limited") throw new Refusal("unavailable", { retryAfterMs });
      }
    });
  }

  async #forget(): Promise<void> {
    await this.#end();
    await this.#opening?.erase();
    await this.#forgetPush();
    this.#signedOut = null;
    this.#enter("fresh");
  }

  /** The browser gives up its address at the push service. A fault there is the browser's, and what is here goes all the same. */
  async #forgetPush(): Promise<void> {
    const { waking } = this.platform;
    await Promise.all([waking?.unsubscribe(), waking?.keepNote(null)]).catch(() => undefined);
  }

  /** Another device of the account, or a backup, has handed on what this one needs. */
  async #restore(snapshot: Snapshot, pin: string): Promise<void> {
    if (!this.#opening || this.#current) throw new Failure("conflict");
    await this.#begin(await this.#opening.restore(snapshot, pin));
    this.platform.keepStorage();
  }

  /** The server does not know this device any more. What a person had revoked or deleted is gone from here at once. */
  async #signOut(reason: SignedOut): Promise<void> {
    await this.#end();
    if (reason !== "unknown") await Promise.all([this.#opening?.erase(), this.#forgetPush()]);
    this.#signedOut = reason;
    this.#enter("signedout");
  }

  async #look(): Promise<Phase> {
    // Some browsers keep nothing in private windows.
    this.#backend ??= await this.platform.openBackend().catch((): never => {
      throw new Failure("unsupported_browser");
    });
    this.#opening = new Opening(this.platform, this.#backend, this.emitter);
    return this.#enter((await this.#opening.hasProfile()) ? "locked" : "fresh");
  }

  async #begin(opened: Opened): Promise<void> {
    const session = new Session({
      ...opened, platform: this.platform, emitter: this.emitter,
      refused: (reason) => {
        if (this.#current?.session !== session) return;
        if (reason === "suspended") void this.#waitOutSuspension(session);
        else void this.#signOut(reason === "unauthenticated" ? "unknown" : reason);
      },
      admitted: () => {
        if (this.#current?.session === session && this.#phase === "suspended") this.#enter("open");
      },
    });
    this.#current = { ...opened, session, invitations: new Invitations(opened.http, opened.profile, this.platform.origin, session.appointments.roll, session.appointments.certifying) };
    await session.open();
    this.#enter("open");
    this.#renewPush();
  }

  async #end(): Promise<void> {
    const current = this.#current;
    if (!current) return;
    this.#current = null;
    // First of all screens let go of what was open: from here on nothing about it is answered.
    this.#enter("loading");
    await current.session.close();
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
    if (this.#phase === "suspended") return;
    this.#enter("suspended");
    const waits = () => this.#current?.session === session && this.#phase === "suspended";
    while (waits()) {
      await sleep(SUSPENDED_MS);
      const me = await this.#current?.http.get("/me", meBody).catch(() => null);
      if (!me || me.suspended || !waits()) continue;
      // It comes back to all of its rooms.
      session.link.stop();
      session.link.start();
      return;
    }
  }

  #enter(phase: Phase): Phase {
    if (this.#phase !== phase) {
      this.#phase = phase;
      this.emitter.emit("phase", phase);
    }
    return phase;
  }

  protected get open(): Current {
    if (!this.#current) throw new Failure("unexpected");
    return this.#current;
  }

  /** Whatever goes wrong reaches screens as a Failure. */
  protected async attempt<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const failure = asFailure(error);
      if (failure.code === "unexpected") this.platform.unexpected(error);
      throw failure;
    }
  }
}
