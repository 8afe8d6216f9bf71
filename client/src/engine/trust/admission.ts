/** Looks at who came into private groups: whether they were let in, by what they show or by a steward's word, and for how long to wait for that. */
import { isInvited } from "../../crypto/room-invite.ts";
import { equal } from "../../protocol/bytes.ts";
import type { Clock } from "../common/index.ts";
import { type Newcomer, settle } from "../records/index.ts";
import type { People, Room, Rooms } from "../rooms/index.ts";

/** For so long a newcomer's invite, or a steward's word, may be on its way before the person is told. */
const GRACE_MS = 60_000;

export class Admission {
  constructor(private readonly rooms: Rooms, private readonly people: People, private readonly clock: Clock) {}

  /** Checks who was let in, by the keys that are pinned. */
  async judge(room: Room): Promise<void> {
    const { waiting } = room.record.joins;
    if (waiting.every(({ fresh }) => !fresh)) return;
    const signed = await Promise.all(waiting.map((newcomer) => this.#isSigned(room, newcomer)));
    const right = waiting.filter((_, i) => signed[i]);
    await this.rooms.update(room, ({ joins }) => {
      settle(joins, (newcomer) => right.some((one) => isSame(one, newcomer)));
      for (const newcomer of joins.waiting) {
        newcomer.since ||= this.clock.now();
        // What came meanwhile is still to be looked at.
        if (waiting.some((one) => isSame(one, newcomer))) newcomer.fresh = false;
      }
    });
  }

  /** The accounts for which it was waited long enough: the person decides. */
  overdue(room: Room): string[] {
    return room.record.joins.waiting.filter(({ since }) => since > 0 && this.clock.now() >= since + GRACE_MS).map(({ account }) => account);
  }

  /** Whether something is to be looked at: newcomers, what they show, or that it did not come in time. */
  isDue(room: Room): boolean {
    const { joins: { waiting }, doubted } = room.record;
    const told = (account: string) => doubted.some(({ device }) => device.startsWith(account));
    return waiting.some(({ fresh }) => fresh) || this.overdue(room).some((account) => !told(account));
  }

  /** Whether nothing may be sent because of somebody who was not let in, and whom the person has not decided about. */
  keepsBack({ record: { joins, doubted } }: Room): boolean {
    return joins.waiting.some(({ account }) => !doubted.some(({ device, accepted }) => accepted && device.startsWith(account)));
  }

  async #isSigned(room: Room, { account, shown }: Newcomer): Promise<boolean> {
    if (!shown) return false;
    const [newcomer, inviter] = [this.people.get(account)?.identityKey, this.people.get(shown.by)?.identityKey];
    return Boolean(newcomer && inviter && (await isInvited(shown, room.id, inviter, { account, identityKey: newcomer })));
  }
}

/** They came in the same moment and show the same. */
function isSame(one: Newcomer, other: Newcomer): boolean {
  const [shown, also] = [one.shown?.proof ?? new Uint8Array(), other.shown?.proof ?? new Uint8Array()];
  return one.account === other.account && one.epoch === other.epoch && equal(shown, also);
}
