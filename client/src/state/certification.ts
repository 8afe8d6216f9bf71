/** Checks that every device of a room is certified by its account (docs/protocol.md, section 2). */
import { accounts as accountsBody } from "../protocol/api.ts";
import { deviceKey, parseClientId } from "../protocol/ids.ts";
import type { Mls } from "../crypto/mls.ts";
import type { Leaf } from "../crypto/transaction.ts";
import type { Store } from "../store/store.ts";
import type { Http } from "../transport/http.ts";
import { RoomChanges } from "./changes.ts";
import type { SystemNote } from "./contract.ts";
import type { People } from "./people.ts";
import { hex, randomBytes } from "../protocol/bytes.ts";
import type { Self } from "./receiver.ts";
import type { Room, Rooms } from "./rooms.ts";

const MOST_ACCOUNTS = 300;

export class Certification {
  /** The epoch of each room up to which its devices were checked. */
  readonly #checked = new Map<string, number>();

  constructor(
    private readonly http: Http,
    private readonly mls: Mls,
    private readonly store: Store,
    private readonly rooms: Rooms,
    private readonly people: People,
    private readonly self: Self,
  ) {}

  /** Asks the server about accounts and takes over what their pinned keys bear out. Throws Refusal. */
  async lookUp(accounts: readonly string[]): Promise<void> {
    for (let i = 0; i < accounts.length; i += MOST_ACCOUNTS) {
      const body = { accounts: accounts.slice(i, i + MOST_ACCOUNTS) };
      await this.people.learn((await this.http.post("/accounts", body, accountsBody)).accounts);
    }
  }

  /**
   * True when every device in the room is certified, so that messages may be sent to it. Others are named in the room's
   * record and once in the conversation. Throws Refusal when the server could not be asked.
   */
  async ensure(room: Room): Promise<boolean> {
    const { epoch, leaves } = await this.mls.transaction(async (tx) => {
      const current = await tx.epoch(room.id);
      return { epoch: current, leaves: this.#checked.get(room.id) === current ? null : await tx.leaves(room.id) };
    });
    if (leaves) {
      const unknown = leaves.filter((leaf) => this.#standing(leaf) === "unknown");
      const names = unknown.flatMap(({ client }) => parseClientId(client, this.self.domain) ?? []);
      await this.lookUp([...new Set(names.map(({ account }) => account))]);
      const uncertified = leaves.filter((leaf) => this.#standing(leaf) !== "certified").map(({ client }) => {
        const name = parseClientId(client, this.self.domain);
        return name ? deviceKey(name) : client;
      });
      await this.#note(room, uncertified);
      this.#checked.set(room.id, epoch);
    }
    return room.record.uncertified.length === 0;
  }

  #standing({ client, thumbprint }: Leaf): "certified" | "unknown" | "wrong" {
    const name = parseClientId(client, this.self.domain);
    if (name && deviceKey(name) === deviceKey(this.self)) return "certified";
    return this.people.standingOf(client, thumbprint);
  }

  async #note(room: Room, uncertified: string[]): Promise<void> {
    const fresh = uncertified.filter((device) => !room.record.uncertified.includes(device));
    if (fresh.length === 0 && uncertified.length === room.record.uncertified.length) return;
    await room.lock.run(async () => {
      const changes = new RoomChanges(this.store, this.rooms, room, this.self);
      const notes = [...new Set(fresh.map((device) => device.slice(0, 36)))]
        .map((account): SystemNote => ({ type: "uncertified", account }));
      const stamp = { id: hex(randomBytes(16)), seq: room.cursor, time: Date.now() };
      // Between two entries of the log: it belongs to none.
      changes.note(stamp, this.self.account, notes, room.cursor + 0.5);
      changes.patch((record) => {
        record.uncertified = uncertified;
      });
      const next = await changes.finish();
      await this.store.write(changes.batch);
      this.rooms.adopt(room, next);
    });
  }
}
