/**
 * Checks that every device of a room is certified by its account (docs/protocol.md, section 2): after each change of the
 * group, and again in the transaction that encrypts. What does not fit is told, and nothing is sent until the person decides.
 */
import { accounts as accountsBody, room as roomBody } from "../../protocol/api.ts";
import { hex } from "../../protocol/bytes.ts";
import { isRefusal } from "../../protocol/errors.ts";
import { deviceKey, parseClientId } from "../../protocol/ids.ts";
import type { Mls } from "../../crypto/mls.ts";
import type { Leaf, MlsTransaction } from "../../crypto/transaction.ts";
import type { Http } from "../../transport/http.ts";
import type { Admission } from "./admission.ts";
import type { SystemNote } from "../../contract/index.ts";
import { accountsIn, isOfStaff, type People, type Room, type Rooms } from "../rooms/index.ts";
import type { Self, Telling } from "../sync/index.ts";
import type { Doubted } from "../records/index.ts";
import type { StaffRoll } from "./staff-roll.ts";

const MOST_ACCOUNTS = 300;

export class Certification {
  /** The state of each room's group, by what only its members can derive, whose devices were checked. */
  readonly #checked = new Map<string, string>();
  /** The newest commit of each room after which that was done. */
  readonly #checkedAt = new Map<string, number>();
  readonly #running = new Map<string, Promise<boolean>>();

  constructor(
    private readonly http: Http,
    private readonly mls: Mls,
    private readonly rooms: Rooms,
    private readonly people: People,
    private readonly roll: StaffRoll,
    private readonly telling: Telling,
    private readonly self: Self,
    private readonly admission: Admission,
    private readonly spawn: (work: Promise<unknown>) => void,
  ) {}

  /** Asks the server about accounts and takes over what their pinned keys bear out. Throws Refusal. */
  async lookUp(accounts: readonly string[]): Promise<void> {
    for (let i = 0; i < accounts.length; i += MOST_ACCOUNTS) {
      const body = { accounts: accounts.slice(i, i + MOST_ACCOUNTS) };
      const changed = await this.people.learn((await this.http.post("/accounts", body, accountsBody)).accounts);
      // Whoever asks may hold a room's lock, which telling takes.
      this.spawn(this.changed(changed));
    }
  }

  /** Tells each room of these people that another identity key was shown for them. */
  async changed(accounts: readonly string[]): Promise<void> {
    for (const account of accounts) {
      for (const room of this.rooms.all()) {
        if (room.active && accountsIn(room).includes(account)) await this.telling.tell(room, [{ type: "keyChanged", account }]);
      }
    }
  }

  /** Looks at all devices of these rooms again, whatever was found before. */
  forget(rooms: readonly Room[]): void {
    for (const { id } of rooms) {
      this.#checked.delete(id);
      this.#checkedAt.delete(id);
    }
  }

  /** As `ensure`, when the group has changed since the last time, or what newcomers show is to be looked at. */
  async look(room: Room): Promise<void> {
    if (this.#checkedAt.get(room.id) !== room.record.appliedSeq || this.admission.isDue(room)) await this.ensure(room);
  }

  /**
   * Checks the group as it is now. True when messages may be sent to it. Throws Refusal when the server could not be asked
   * about a device that is new here.
   */
  ensure(room: Room): Promise<boolean> {
    let running = this.#running.get(room.id);
    if (!running) {
      running = this.#ensure(room).finally(() => this.#running.delete(room.id));
      this.#running.set(room.id, running);
    }
    return running;
  }

  async #ensure(room: Room): Promise<boolean> {
    const at = room.record.appliedSeq;
    const group = await this.mls.transaction(async (tx) => {
      // This device may have gone while others' turns came first.
      if (!(await tx.exists(room.id))) return null;
      const current = await this.#state(tx, room);
      return { state: current, leaves: this.#checked.get(room.id) === current && !this.#awaits(room) ? null : await tx.leaves(room.id) };
    });
    if (!group) return false;
    const { state, leaves } = group;
    if (leaves) {
      const unknown = leaves.filter((leaf) => this.#standing(leaf) === "unknown");
      const names = unknown.flatMap(({ client }) => parseClientId(client, this.self.domain) ?? []);
      await this.lookUp([...new Set(names.map(({ account }) => account))]);
      if (unknown.some((leaf) => this.#standing(leaf) === "unknown") && !(await this.#isIn(room))) return false;
      await this.admission.judge(room);
      await this.#note(room, leaves, await this.#strangers(room, leaves));
      this.#checked.set(room.id, state);
    }
    this.#checkedAt.set(room.id, at);
    return this.#clear(room);
  }

  /** Whoever has just gone is told nothing of those who are still there. */
  async #isIn(room: Room): Promise<boolean> {
    try {
      await this.http.get(`/rooms/${room.id}`, roomBody);
      return room.active;
    } catch (error) {
      if (!isRefusal(error, "not_found", "forbidden", "not_in_room")) throw error;
      return false;
    }
  }

  /** Whether the very state that is about to encrypt was checked, and nothing stands against it. */
  async covers(tx: MlsTransaction, room: Room): Promise<boolean> {
    return this.#clear(room) && this.#checked.get(room.id) === (await this.#state(tx, room));
  }

  #clear(room: Room): boolean {
    // What goes to staff goes to nobody else, whatever is decided about devices.
    if (isOfStaff(room) && this.#unconfirmed(room, accountsIn(room).filter((account) => account !== this.self.account)).length > 0) return false;
    return room.record.doubted.every(({ accepted }) => accepted) && !this.admission.keepsBack(room)
      && accountsIn(room).every((account) => !this.people.get(account)?.offeredKey);
  }

  async #state(tx: MlsTransaction, room: Room): Promise<string> {
    return hex(await tx.exportSecret(room.id));
  }

  #standing({ client, thumbprint }: Leaf): "certified" | "unknown" | "wrong" {
    const name = parseClientId(client, this.self.domain);
    if (name && deviceKey(name) === deviceKey(this.self)) return "certified";
    return this.people.standingOf(client, thumbprint);
  }

  #accountOf({ client }: Leaf): string {
    return parseClientId(client, this.self.domain)?.account ?? client;
  }

  /** A third person in a conversation between two; among staff, whom no coordinator has confirmed. */
  async #strangers(room: Room, leaves: readonly Leaf[]): Promise<Set<string>> {
    const accounts = new Set(leaves.map((leaf) => this.#accountOf(leaf)));
    accounts.delete(this.self.account);
    const { kind, peer } = room.record;
    if (kind === "direct" && peer !== null) accounts.delete(peer);
    if (kind === "direct") return peer === null ? new Set() : accounts;
    if (!isOfStaff(room)) return new Set();
    // They may have been confirmed just now.
    if (this.#unconfirmed(room, accounts).length > 0) await this.roll.look();
    return new Set(this.#unconfirmed(room, accounts));
  }

  /** Of a room that is for staff: whether this account has no place in it by what coordinators signed. */
  isUnconfirmed(room: Room, account: string): boolean {
    return isOfStaff(room) && this.#unconfirmed(room, accountsIn(room).filter((one) => one !== this.self.account)).includes(account);
  }

  #unconfirmed({ record: { kind, person, asker } }: Room, accounts: Iterable<string>): string[] {
    const others = [...accounts].filter((account) => !this.roll.certified(account));
    if (kind !== "case") return others;
    const known = person ?? asker;
    if (known !== undefined) return others.filter((account) => account !== known);
    // To staff one who is none may be whom the room is for; to whom it is for nobody is.
    return others.length <= 1 && this.roll.certified(this.self.account) ? [] : others;
  }

  /** Something may still change about newcomers while the group stays the same. */
  #awaits({ record: { joins, doubted } }: Room): boolean {
    return joins.waiting.length > 0 || doubted.some(({ uninvited }) => uninvited);
  }

  async #note(room: Room, leaves: readonly Leaf[], strangers: ReadonlySet<string>): Promise<void> {
    const before = room.record.doubted;
    const doubted = this.#doubtsOf(room, leaves, strangers);
    const fresh = doubted.filter((one) => !before.some((other) => isSame(one, other)));
    if (fresh.length === 0 && doubted.length === before.length && doubted.every(({ uninvited }, i) => uninvited === before[i]?.uninvited)) return;
    const notes = new Map(fresh.filter(({ accepted }) => !accepted).map(({ device, uninvited }): [string, SystemNote] => {
      const account = device.slice(0, 36);
      return [account, { type: uninvited ? "uninvited" : "uncertified", account }];
    }));
    await this.telling.tell(room, [...notes.values()], (record) => {
      record.doubted = doubted;
    });
  }

  /** The devices that nobody certifies or that have no place here, and those of people whom nobody let in. */
  #doubtsOf(room: Room, leaves: readonly Leaf[], strangers: ReadonlySet<string>): Doubted[] {
    const before = room.record.doubted;
    const overdue = this.admission.overdue(room);
    return leaves.flatMap((leaf): Doubted[] => {
      const name = parseClientId(leaf.client, this.self.domain);
      const device = name ? deviceKey(name) : leaf.client;
      const one: Doubted = { device, thumbprint: leaf.thumbprint, accepted: false };
      if (this.#standing(leaf) !== "certified" || strangers.has(this.#accountOf(leaf))) return [before.find((other) => isSame(one, other) && !other.uninvited) ?? one];
      if (!name || !overdue.includes(name.account)) return [];
      // Who may read is the same person, whatever device they come with.
      const accepted = before.some((other) => other.accepted && other.device.startsWith(name.account));
      return [{ ...one, accepted, uninvited: true }];
    });
  }
}

function isSame(one: Doubted, other: Doubted): boolean {
  return one.device === other.device && one.thumbprint === other.thumbprint;
}
