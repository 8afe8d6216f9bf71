import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { decode, encode } from "@msgpack/msgpack";
import WebSocket from "ws";
import { bytes, toHex, type Bytes } from "./encodings.ts";
import { Refused } from "./http.ts";

/** [seq, time, kind (0 application, 1 commit, 2 proposal), epoch, id, payload, tag, frank, key] */
export type Entry = [number, number, 0 | 1 | 2, number, Bytes, Bytes, Bytes | null, Bytes | null, number | null];

export interface Accepted {
  t: "accepted";
  id: Bytes;
  room: Bytes;
  seq: number;
  time: number;
}

interface Page {
  t: "page";
  id: Bytes;
  room: Bytes;
  items: Entry[];
  head: number;
}

interface ErrorFrame {
  t: "error";
  id: Bytes | null;
  room: Bytes | null;
  code: string;
  message: string;
  epoch: number | null;
  detail: string | null;
}

export type Pushed =
  | { t: "ready"; rooms: [Bytes, number, number, number][]; device: string; domain: string }
  | { t: "entries"; room: Bytes; items: Entry[] }
  | { t: "inbox"; items: [number, string, Bytes, number, Bytes][] }
  | { t: "room"; room: Bytes; change: string }
  | { t: "delivered"; room: Bytes; seq: number }
  | { t: "bye"; code: string };

type Frame = Pushed | Accepted | Page | ErrorFrame | { t: "pong"; id: Bytes };
type Awaited = { resolve: (frame: Frame) => void; reject: (error: Error) => void };

/** The socket half of the protocol (section 4): questions with answers, and what comes by itself. */
export class Socket {
  private readonly awaited = new Map<string, Awaited>();
  /** Errors that name no question, and how the server said goodbye. */
  readonly complaints: string[] = [];

  private constructor(
    private readonly ws: WebSocket,
    private readonly pushed: (frame: Pushed) => void,
  ) {
    ws.on("message", (data: Buffer) => this.take(decode(data) as Frame));
    ws.on("close", () => {
      for (const { reject } of this.awaited.values()) reject(new Error(`The socket was closed: ${this.complaints.join()}`));
      this.awaited.clear();
    });
  }

  /** Opens a socket and says hello; `pushed` gets `ready` first. */
  static async open(origin: string, token: Bytes, pushed: (frame: Pushed) => void): Promise<Socket> {
    const ws = new WebSocket(`${origin.replace(/^http/, "ws")}/ws`, { perMessageDeflate: false });
    const socket = new Socket(ws, pushed);
    await once(ws, "open");
    socket.tell({ t: "hello", v: 1, token });
    return socket;
  }

  send(room: Bytes, epoch: number, payload: Bytes, tag: Bytes, id = newId()): Promise<Accepted> {
    return this.ask({ t: "send", id, room, epoch, payload, tag });
  }

  commit(room: Bytes, epoch: number, commit: Bytes, groupInfo: Bytes, welcome: Bytes | null = null, invite: Bytes | null = null, id = newId()): Promise<Accepted> {
    return this.ask({ t: "commit", id, room, epoch, commit, group_info: groupInfo, welcome, invite });
  }

  fetch(room: Bytes, after: number): Promise<Page> {
    return this.ask({ t: "fetch", id: newId(), room, after, limit: 500 });
  }

  async ping(): Promise<void> {
    await this.ask({ t: "ping", id: newId() });
  }

  acknowledge(room: Bytes, seq: number): void {
    this.tell({ t: "cursor", rooms: [[room, seq]] });
  }

  acknowledgeInbox(seq: number): void {
    this.tell({ t: "inbox_ack", seq });
  }

  /** Any frame at all, for whoever wants to see it refused. */
  tell(frame: Record<string, unknown>): void {
    this.ws.send(encode(frame));
  }

  /** Sends a frame and waits for what answers its id. Throws `Refused` for an `error`. */
  ask<Answer extends Frame>(frame: { id: Bytes } & Record<string, unknown>): Promise<Answer> {
    return new Promise<Answer>((resolve, reject) => {
      this.awaited.set(toHex(frame.id), { resolve: (answer) => resolve(answer as Answer), reject });
      this.tell(frame);
    });
  }

  get closed(): boolean {
    return this.ws.readyState === WebSocket.CLOSED;
  }

  async close(): Promise<void> {
    if (this.closed) return;
    const closed = once(this.ws, "close");
    this.ws.close();
    await closed;
  }

  private take(frame: Frame): void {
    switch (frame.t) {
      case "accepted":
      case "page":
      case "pong":
        return void this.answered(frame.id)?.resolve(frame);
      case "error": {
        const refused = new Refused(frame.code, frame.message, frame.epoch, frame.detail);
        const awaited = frame.id === null ? undefined : this.answered(frame.id);
        if (awaited === undefined) this.complaints.push(refused.message);
        return awaited?.reject(refused);
      }
      case "bye":
        this.complaints.push(frame.code);
        return this.pushed(frame);
      default:
        return this.pushed(frame);
    }
  }

  private answered(id: Bytes): Awaited | undefined {
    const awaited = this.awaited.get(toHex(id));
    this.awaited.delete(toHex(id));
    return awaited;
  }
}

export function newId(): Bytes {
  return bytes(randomBytes(16));
}
