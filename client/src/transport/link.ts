/** The connection that comes back: connects again with growing, random waits, and at once when the network returns. */
import type { Bytes } from "../protocol/bytes.ts";
import { isRefusal, Refusal } from "../protocol/errors.ts";
import type { ClientFrame, ServerFrame } from "../protocol/frames.ts";
import { Backoff, sleep } from "./backoff.ts";
import { type Answer, Connection, type Event, type Request } from "./connection.ts";
import type { Network } from "./network.ts";

export type Ready = Extract<ServerFrame, { t: "ready" }>;
export type Pushed = Extract<ServerFrame, { t: "entries" | "inbox" | "delivered" | "room" | "account" }>;
export type LinkState = "online" | "connecting" | "offline";

/** Why a server will not have a device: it does not know it, its person cut it off, its account was deleted, or it may not come in for now. */
export type Refused = "unauthenticated" | "revoked" | "deleted" | "suspended";

export interface LinkEvents {
  state(state: LinkState): void;
  ready(frame: Ready): void;
  pushed(frame: Pushed): void;
  /** The server will not have this device again, or not for now; the link has stopped. */
  refused(reason: Refused): void;
}

/** How long to wait for a network that the system says is not there; systems are sometimes wrong. */
const DISBELIEF_MS = 30_000;
/** A socket that was silent for longer may have died while the app slept. */
const DOUBT_MS = 5_000;
/** Where an `unavailable` says no time. */
const UNAVAILABLE_MS = 1_000;

export class Link {
  #stop: AbortController | null = null;
  #connection: Connection | null = null;
  #state: LinkState = "offline";
  /** How long the server asked to stay away. */
  #stayAway: number | null = null;
  readonly #wakeUps = new Set<() => void>();
  readonly #backoff = new Backoff(500, 30_000);

  constructor(
    private readonly address: string,
    private readonly token: Bytes,
    private readonly network: Network,
    private readonly events: LinkEvents,
  ) {}

  get state(): LinkState {
    return this.#state;
  }

  start(): void {
    if (this.#stop) return;
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    const unwatch = this.network.watch(() => {
      const connection = this.#connection;
      if (!connection) this.#wake();
      else if (connection.ready && connection.silence > DOUBT_MS) connection.probe();
    });
    signal.addEventListener("abort", unwatch);
    void this.#keepConnected(signal);
  }

  stop(): void {
    this.#stop?.abort();
    this.#stop = null;
    this.#connection?.end();
    this.#wake();
    this.#enter("offline");
  }

  /** Sends without waiting for an answer. False when there is no connection. */
  post(frame: ClientFrame): boolean {
    return this.#connection?.post(frame) ?? false;
  }

  /** Throws Refusal: the server's, or `unreachable` when there is no connection or it broke first. */
  async request<R extends Request>(frame: R): Promise<Answer<R>> {
    if (!this.#connection) throw new Refusal("unreachable");
    return this.#connection.request(frame);
  }

  /**
   * As `request`, through as many connections as it takes within `withinMs`: the server answers a repeated id as it did
   * the first time. After `unreachable` nobody here knows whether the server took it; after `unavailable` the server itself
   * may not know, because its database fell silent in between.
   */
  async insist<R extends Request>(frame: R, withinMs: number): Promise<Answer<R>> {
    const until = Date.now() + withinMs;
    for (;;) {
      try {
        return await this.request(frame);
      } catch (error) {
        if (!isRefusal(error, "unreachable", "unavailable")) throw error;
        if (error.code === "unavailable") await sleep(Math.min(error.detail.retryAfterMs ?? UNAVAILABLE_MS, until - Date.now()));
        if (Date.now() >= until || !(await this.readyWithin(until - Date.now()))) throw error;
      }
    }
  }

  /** True as soon as there is a connection, false when there is none in time. */
  async readyWithin(ms: number): Promise<boolean> {
    const until = Date.now() + ms;
    while (this.#stop && !this.#connection?.ready) {
      const left = until - Date.now();
      if (left <= 0) return false;
      await this.#pause(left);
    }
    return this.#connection?.ready ?? false;
  }

  async #keepConnected(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (!this.network.online()) {
        this.#enter("offline");
        await this.#pause(DISBELIEF_MS);
      }
      if (signal.aborted) return;
      this.#enter("connecting");
      await this.#connect();
      if (signal.aborted) return;
      this.#enter(this.network.online() ? "connecting" : "offline");
      await this.#pause(this.#stayAway ?? this.#backoff.next());
      this.#stayAway = null;
    }
  }

  /** Resolves when the connection has ended. */
  #connect(): Promise<void> {
    return new Promise((resolve) => {
      const ended = () => {
        this.#connection = null;
        resolve();
      };
      this.#connection = new Connection(this.network, this.address, this.token, (event) => {
        this.#happened(event);
      }, ended);
    });
  }

  #happened(event: Event): void {
    switch (event.t) {
      case "ready":
        this.#backoff.reset();
        this.#enter("online");
        this.events.ready(event);
        this.#wake();
        return;
      case "error":
        if (event.code === "unauthenticated" || event.code === "suspended") this.#refused(event.code);
        return;
      case "bye":
        this.#stayAway = event.retryAfterMs + Math.random() * 1_000;
        if (event.code === "revoked" || event.code === "deleted") this.#refused(event.code);
        // The rooms of one's own cases stay open: it comes back to them.
        else if (event.code === "suspended") this.events.refused(event.code);
        return;
      default:
        this.events.pushed(event);
    }
  }

  #refused(reason: Refused): void {
    this.stop();
    this.events.refused(reason);
  }

  /** A wait that the network's return, a connection or the end cuts short. */
  async #pause(ms: number): Promise<void> {
    const woken = new AbortController();
    const wake = () => {
      woken.abort();
    };
    this.#wakeUps.add(wake);
    await sleep(ms, woken.signal);
    this.#wakeUps.delete(wake);
  }

  #wake(): void {
    for (const wake of [...this.#wakeUps]) wake();
  }

  #enter(state: LinkState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.events.state(state);
  }
}
