/** The socket side of the fake server. */
import { decode, encode } from "@msgpack/msgpack";
import { type Bytes, ownBytes } from "../src/protocol/bytes.ts";
import { uuidBytes, uuidText } from "../src/protocol/ids.ts";
import type { SocketLike } from "../src/transport/network.ts";
import { DOMAIN, type Fields, headOf, Refused, type ServerDevice } from "./fake-model.ts";
import type { FakeServer } from "./fake-server.ts";

export class ServerSocket implements SocketLike {
  binaryType = "";
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;
  onerror: ((event: unknown) => void) | null = null;
  device: ServerDevice | null = null;
  #open = true;
  #work: Promise<unknown> = Promise.resolve();

  constructor(private readonly server: FakeServer) {
    setTimeout(() => {
      if (!server.up) this.cut();
      else this.onopen?.();
    }, 0);
  }

  send(data: Uint8Array): void {
    const frame = decode(data) as Fields;
    // One after another, as a server reads a socket.
    this.#work = this.#work.then(() => this.#handle(frame));
  }

  close(): void {
    this.#open = false;
    this.server.sockets.delete(this);
  }

  cut(): void {
    if (!this.#open) return;
    this.close();
    setTimeout(() => this.onclose?.(), 0);
  }

  say(frame: Fields): void {
    const data = ownBytes(encode(frame)).slice().buffer;
    setTimeout(() => {
      if (this.#open) this.onmessage?.({ data });
    }, 0);
  }

  sayInbox(): void {
    const items = this.device?.inbox.map(({ seq, room, commitSeq, welcome }) => [seq, "welcome", uuidBytes(room), commitSeq, welcome]);
    if (items?.length) this.say({ t: "inbox", items });
  }

  async #handle(frame: Fields): Promise<void> {
    if (!this.#open) return;
    if (frame["t"] === "hello") return this.#hello(frame);
    const { device } = this;
    if (!device) return this.cut();
    this.server.seen.push({ frame, device: device.key });
    const fault = this.server.fault(frame, device);
    if (fault === "drop") return this.cut();
    try {
      if (fault !== null && fault !== "lose" && fault !== "keep") throw new Refused(fault);
      const answer = this.#answer(device, frame);
      if (fault === "keep") throw new Refused("unavailable");
      if (fault === "lose") this.cut();
      else if (answer) this.say(answer);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.say({ t: "error", id: frame["id"] ?? null, room: frame["room"] ?? null, code: error.code, message: "", ...{ retry_after_ms: null, epoch: null }, ...error.detail });
    }
  }

  async #hello(frame: Fields): Promise<void> {
    const device = await this.server.deviceByToken(frame["token"] as Bytes);
    const account = device && this.server.accounts.get(device.account);
    if (!device || account?.suspended) {
      this.say({ t: "error", id: null, room: null, code: device ? "suspended" : "unauthenticated", message: "", retry_after_ms: null, epoch: null });
      return;
    }
    this.device = device;
    this.server.sockets.add(this);
    const rooms = [...this.server.rooms.values()].flatMap((room) => {
      const place = room.places.get(device.key);
      return place && !room.removing.has(device.key) ? [[uuidBytes(room.id), headOf(room), room.epoch, place.cursor]] : [];
    });
    this.say({
      t: "ready", time: this.server.now(), domain: DOMAIN, account: uuidBytes(device.account), device: device.device, rooms,
      key_packages_left: device.packages.length,
    });
    this.sayInbox();
  }

  #answer(device: ServerDevice, frame: Fields): Fields | null {
    switch (frame["t"]) {
      case "ping":
        return { t: "pong", id: frame["id"] };
      case "fetch":
        return this.server.page(device, frame);
      case "send":
      case "commit": {
        const { seq, time, frank } = frame["t"] === "send" ? this.server.send(device, frame) : this.server.commit(device, frame);
        return { t: "accepted", id: frame["id"], room: frame["room"], seq, time, frank, key: 1 };
      }
      case "cursor":
        for (const [room, seq] of frame["rooms"] as [Bytes, number][]) {
          const found = this.server.rooms.get(uuidText(room));
          if (found) this.server.acknowledge(device, found, seq);
        }
        return null;
      case "inbox_ack":
        device.inbox = device.inbox.filter(({ seq }) => seq > Number(frame["seq"]));
        return null;
      default:
        throw new Refused("malformed");
    }
  }
}
