/** What a person changes on one of their devices and all of them should know: their name, muted rooms, whom they compared keys with, which key they believe, to which unchecked devices they send anyway. */
import { cleanName, LONGEST_NAME } from "../../content/characters.ts";
import { type Bytes, equal } from "../../protocol/bytes.ts";
import { binOf, flag, list, nullable, object, text, uuid } from "../../protocol/shape.ts";
import type { Emitter } from "../common/index.ts";
import type { Own } from "./own.ts";
import type { People, Profile, Room, Rooms } from "../rooms/index.ts";
import type { Doubted } from "../records/index.ts";

const nameBody = object({ name: text });
const muteBody = object({ room: uuid, muted: flag });
/** Of two keys of one person, which is believed and which is not. */
const keyBody = object({ account: uuid, believed: binOf(32), refused: binOf(32) });
const anywayBody = object({ room: uuid, devices: list(object({ device: text, thumbprint: text })) });
const verifiedBody = object({ account: uuid, key: nullable(binOf(32)) });

export class Sharing {
  constructor(
    private readonly own: Own, private readonly profile: Profile, private readonly rooms: Rooms, private readonly people: People,
    private readonly emitter: Emitter,
    /** Called when the person has decided on another device which key of this account to believe. */
    private readonly decided: (account: string, choice: "new" | "old") => void,
    /** Called when they have decided there to send to devices of this room anyway. */
    private readonly accepted: (room: Room) => void,
  ) {
    own.on("name", ({ value }) => this.#named(nameBody(value, "name").name));
    own.on("mute", ({ value }) => this.#muted(muteBody(value, "mute")));
    own.on("key", ({ value }) => this.#decided(keyBody(value, "key")));
    own.on("anyway", ({ value }) => this.#accepted(anywayBody(value, "anyway")));
    own.on("verified", ({ value }) => this.#verified(verifiedBody(value, "verified")));
  }

  name(name: string): Promise<void> {
    return this.own.share("name", { name });
  }

  mute(room: string, muted: boolean): Promise<void> {
    return this.own.share("mute", { room, muted });
  }

  /** With the key that was compared: a device that knows another one for this person must not believe it. */
  verified(account: string, verified: boolean): Promise<void> {
    return this.own.share("verified", { account, key: verified ? (this.people.get(account)?.identityKey ?? null) : null });
  }

  key(account: string, believed: Bytes, refused: Bytes): Promise<void> {
    return this.own.share("key", { account, believed, refused });
  }

  anyway(room: string, devices: readonly Doubted[]): Promise<void> {
    return this.own.share("anyway", { room, devices: devices.map(({ device, thumbprint }) => ({ device, thumbprint })) });
  }

  async #decided({ account, believed, refused }: { account: string; believed: Bytes; refused: Bytes }): Promise<void> {
    const choice = await this.people.decided(account, believed, refused);
    if (choice) this.decided(account, choice);
  }

  /** Also about devices that this one has not looked at yet. */
  async #accepted({ room: id, devices }: { room: string; devices: readonly Omit<Doubted, "accepted">[] }): Promise<void> {
    const room = this.rooms.get(id);
    if (!room?.active) return;
    const about = (one: Doubted) => devices.some(({ device, thumbprint }) => device === one.device && thumbprint === one.thumbprint);
    await this.rooms.update(room, (record) => {
      record.doubted = [...record.doubted.filter((one) => !about(one)), ...devices.map((one) => ({ ...one, accepted: true }))];
    });
    this.accepted(room);
  }

  async #named(name: string): Promise<void> {
    const clean = cleanName(name, LONGEST_NAME);
    if (clean === "") return;
    await this.profile.change({ name: clean });
    this.emitter.changed(null);
  }

  async #muted({ room: id, muted }: { room: string; muted: boolean }): Promise<void> {
    const room = this.rooms.get(id);
    if (room) await this.rooms.savePrefs(room, { muted });
  }

  async #verified({ account, key }: { account: string; key: Bytes | null }): Promise<void> {
    const person = this.people.get(account);
    if (!person) return;
    if (key !== null && !(person.identityKey && !person.offeredKey && equal(person.identityKey, key))) return;
    await this.people.verified(account, key !== null);
    this.emitter.changed(null);
  }
}
