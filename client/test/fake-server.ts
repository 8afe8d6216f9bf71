/**
 * The server's side of docs/protocol.md in memory, as much of it as a client's tests need: no rules beyond those that
 * shape what clients see, and faults on demand. The real server proves the rest.
 */
import { encode } from "@msgpack/msgpack";
import { base64url, type Bytes, hex, randomBytes, sha256 } from "../src/protocol/bytes.ts";
import { newUuid, parseClientId, uuidBytes, uuidText } from "../src/protocol/ids.ts";
import { type IdentityKey, makeIdentityKey } from "../src/crypto/identity.ts";
import type { SocketLike } from "../src/transport/network.ts";
import type { ServerCase } from "./fake-cases.ts";
import { answerHttp } from "./fake-http.ts";
import { FakeCoordinator } from "./fake-staff.ts";
import {
  DOMAIN, type Fields, headOf, type Item, ORIGIN, Refused, type ServerDevice, type ServerRoom, wire,
} from "./fake-model.ts";
import { ServerSocket } from "./fake-socket.ts";
import { externalRemove, readGroupInfo } from "./mls-tree.ts";

export class FakeServer {
  readonly accounts = new Map<string, { account: string; identityKey: string; role: string; suspended: boolean; agreed: number }>();
  readonly devices = new Map<string, ServerDevice>();
  readonly rooms = new Map<string, ServerRoom>();
  readonly invites = new Map<string, { id: string; role: string; uses: number; used: number; revoked: boolean; expires: number; joined: Set<string> }>();
  readonly roomInvites = new Map<string, { room: string; uses: number }>();
  readonly cases = new Map<string, ServerCase>();
  readonly coordinator = new FakeCoordinator();
  /** Why no case is taken, if none is. */
  refuseCases: string | null = null;
  /** The place in the log of a message that this server says it has not stamped. */
  unstamped: number | null = null;
  /** Attachments by room and name, and each time that one was brought. */
  readonly blobs = new Map<string, Bytes>();
  readonly brought: string[] = [];
  /** Why no attachment is taken, if none is. */
  refuseBlobs: string | null = null;
  readonly sockets = new Set<ServerSocket>();
  readonly network = { id: newUuid(), title: "Harbour" };
  key: IdentityKey = { publicKey: new Uint8Array(32), seed: new Uint8Array(32) };
  /** False while nobody can reach it. */
  up = true;
  /** Called with each frame before it is handled; what it returns is answered instead. "drop" cuts the connection, "lose" carries it out and then cuts, "keep" carries it out and answers `unavailable`. */
  fault: (frame: Fields, device: ServerDevice) => string | null = () => null;
  /** As `fault`, for each request: "drop" is not carried out, "lose" is, and neither is answered. A number is the status of somebody in between who answers instead. */
  httpFault: (path: string) => "drop" | "lose" | number | null = () => null;
  /** An answer leaves only when this is done. */
  beforeAnswer: (path: string) => Promise<void> = () => Promise.resolve();
  readonly seen: { frame: Fields; device: string }[] = [];
  #time = 1_700_000_000_000;
  #inboxSeq = 0;

  static async start(): Promise<FakeServer> {
    const server = new FakeServer();
    server.key = await makeIdentityKey();
    return server;
  }

  now(): number {
    this.#time += 1;
    return this.#time;
  }

  async invite(role = "member", uses = 1): Promise<string> {
    const secret = randomBytes(16);
    this.invites.set(hex(await sha256(secret)), {
      id: newUuid(), role, uses, used: 0, revoked: false, expires: Date.now() + 1e6, joined: new Set(),
    });
    return `#i.${base64url(secret)}.${base64url(encode({ n: "Harbour team" }))}`;
  }

  readonly fetch = async (input: string, init: RequestInit): Promise<Response> => {
    await Promise.resolve();
    if (!this.up) throw new TypeError("fetch failed");
    const path = input.replace(`${ORIGIN}/api/v1`, "");
    const fault = this.httpFault(path);
    if (typeof fault === "number") return new Response("<h1>Bad gateway</h1>", { status: fault });
    const answer = fault === "drop" ? null : await answerHttp(this, path, init);
    if (!answer || fault) throw new TypeError("fetch failed");
    await this.beforeAnswer(path);
    return answer;
  };

  connect(): SocketLike {
    return new ServerSocket(this);
  }

  cutAll(): void {
    for (const socket of [...this.sockets]) socket.cut();
  }

  room(id: string): ServerRoom {
    const room = this.rooms.get(id);
    if (!room) throw new Refused("not_found", {}, 404);
    return room;
  }

  async deviceByToken(token: Bytes): Promise<ServerDevice | null> {
    const hash = hex(await sha256(token));
    return [...this.devices.values()].find(({ tokenHash }) => tokenHash === hash) ?? null;
  }

  /** Stores the entry and tells everybody else. */
  append(room: ServerRoom, entry: Omit<Item, "seq" | "time" | "frank">, from: string | null): Item {
    const item: Item = { ...entry, seq: headOf(room) + 1, time: this.now(), frank: entry.tag ? randomBytes(32) : null };
    room.log.push(item);
    for (const socket of this.sockets) {
      const place = socket.device && room.places.get(socket.device.key);
      if (!socket.device || !place || place.from >= item.seq || socket.device.key === from || room.removing.has(socket.device.key)) continue;
      socket.say({ t: "entries", room: uuidBytes(room.id), items: [wire(item)] });
    }
    return item;
  }

  send(device: ServerDevice, { id, room: roomId, epoch, payload, tag }: Fields): Item {
    const room = this.#entered(device, roomId);
    const known = room.log.find((item) => item.id === hex(id as Bytes));
    if (known) return known;
    if (Number(epoch) < room.epoch - 2) throw new Refused("epoch_too_old");
    return this.append(room, { kind: 0, epoch: Number(epoch), id: hex(id as Bytes), payload: payload as Bytes, tag: tag as Bytes }, device.key);
  }

  commit(device: ServerDevice, frame: Fields): Item {
    const room = this.room(uuidText(frame["room"] as Bytes));
    const id = hex(frame["id"] as Bytes);
    const known = room.log.find((item) => item.id === id);
    if (known) return known;
    if (frame["epoch"] !== room.epoch) throw new Refused("stale_epoch", { epoch: room.epoch });
    const { leaves } = readGroupInfo(frame["group_info"] as Bytes);
    const members = new Map<string, number>();
    for (const [leaf, client] of leaves.entries()) {
      const name = client && parseClientId(client, DOMAIN);
      if (name) members.set(`${name.account}:${name.device}`, leaf);
    }
    if ([...room.removing].some((key) => members.has(key))) throw new Refused("pending_removal");
    const seq = headOf(room) + 1;
    const added = [...members.keys()].filter((key) => !room.places.has(key));
    for (const key of [...room.places.keys()]) if (!members.has(key)) room.places.delete(key);
    for (const [key, leaf] of members) {
      const place = room.places.get(key);
      if (place) place.leaf = leaf;
      else room.places.set(key, { from: seq, cursor: seq, leaf });
    }
    room.removing.clear();
    room.epoch += 1;
    room.groupInfo = (frame["group_info"] as Bytes).slice();
    const item = this.append(room, { kind: 1, epoch: room.epoch - 1, id, payload: frame["commit"] as Bytes, tag: null }, device.key);
    const welcome = frame["welcome"] as Bytes | null;
    for (const key of added) if (key !== device.key && welcome) this.#welcome(key, room.id, item.seq, welcome);
    return item;
  }

  /** The server takes the account's devices out of the room (design: removal by the server). */
  async remove(room: ServerRoom, account: string): Promise<void> {
    for (const [key, place] of room.places) {
      if (!key.startsWith(account) || room.removing.has(key)) continue;
      room.removing.add(key);
      const payload = await externalRemove(this.key, uuidBytes(room.id), room.epoch, place.leaf);
      this.append(room, { kind: 2, epoch: room.epoch, id: hex(randomBytes(16)), payload, tag: null }, null);
    }
  }

  acknowledge(device: ServerDevice, room: ServerRoom, seq: number): void {
    const place = room.places.get(device.key);
    if (place) place.cursor = Math.max(place.cursor, seq);
    const low = Math.min(...[...room.places.values()].map(({ cursor }) => cursor));
    if (low <= room.delivered) return;
    room.delivered = low;
    for (const socket of this.sockets) {
      if (socket.device && room.places.has(socket.device.key)) socket.say({ t: "delivered", room: uuidBytes(room.id), seq: low });
    }
  }

  /** Tells the devices in the room of a change that stands in no entry. */
  tell(room: ServerRoom, change: string): void {
    for (const socket of this.sockets) {
      if (socket.device && room.places.has(socket.device.key)) socket.say({ t: "room", room: uuidBytes(room.id), change });
    }
  }

  /** Throws away what is older, as retention does. */
  purge(room: ServerRoom, upTo: number): void {
    room.log = room.log.filter(({ seq }) => seq > upTo);
    room.purged = upTo;
  }

  page(device: ServerDevice, frame: Fields): Fields {
    const room = this.#entered(device, frame["room"]);
    const place = room.places.get(device.key);
    const after = Math.max(Number(frame["after"]), place?.from ?? Infinity);
    const items = room.log.filter(({ seq }) => seq > after).slice(0, Number(frame["limit"]));
    return { t: "page", id: frame["id"], room: frame["room"], items: items.map(wire), head: headOf(room) };
  }

  #welcome(key: string, room: string, commitSeq: number, welcome: Bytes): void {
    const device = this.devices.get(key);
    if (!device) return;
    this.#inboxSeq += 1;
    device.inbox.push({ seq: this.#inboxSeq, room, commitSeq, welcome: welcome.slice() });
    for (const socket of this.sockets) if (socket.device?.key === key) socket.sayInbox();
  }

  #entered(device: ServerDevice, roomId: unknown): ServerRoom {
    const room = this.room(uuidText(roomId as Bytes));
    if (!room.places.has(device.key) || room.removing.has(device.key)) throw new Refused("not_in_room", {}, 403);
    return room;
  }
}
