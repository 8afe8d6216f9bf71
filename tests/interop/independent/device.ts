import { hkdfSync, randomBytes, randomUUID } from "node:crypto";
import { decode } from "@msgpack/msgpack";
import { bytes, fromBase64url, same, toBase64url, toHex, uuidText, type Bytes, type Client } from "./encodings.ts";
import { Http } from "./http.ts";
import { certify, keysOf, newSigningKeys, proveInvited, sha256, type SigningKeys } from "./identity.ts";
import { KeyPackageBook, newKeyPackage, writeKeyPackage } from "./key_packages.ts";
import type { Keys } from "./mls.ts";
import { People } from "./people.ts";
import { Room, type Surroundings } from "./room.ts";
import { Socket, type Pushed } from "./socket.ts";

const packagesAtFirst = 20;

/** A person's only device: a Kindred client without a screen and without a store. */
export class Device {
  readonly rooms = new Map<string, Room>();
  /** Welcomes as they came, for whoever wants to look at them. */
  readonly welcomes: Bytes[] = [];
  /** The key packages, as they were uploaded, by which this device was added. */
  readonly opened: Bytes[] = [];
  /** The key packages of others by which this device added them. */
  readonly claimed: Bytes[] = [];
  readonly faults: Error[] = [];
  readonly people: People;
  private socket: Socket | null = null;
  private inbox: Promise<void> = Promise.resolve();

  private constructor(
    readonly name: string,
    readonly client: Client,
    readonly identity: SigningKeys,
    readonly signing: SigningKeys,
    readonly http: Http,
    private readonly token: Bytes,
    private readonly book: KeyPackageBook,
    private readonly externalSender: Bytes,
  ) {
    this.people = new People(http, client.domain);
  }

  /** Takes an invite link, becomes an account with one device, and goes online. */
  static async join(link: string, name: string, hex = toHex(randomBytes(8))): Promise<Device> {
    const { origin, hash } = new URL(link);
    const [kind, secret = "", claims = ""] = hash.slice(1).split(".");
    if (kind !== "i") throw new Error("Not an invite to a network");
    const open = new Http(origin);
    const { domain, external_sender } = await open.server();
    const { conduct } = await open.checkInvite(secret);
    const client = { account: randomUUID(), device: hex, domain };
    const [identity, signing, token] = [newSigningKeys(), newSigningKeys(), bytes(randomBytes(32))];
    const book = new KeyPackageBook();
    const device = new Device(name, client, identity, signing, open.withToken(toBase64url(token)), token, book, fromBase64url(external_sender));
    await open.join({
      secret,
      account: client.account,
      identity_key: toBase64url(identity.publicKey),
      device: hex,
      signature_key: toBase64url(signing.publicKey),
      certificate: toBase64url(certify(identity, client.account, hex, signing.publicKey)),
      token_hash: toBase64url(sha256(token)),
      conduct_version: conduct.version,
      key_packages: await device.newKeyPackages(packagesAtFirst),
      last_resort: toBase64url(await book.add(await newKeyPackage(client, signing))),
    });
    device.pinInviter(claims);
    await device.connect();
    return device;
  }

  get account(): string {
    return this.client.account;
  }

  get wire(): Socket {
    if (this.socket === null) throw new Error("Not online");
    return this.socket;
  }

  async connect(): Promise<void> {
    const ready = new Promise<void>((resolve, reject) => {
      void Socket.open(this.http.origin, this.token, (frame) => {
        if (frame.t === "ready") resolve();
        if (frame.t === "bye") reject(new Error(`The server said goodbye: ${frame.code}`));
        this.pushed(frame);
      }).then((socket) => {
        this.socket = socket;
      }, reject);
    });
    await ready;
    for (const room of this.rooms.values()) if (room.group !== null && !room.removed) await room.catchUp();
  }

  async disconnect(): Promise<void> {
    await this.socket?.close();
    this.socket = null;
  }

  /** Base64url of key packages that are in the book, ready to be uploaded. */
  async newKeyPackages(count: number): Promise<string[]> {
    const made: string[] = [];
    for (let number = 0; number < count; number++) made.push(toBase64url(await this.book.add(await this.newKeys())));
    return made;
  }

  newKeys(): Promise<Keys> {
    return newKeyPackage(this.client, this.signing);
  }

  /** The room of this id, known or not. */
  room(id: string): Room {
    const known = this.rooms.get(id);
    if (known !== undefined) return known;
    const room = new Room(id, this.surroundings());
    room.name = this.name;
    this.rooms.set(id, room);
    return room;
  }

  /** A new private group with these people, or a conversation with one. */
  async createRoom(kind: "group" | "direct", accounts: readonly string[]): Promise<Room> {
    const id = randomUUID();
    const [peer] = accounts;
    await this.http.createRoom({ id, kind, ...(kind === "direct" && peer !== undefined ? { peer } : {}) });
    await this.room(id).found(accounts);
    return this.room(id);
  }

  /** Enters a private group by a link that a member made. */
  async acceptRoomInvite(link: string): Promise<Room> {
    const [kind, secret = "", claims = ""] = new URL(link).hash.slice(1).split(".");
    if (kind !== "r") throw new Error("Not an invite to a room");
    const part = fromBase64url(claims);
    const [by, identityKey, bounds, terms] = [part.slice(0, 16), part.slice(16, 48), part.slice(48, 53), part.slice(53, 117)];
    const hours = Buffer.from(bounds).readUInt32BE(1);
    this.people.pin(uuidText(by), identityKey);
    const derived = (purpose: string, length: number): Bytes => bytes(new Uint8Array(hkdfSync("sha256", fromBase64url(secret), "", purpose, length)));
    const [presented, key] = [toBase64url(derived("Kindred room invite secret v1", 16)), keysOf(derived("Kindred room invite key v1", 32))];
    const id = await this.http.roomOf(presented);
    const room = this.room(id);
    await room.enter(presented);
    const proof = proveInvited(key, id, this.account, this.identity.publicKey);
    await room.showInvite({ by, key: key.publicKey, uses: bounds[0] ?? 0, expires: hours * 3_600_000, terms, proof });
    await room.sayName();
    return room;
  }

  private surroundings(): Surroundings {
    return {
      me: this.client,
      http: this.http,
      people: this.people,
      trust: async (client, key) => (client.account === this.account && client.device === this.client.device ? same(key, this.signing.publicKey) : this.people.vouchFor(client, key)),
      externalSender: this.externalSender,
      socket: () => this.wire,
      newKeys: () => this.newKeys(),
      claimed: (keyPackage) => this.claimed.push(keyPackage),
    };
  }

  private pinInviter(claims: string): void {
    if (claims === "") return;
    const { a, k } = decode(fromBase64url(claims)) as { a?: Uint8Array; k?: Uint8Array };
    if (a !== undefined && k !== undefined) this.people.pin(uuidText(a), bytes(k));
  }

  private pushed(frame: Pushed): void {
    if (frame.t === "entries") this.rooms.get(uuidText(frame.room))?.take(frame.items);
    if (frame.t === "inbox") for (const [seq, , room, commitSeq, welcome] of frame.items) this.welcomed(seq, uuidText(room), commitSeq, bytes(welcome));
    if (frame.t === "room" && frame.change === "removed") this.room(uuidText(frame.room)).removed = true;
  }

  private welcomed(seq: number, id: string, commitSeq: number, welcome: Bytes): void {
    this.inbox = this.inbox.then(async () => {
      this.welcomes.push(welcome);
      const keys = this.book.take(welcome);
      if (keys !== undefined) this.opened.push(writeKeyPackage(keys.publicPackage));
      const room = this.room(id);
      await (keys === undefined ? room.enter() : room.welcome(welcome, keys, commitSeq));
      this.wire.acknowledgeInbox(seq);
      await room.catchUp();
      await room.sayName();
    }).catch((error: unknown) => void this.faults.push(error as Error));
  }
}
