/** A device without an engine around it: an account, MLS and a connection, small enough for fifty in one process. */
import { HeadlessPlatform } from "../../client/test/headless-platform.ts";
import { openSocket } from "../../client/test/headless.ts";
import { certify, makeIdentityKey } from "../../client/src/crypto/identity.ts";
import { Mls } from "../../client/src/crypto/mls.ts";
import { invite, invitePreview, type JoinRequest, keyPackagesLeft, me, room as roomBody, server as serverBody } from "../../client/src/protocol/api.ts";
import { type Bytes, randomBytes, sha256 } from "../../client/src/protocol/bytes.ts";
import { isRefusal } from "../../client/src/protocol/errors.ts";
import type { InboxItem } from "../../client/src/protocol/frames.ts";
import { type DeviceName, newDevice, newUuid } from "../../client/src/protocol/ids.ts";
import { parseLink } from "../../client/src/protocol/links.ts";
import { Http } from "../../client/src/transport/http.ts";
import { Link, type Pushed, type Ready } from "../../client/src/transport/link.ts";
import { SmallRoom } from "./small_room.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

export interface SmallDeviceOptions {
  origin: string;
  /** A network invite's secret. */
  secret: Bytes;
  /** Key packages to begin with, besides the last resort. */
  keyPackages?: number;
  /** Told of whatever goes wrong while nobody waits. */
  unexpected: (error: unknown) => void;
}

export class SmallDevice {
  readonly rooms = new Map<string, SmallRoom>();
  readonly link: Link;

  private constructor(
    readonly name: DeviceName,
    readonly domain: string,
    readonly externalSender: Bytes,
    readonly mls: Mls,
    readonly http: Http,
    private readonly platform: HeadlessPlatform,
    token: Bytes,
    readonly unexpected: (error: unknown) => void,
  ) {
    this.link = new Link(`${platform.origin.replace(/^http/, "ws")}/ws`, token, platform.network, {
      state: () => undefined,
      ready: (frame) => this.#ready(frame),
      pushed: (frame) => this.#pushed(frame),
      refused: (reason) => unexpected(new Error(`refused: ${reason}`)),
    });
  }

  /** A new account with one device. Connects when told to. */
  static async join({ origin, secret, keyPackages = 20, unexpected }: SmallDeviceOptions): Promise<SmallDevice> {
    const platform = new HeadlessPlatform({ origin, fetch: (input, init) => fetch(input, init), connect: openSocket });
    const http = new Http(origin, platform.fetch);
    const { domain, external_sender: externalSender } = await http.get("/server", serverBody);
    const { conduct } = await http.post("/invites/check", { secret }, invitePreview);
    const name = { account: newUuid(), device: newDevice() };
    const mls = await Mls.open({ library: await platform.loadCoreCrypto(), keystore: "memory", device: name, domain });
    const [identity, token] = [await makeIdentityKey(), randomBytes(32)];
    const [lastResort = new Uint8Array(), ...packages] = await mls.transaction((tx) => tx.keyPackages(keyPackages + 1));
    const request: JoinRequest = {
      secret, ...name, identity_key: identity.publicKey, signature_key: mls.signatureKey,
      certificate: await certify(identity, name, mls.signatureKey), token_hash: await sha256(token),
      conduct_version: conduct.version, key_packages: packages, last_resort: lastResort,
    };
    await http.post("/join", request, me);
    http.authenticate(token);
    return new SmallDevice(name, domain, externalSender, mls, http, platform, token, unexpected);
  }

  get account(): string {
    return this.name.account;
  }

  async connect(): Promise<void> {
    this.link.start();
    if (!(await this.link.readyWithin(30_000))) throw new Error("no connection");
  }

  /** The device's own network. */
  network(on: boolean): void {
    this.platform.network.switch(on);
  }

  get online(): boolean {
    return this.platform.network.online();
  }

  async end(): Promise<void> {
    this.link.stop();
    await this.mls.close();
  }

  room(id: string): SmallRoom {
    let room = this.rooms.get(id);
    if (!room) {
      room = new SmallRoom(this, id);
      this.rooms.set(id, room);
    }
    return room;
  }

  /** A network invite for so many members; staff only. */
  async invite(uses: number): Promise<Bytes> {
    const secret = randomBytes(16);
    await this.http.post("/invites", { secret_hash: await sha256(secret), role: "member", uses, expires_in_ms: DAY_MS }, invite);
    return secret;
  }

  /** Gives the room to whoever was let in; work that nobody waits for must not fail in silence. */
  spawn(work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      if (!isRefusal(error, "unreachable")) this.unexpected(error);
    });
  }

  #ready({ rooms }: Ready): void {
    const heads = new Map(rooms.map(({ room, head }) => [room, head]));
    for (const room of this.rooms.values()) {
      const head = heads.get(room.id);
      if (head === undefined) room.shutOut();
      else room.reaches(head);
    }
  }

  #pushed(frame: Pushed): void {
    switch (frame.t) {
      case "entries":
        // The lobby's are nobody's concern here.
        this.rooms.get(frame.room)?.arrived(frame.items);
        return;
      case "inbox":
        this.spawn(this.#welcomed(frame.items));
        return;
      case "room":
        if (frame.change === "removed") this.rooms.get(frame.room)?.shutOut();
        return;
      default:
    }
  }

  async #welcomed(items: readonly InboxItem[]): Promise<void> {
    for (const item of items) {
      try {
        const { head } = await this.http.get(`/rooms/${item.room}`, roomBody);
        await this.room(item.room).welcomed(item, head);
      } catch (error) {
        // Removed again before this device came to look.
        if (!isRefusal(error, "not_found", "forbidden", "not_in_room")) throw error;
      }
      this.link.post({ t: "inbox_ack", seq: item.seq });
    }
    const packages = await this.mls.transaction((tx) => tx.keyPackages(items.length));
    await this.http.post("/me/key-packages", { key_packages: packages }, keyPackagesLeft);
  }
}

/** The secret in a network invite's link. */
export function secretOf(link: string): Bytes {
  const parsed = parseLink(link);
  if (parsed?.kind !== "network") throw new Error("not a network invite");
  return parsed.secret;
}
