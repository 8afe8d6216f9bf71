/** A device without an engine around it: an account, MLS and a connection, small enough for fifty in one process. */
import { HeadlessPlatform } from "../../client/test/headless-platform.ts";
import { openSocket } from "../../client/test/headless.ts";
import { certify, type IdentityKey, makeIdentityKey, proveRegistration } from "../../client/src/crypto/identity.ts";
import { Mls } from "../../client/src/crypto/mls.ts";
import { invite, invitePreview, keyPackagesLeft, me, nothing, room as roomBody, server as serverBody } from "../../client/src/protocol/api.ts";
import { type Bytes, randomBytes, sha256 } from "../../client/src/protocol/bytes.ts";
import { isRefusal } from "../../client/src/protocol/errors.ts";
import type { InboxItem } from "../../client/src/protocol/frames.ts";
import { type DeviceName, newDevice, newUuid } from "../../client/src/protocol/ids.ts";
import { parseLink } from "../../client/src/protocol/links.ts";
import { Http } from "../../client/src/transport/http.ts";
import { Link, type Pushed, type Ready } from "../../client/src/transport/link.ts";
import { SmallRoom } from "./small_room.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

/** Key packages to begin with, besides the last resort. */
const PACKAGES = 8;

export interface SmallDeviceOptions {
  origin: string;
  /** A network invite's secret. */
  secret: Bytes;
  /** Key packages to begin with, besides the last resort. */
  keyPackages?: number;
  /** Told of whatever goes wrong while nobody waits. */
  unexpected: (error: unknown) => void;
}

/** A device that the server does not know yet. */
interface Unborn {
  name: DeviceName;
  domain: string;
  externalSender: Bytes;
  identity: IdentityKey;
  mls: Mls;
  http: Http;
  platform: HeadlessPlatform;
  token: Bytes;
}

export class SmallDevice {
  readonly rooms = new Map<string, SmallRoom>();
  readonly link: Link;
  /** Another device of the account has cut this one off. */
  revoked = false;

  private constructor(
    readonly name: DeviceName,
    readonly domain: string,
    readonly externalSender: Bytes,
    readonly mls: Mls,
    readonly http: Http,
    readonly identity: IdentityKey,
    private readonly platform: HeadlessPlatform,
    token: Bytes,
    readonly unexpected: (error: unknown) => void,
  ) {
    this.link = new Link(`${platform.origin.replace(/^http/, "ws")}/ws`, token, platform.network, {
      state: () => undefined,
      ready: (frame) => this.#ready(frame),
      pushed: (frame) => this.#pushed(frame),
      refused: (reason) => {
        if (!this.revoked) unexpected(new Error(`refused: ${reason}`));
        for (const room of this.rooms.values()) room.shutOut();
      },
    });
  }

  /** A new account with one device. Connects when told to. */
  static async join({ origin, secret, keyPackages = PACKAGES, unexpected }: SmallDeviceOptions): Promise<SmallDevice> {
    const unborn = await conceive(origin, newUuid(), await makeIdentityKey());
    const { conduct } = await unborn.http.post("/invites/check", { secret }, invitePreview);
    const claims = await claimsOf(unborn, keyPackages);
    await unborn.http.post("/join", { ...claims, secret, identity_key: unborn.identity.publicKey, conduct_version: conduct.version }, me);
    return SmallDevice.#born(unborn, unexpected);
  }

  /** A further device of the account (docs/protocol.md, section 2.1). Connects when told to. */
  async another(): Promise<SmallDevice> {
    const unborn = await conceive(this.platform.origin, this.account, this.identity);
    const { time } = await unborn.http.get("/server", serverBody);
    const claims = await claimsOf(unborn, PACKAGES);
    const proof = await proveRegistration(this.identity, unborn.name, claims.token_hash, time);
    await unborn.http.post("/devices", { ...claims, proof_time: time, proof }, me);
    return SmallDevice.#born(unborn, this.unexpected);
  }

  static #born({ name, domain, externalSender, mls, http, identity, platform, token }: Unborn, unexpected: (error: unknown) => void): SmallDevice {
    http.authenticate(token);
    return new SmallDevice(name, domain, externalSender, mls, http, identity, platform, token, unexpected);
  }

  /** Cuts another device of the account off. */
  async revoke(other: SmallDevice): Promise<void> {
    other.revoked = true;
    await this.http.post(`/me/devices/${other.name.device}/revoke`, {}, nothing);
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
      if (!isRefusal(error, "unreachable") && !(this.revoked && isRefusal(error, "unauthenticated"))) this.unexpected(error);
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

async function conceive(origin: string, account: string, identity: IdentityKey): Promise<Unborn> {
  const platform = new HeadlessPlatform({ origin, fetch: (input, init) => fetch(input, init), connect: openSocket });
  const http = new Http(origin, platform.fetch);
  const { domain, external_sender: externalSender } = await http.get("/server", serverBody);
  const name = { account, device: newDevice() };
  const mls = await Mls.open({ library: await platform.loadCoreCrypto(), keystore: "memory", device: name, domain });
  return { name, domain, externalSender, identity, mls, http, platform, token: randomBytes(32) };
}

/** What every new device tells the server of itself. */
async function claimsOf({ name, identity, mls, token }: Unborn, keyPackages: number) {
  const [lastResort = new Uint8Array(), ...packages] = await mls.transaction((tx) => tx.keyPackages(keyPackages + 1));
  return {
    ...name, signature_key: mls.signatureKey, certificate: await certify(identity, name, mls.signatureKey), token_hash: await sha256(token),
    key_packages: packages, last_resort: lastResort,
  };
}

/** The secret in a network invite's link. */
export function secretOf(link: string): Bytes {
  const parsed = parseLink(link);
  if (parsed?.kind !== "network") throw new Error("not a network invite");
  return parsed.secret;
}
