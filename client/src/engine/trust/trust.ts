/** What stands against sending, what the person decides about it, and the numbers people compare (docs/protocol.md, section 2). */
import type { Mls } from "../../crypto/mls.ts";
import { type Identity, roomCheckGroups, safetyGroups } from "../../crypto/comparing.ts";
import { base64url, equal, fromBase64url } from "../../protocol/bytes.ts";
import { formatProof, parseProof } from "../../protocol/links.ts";
import type { Certification } from "./certification.ts";
import {
  type Doubt,
  Failure,
  type PersonTrust,
  type RoomCheck,
  type RoomTrust,
  type SafetyNumber,
  type Scanned,
  type Trust,
} from "../../contract/index.ts";
import type { Emitter } from "../common/index.ts";
import { accountsIn, type People, type Profile, type Room, type Rooms, type Timeline } from "../rooms/index.ts";
import type { Doubted } from "../records/index.ts";
import type { Sharing } from "../account/index.ts";

export class Trusting implements Trust {
  constructor(
    private readonly rooms: Rooms,
    private readonly people: People,
    private readonly timeline: Timeline,
    private readonly profile: Profile,
    private readonly mls: Mls,
    private readonly certification: Certification,
    private readonly emitter: Emitter,
    private readonly origin: string,
    /** Sends what waits in the room, as far as possible now. */
    private readonly pump: (room: Room) => void,
    /** Tells the person's other devices. */
    private readonly sharing: Sharing,
    /** Called with people whom nobody let in, and to whom the person sends all the same. */
    private readonly letStay: (room: Room, accounts: readonly string[]) => Promise<void>,
  ) {}

  ofRoom(id: string): RoomTrust {
    const room = this.rooms.get(id);
    // A room that one may join has nothing to doubt yet.
    if (!room) return { doubts: [], accepted: [], verified: 0, others: 0 };
    const others = accountsIn(room).filter((account) => account !== this.profile.value.account);
    const verified = others.filter((account) => this.ofPerson(account).verified).length;
    const changed = others.flatMap((account) => this.#changed(account) ?? []);
    // One thing after the other: whoever believes a new key may have nothing to doubt about devices afterwards.
    const devices = (accepted: boolean) => this.#devices(room, accepted).filter(({ account }) => !changed.some((one) => one.account === account));
    return { doubts: [...changed, ...devices(false)], accepted: devices(true), verified, others: others.length };
  }

  ofPerson(account: string): PersonTrust {
    const person = this.people.get(account);
    const rooms = this.rooms.all().filter((room) => room.active);
    // Who let them into a group is a question of that group.
    const device = rooms.flatMap((room) => this.#devices(room, false)).find((doubt) => doubt.account === account && doubt.why !== "uninvited");
    return {
      verified: person?.verified === true && !person.offeredKey, doubt: this.#changed(account) ?? device ?? null,
      known: Boolean(person?.identityKey),
    };
  }

  /** Takes over a key that came by a link. */
  async met({ account, identityKey }: Identity): Promise<void> {
    if (await this.people.met(account, identityKey)) await this.certification.changed([account]);
  }

  async sendAnyway(id: string, doubts: readonly Doubt[]): Promise<void> {
    const room = this.#room(id);
    const shown = new Set(doubts.flatMap(({ about }) => about.split(" ")));
    await this.rooms.update(room, (record) => {
      record.doubted = record.doubted.map((one) => (shown.has(idOf(one)) ? { ...one, accepted: true } : one));
    });
    const chosen = room.record.doubted.filter((one) => shown.has(idOf(one)));
    await this.sharing.anyway(id, chosen);
    const stay = chosen.filter(({ uninvited }) => uninvited).map(({ device }) => device.slice(0, 36));
    if (stay.length > 0) await this.letStay(room, [...new Set(stay)]);
    this.pump(room);
  }

  async decideKey({ account, about }: Doubt, choice: "new" | "old"): Promise<void> {
    const [shown, pinned] = [fromBase64url(about), this.people.get(account)?.identityKey];
    if (!(await this.people.decide(account, shown, choice))) return;
    if (pinned) await (choice === "new" ? this.sharing.key(account, shown, pinned) : this.sharing.key(account, pinned, shown));
    await this.decided(account, choice);
  }

  /** What follows: devices that were doubted may be right by a new key, and what waited goes out. */
  async decided(account: string, choice: "new" | "old"): Promise<void> {
    const rooms = this.rooms.all().filter((room) => room.active && accountsIn(room).includes(account));
    if (choice === "new" && rooms.length > 0) {
      // First of all: whoever sends next looks again, even if the server is not asked now.
      this.certification.forget(rooms);
      await this.certification.lookUp([account]);
    }
    for (const room of rooms) {
      await this.certification.look(room);
      this.pump(room);
    }
    this.emitter.changed(null);
  }

  async safetyNumber(account: string): Promise<SafetyNumber> {
    const { account: me, identity } = this.profile.value;
    if (account === me) throw new Failure("not_found");
    // Whoever has only just come in.
    if (!this.people.get(account)?.identityKey) await this.certification.lookUp([account]);
    const person = this.people.get(account);
    const key = person?.offeredKey ?? person?.identityKey;
    if (!key) throw new Failure("not_found");
    const [own, other] = [{ account: me, identityKey: identity.publicKey }, { account, identityKey: key }];
    return {
      groups: await safetyGroups(own, other), link: formatProof(this.origin, { shown: own, seen: other }), key: base64url(key),
      fresh: Boolean(person?.offeredKey),
    };
  }

  async confirm(account: string, key: string): Promise<void> {
    const compared = fromBase64url(key);
    const { offeredKey, identityKey } = this.people.get(account) ?? {};
    if (offeredKey && equal(offeredKey, compared)) await this.decideKey({ account, name: null, why: "changed", about: key }, "new");
    else if (!identityKey || !equal(identityKey, compared)) throw new Failure("conflict");
    await this.#mark(account, true);
  }

  unconfirm(account: string): Promise<void> {
    return this.#mark(account, false);
  }

  readScanned(fragment: string): Scanned | null {
    const proof = parseProof(fragment);
    if (!proof) return null;
    const { account, identityKey } = proof.shown;
    const { identityKey: pinned, offeredKey } = this.people.get(account) ?? {};
    const { account: me, identity } = this.profile.value;
    const theirs = [pinned, offeredKey].some((known) => known && equal(known, identityKey));
    const mine = proof.seen.account === me && equal(proof.seen.identityKey, identity.publicKey);
    return { account, name: this.timeline.nameOf(account), same: theirs && mine, key: base64url(identityKey) };
  }

  async roomCheck(id: string): Promise<RoomCheck> {
    const room = this.#room(id);
    if (!room.active) throw new Failure("not_found");
    const { secret, epoch } = await this.mls.transaction(async (tx) => ({ secret: await tx.exportSecret(id), epoch: await tx.epoch(id) }));
    return { groups: await roomCheckGroups(id, epoch, secret), changes: epoch };
  }

  async #mark(account: string, verified: boolean): Promise<void> {
    await this.people.verified(account, verified);
    await this.sharing.verified(account, verified);
    this.emitter.changed(null);
  }

  #changed(account: string): Doubt | null {
    const offered = this.people.get(account)?.offeredKey;
    return offered ? { account, name: this.timeline.nameOf(account), why: "changed", about: base64url(offered) } : null;
  }

  /** What is doubted about devices in the room: one for each person. */
  #devices(room: Room, accepted: boolean): Doubt[] {
    const { kind, peer, doubted } = room.record;
    const chosen = doubted.filter((one) => one.accepted === accepted);
    const accounts = [...new Set(chosen.map(({ device }) => device.slice(0, 36)))];
    return accounts.map((account) => {
      const strange = kind === "direct" && account !== peer && account !== this.profile.value.account;
      const about = chosen.filter(({ device }) => device.startsWith(account)).map(idOf).join(" ");
      const uninvited = chosen.filter(({ device }) => device.startsWith(account)).every((one) => one.uninvited);
      const why = strange ? "stranger" : this.certification.isUnconfirmed(room, account) ? "unconfirmed" : uninvited ? "uninvited" : "device";
      return { account, name: this.timeline.nameOf(account), why, about };
    });
  }

  #room(id: string): Room {
    const room = this.rooms.get(id);
    if (!room) throw new Failure("not_found");
    return room;
  }
}

function idOf({ device, thumbprint }: Doubted): string {
  return `${device}/${thumbprint}`;
}

/** The contract's side: whatever goes wrong becomes a Failure. */
export function guarded(trusting: () => Trusting, attempt: <T>(work: () => Promise<T>) => Promise<T>): Trust {
  return {
    ofRoom: (room) => trusting().ofRoom(room),
    ofPerson: (account) => trusting().ofPerson(account),
    readScanned: (fragment) => trusting().readScanned(fragment),
    sendAnyway: (room, doubts) => attempt(() => trusting().sendAnyway(room, doubts)),
    decideKey: (doubt, choice) => attempt(() => trusting().decideKey(doubt, choice)),
    safetyNumber: (account) => attempt(() => trusting().safetyNumber(account)),
    confirm: (account, key) => attempt(() => trusting().confirm(account, key)),
    unconfirm: (account) => attempt(() => trusting().unconfirm(account)),
    roomCheck: (room) => attempt(() => trusting().roomCheck(room)),
  };
}
