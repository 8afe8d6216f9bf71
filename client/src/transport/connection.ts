/** One socket from its hello to its end (docs/protocol.md, section 4): answers find their requests, silence is noticed. */
import { type Bytes, hex, randomBytes } from "../protocol/bytes.ts";
import { Refusal } from "../protocol/errors.ts";
import { type Accepted, type ClientFrame, decodeFrame, encodeFrame, type Page, type ServerFrame } from "../protocol/frames.ts";
import type { Network, SocketLike } from "./network.ts";

type Pong = Extract<ServerFrame, { t: "pong" }>;
export type Request = Extract<ClientFrame, { id: string }>;
export type Answer<R extends Request> = R["t"] extends "fetch" ? Page : R["t"] extends "ping" ? Pong : Accepted;
/** Everything but the answers to requests. */
export type Event = Exclude<ServerFrame, Accepted | Page | Pong>;

interface Waiting {
  resolve(answer: Accepted | Page | Pong): void;
  reject(refusal: Refusal): void;
  timer: ReturnType<typeof setTimeout>;
}

const OPENING_MS = 15_000;
const ANSWER_MS = 20_000;
/** An answer that waits behind others, on a network that brings them slowly, has so long. */
const PATIENCE_MS = 60_000;
const SILENCE_MS = 25_000;
const CHECK_MS = 5_000;

export class Connection {
  readonly #socket: SocketLike;
  readonly #waiting = new Map<string, Waiting>();
  readonly #heartbeat: ReturnType<typeof setInterval>;
  #heard = Date.now();
  #answered = 0;
  #ready = false;
  #ended = false;

  constructor(
    network: Network,
    address: string,
    token: Bytes,
    private readonly onEvent: (event: Event) => void,
    private readonly onEnd: () => void,
  ) {
    const socket = network.connect(address);
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      socket.send(encodeFrame({ t: "hello", v: 1, token }));
    };
    socket.onmessage = ({ data }) => {
      this.#received(data);
    };
    socket.onclose = () => {
      this.end();
    };
    socket.onerror = () => {
      this.end();
    };
    this.#heartbeat = setInterval(() => {
      this.#checkAlive();
    }, CHECK_MS);
  }

  get ready(): boolean {
    return this.#ready && !this.#ended;
  }

  /** How long nothing was heard, in ms. */
  get silence(): number {
    return Date.now() - this.#heard;
  }

  /** Sends without waiting for an answer. False when the connection is not ready. */
  post(frame: ClientFrame): boolean {
    if (!this.ready) return false;
    this.#socket.send(encodeFrame(frame));
    return true;
  }

  /** Throws Refusal: the server's, or `unreachable` when the connection ended first. */
  request<R extends Request>(frame: R): Promise<Answer<R>> {
    return new Promise<Accepted | Page | Pong>((resolve, reject) => {
      this.#waiting.set(frame.id, { resolve, reject, timer: this.#expect(frame.id, Date.now() + PATIENCE_MS, ANSWER_MS) });
      if (!this.post(frame)) this.#settle(frame.id, new Refusal("unreachable"));
    }) as Promise<Answer<R>>;
  }

  /** A connection that swallows requests is none; one that goes on bringing other answers is slow. */
  #expect(id: string, until: number, ms: number): ReturnType<typeof setTimeout> {
    return setTimeout(() => {
      const waiting = this.#waiting.get(id);
      const left = Math.min(ANSWER_MS - (Date.now() - this.#answered), until - Date.now());
      if (waiting && left > 0) waiting.timer = this.#expect(id, until, left);
      else this.end();
    }, ms);
  }

  /** Finds out at once whether the other side still answers. */
  probe(): void {
    this.request({ t: "ping", id: hex(randomBytes(16)) }).catch(() => undefined);
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    clearInterval(this.#heartbeat);
    const socket = this.#socket;
    socket.onopen = socket.onmessage = socket.onclose = null;
    // Closing before it opened is an error that nobody needs to hear of.
    socket.onerror = () => undefined;
    socket.close();
    for (const id of [...this.#waiting.keys()]) this.#settle(id, new Refusal("unreachable"));
    this.onEnd();
  }

  #received(data: unknown): void {
    if (!(data instanceof ArrayBuffer)) return;
    this.#heard = Date.now();
    let frame: ServerFrame | null;
    try {
      frame = decodeFrame(new Uint8Array(data));
    } catch {
      this.end();
      return;
    }
    // A kind of frame that this version does not know.
    if (!frame) return;
    switch (frame.t) {
      case "accepted":
      case "page":
      case "pong":
        this.#settle(frame.id, frame);
        return;
      case "error":
        if (frame.id === null) this.onEvent(frame);
        else this.#settle(frame.id, new Refusal(frame.code, { retryAfterMs: frame.retryAfterMs, epoch: frame.epoch, until: frame.until }));
        return;
      case "ready":
        this.#ready = true;
        this.onEvent(frame);
        return;
      default:
        this.onEvent(frame);
    }
  }

  #settle(id: string, answer: Accepted | Page | Pong | Refusal): void {
    const waiting = this.#waiting.get(id);
    if (!waiting) return;
    this.#waiting.delete(id);
    this.#answered = Date.now();
    clearTimeout(waiting.timer);
    if (answer instanceof Refusal) waiting.reject(answer);
    else waiting.resolve(answer);
  }

  #checkAlive(): void {
    if (!this.#ready) {
      if (this.silence > OPENING_MS) this.end();
    } else if (this.silence > SILENCE_MS) {
      this.probe();
    }
  }
}
