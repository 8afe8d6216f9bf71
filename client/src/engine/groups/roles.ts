/** What those who look after a room do: the server is told first, which enforces it; then the room, inside MLS. */
import { inviteTree, nothing, revokedBranch, room as roomBody, type RoomBody } from "../../protocol/api.ts";
import { branchSizeBody, cutsBody } from "../../protocol/api-decisions.ts";
import { flag, object, uuid } from "../../protocol/shape.ts";
import { sleep } from "../../transport/backoff.ts";
import {
  type BranchSize,
  type Cut,
  type CutOff,
  type Cutting,
  Failure,
  type Joined,
  type Pinned,
  type Roles,
  type RoomRules,
} from "../../contract/index.ts";
import type { Http } from "../../transport/http.ts";
import type { Emitter } from "../common/index.ts";
import { turn } from "./introductions.ts";
import { bar, letIn } from "../records/index.ts";
import {
  differs,
  findMessage,
  type Outbox,
  type People,
  quietUntil,
  type Room,
  type Rooms,
  rulesOf,
  settleClaim,
  type Timeline,
  type Views,
} from "../rooms/index.ts";
import type { Own } from "../account/index.ts";
import type { Self } from "../sync/index.ts";
import type { RoleRules } from "../../content/role-rules.ts";
import type { Store } from "../../store/store.ts";

/** Newcomers who come together are told together. */
const GATHER_MS = 3_000;
const STEP_MS = 2_000;
const SHOWN_PINS = 3;
/** What the devices of an account tell one another of whom their person has blocked. */
const BLOCKED = "blocked";
const blockedItem = object({ account: uuid, blocked: flag });

export class Stewardship implements Roles {
  /** Rooms whose newcomers are about to be told the rules. */
  readonly #telling = new Set<string>();

  constructor(
    private readonly http: Http,
    private readonly store: Store,
    private readonly rooms: Rooms,
    private readonly people: People,
    private readonly outbox: Outbox,
    private readonly timeline: Timeline,
    private readonly views: Views,
    private readonly emitter: Emitter,
    private readonly self: Self,
    private readonly own: Own,
    /** Sends what waits in the room, as far as possible now. */
    private readonly pump: (room: Room) => void,
  ) {
    own.on(BLOCKED, async ({ value }) => {
      const { account, blocked } = blockedItem(value, BLOCKED);
      await this.#hide(account, blocked);
    });
  }

  ofRoom(id: string): RoomRules {
    const room = this.rooms.get(id);
    if (!room) return { stewards: [], mine: false, everyoneMayAdd: true, mayAdd: false, quiet: [], quietUntil: null, differs: false };
    const { record } = room;
    const rules = rulesOf(record);
    const mine = this.#mine(room);
    const now = Date.now();
    return {
      stewards: rules.stewards, mine, everyoneMayAdd: rules.add === "all",
      mayAdd: room.active && (record.kind === "group" ? mine || rules.add === "all" : record.kind === "open" && mine),
      quiet: rules.muted.filter(([, until]) => until > now).map(([account, until]) => ({ account, until })),
      quietUntil: quietUntil(record, this.self.account, now), differs: differs(record),
    };
  }

  async setSteward(id: string, account: string, steward: boolean): Promise<void> {
    const room = this.#active(id);
    await this.#ask(room, "stewards", { account, steward });
    await this.#say(room, (rules) => {
      rules.stewards = [...rules.stewards.filter((one) => one !== account), ...(steward ? [account] : [])];
      if (steward) rules.muted = rules.muted.filter(([muted]) => muted !== account);
    });
  }

  async setEveryoneMayAdd(id: string, everyone: boolean): Promise<void> {
    const room = this.#active(id);
    await this.#ask(room, "rules", { members_may_add: everyone });
    await this.#say(room, (rules) => {
      rules.add = everyone ? "all" : "stewards";
    });
  }

  async quieten(id: string, account: string, until: number | null): Promise<void> {
    const room = this.#active(id);
    await this.#ask(room, "mute", { account, until });
    await this.#say(room, (rules) => {
      rules.muted = [...rules.muted.filter(([muted]) => muted !== account), ...(until === null ? [] : [[account, until] as [string, number]])];
    });
  }

  async removeMember(id: string, account: string): Promise<void> {
    const room = this.#active(id);
    await this.http.post(`/rooms/${id}/remove`, { account }, nothing);
    await this.rooms.update(room, ({ joins, appliedEpoch }) => {
      bar(joins, [account], appliedEpoch);
    });
    await this.#say(room, (rules) => {
      rules.stewards = rules.stewards.filter((one) => one !== account);
      rules.muted = rules.muted.filter(([muted]) => muted !== account);
    }, [account]);
  }

  async pinned(id: string): Promise<Pinned[]> {
    const room = this.rooms.get(id);
    const newest = room?.record.roles.pins.slice(-SHOWN_PINS).reverse() ?? [];
    const found = await Promise.all(newest.map(async (target): Promise<Pinned[]> => {
      const message = room && (await findMessage(this.store, room, target));
      // Of before this device came in, or deleted meanwhile.
      if (!message || this.people.blocked(message.from)) return [];
      const { body } = this.timeline.folded(room, message);
      return body.type === "text" ? [{ key: message.key, name: this.timeline.nameOf(message.from, message.name), excerpt: body.text }] : [];
    }));
    return found.flat();
  }

  async pin(id: string, key: string, pinned: boolean): Promise<void> {
    const room = this.#active(id);
    if (!this.#mine(room)) throw new Failure("forbidden");
    const message = await this.timeline.find(room, key);
    if (!message?.id) throw new Failure("not_found");
    await this.outbox.add(room, { type: "pin", target: message.id, pinned });
    this.pump(room);
  }

  block(account: string): Promise<void> {
    return this.#block(account, true);
  }

  unblock(account: string): Promise<void> {
    return this.#block(account, false);
  }

  blocked() {
    return this.people.all().filter(({ blocked }) => blocked).flatMap(({ account }) => this.views.person(account) ?? []);
  }

  async inviteTree(): Promise<Joined[]> {
    const { people } = await this.http.get("/invites/tree", inviteTree);
    return people.map(({ account, role, invited_by: invitedBy, joined_on: joinedOn, suspended }) => ({
      account, role, invitedBy, joinedOn, suspended, name: this.timeline.nameOf(account), me: account === this.self.account,
    }));
  }

  async branchSize(account: string, itself: boolean): Promise<BranchSize> {
    const { people, second, nobody_else: nobodyElse } = await this.http.get(`/accounts/${account}/branch?include_root=${itself}`, branchSizeBody);
    return { people, second, nobodyElse };
  }

  async revokeBranch(account: string, itself: boolean, { reason: why, finding, fact }: Cutting, question: string | null, people: number): Promise<CutOff> {
    const reason = typeof why === "number" ? { card: why } : { card: null, law: why };
    const body = { include_root: itself, ...reason, finding, fact, people, ...(question !== null && { case: question }) };
    return cutOff(await this.http.post(`/accounts/${account}/revoke-branch`, body, revokedBranch));
  }

  async cuts(): Promise<Cut[]> {
    const { cuts } = await this.http.get("/branches", cutsBody);
    return cuts.map(({ id, root, about_asker: asker, include_root: itself, ground, card, law, finding, branch_fact: fact, people, people_then: peopleThen, may_agree: mayAgree, nobody_else: nobodyElse, proposed_by: proposedBy }) => ({
      id, root, asker, itself, ground, card, law, finding, fact, people, peopleThen, mayAgree, nobodyElse, proposedBy,
    }));
  }

  async agreeToCut(cut: string, people: number): Promise<CutOff> {
    return cutOff(await this.http.post(`/branches/${cut}/agree`, { people }, revokedBranch));
  }

  async refuseCut(cut: string): Promise<void> {
    await this.http.post(`/branches/${cut}/refuse`, {}, cutsBody);
  }

  /** What the server says of a room. Where nobody who looks after the group has spoken yet and this person does, they do. */
  async heard({ id, members_may_add: everyone, stewards, muted }: RoomBody): Promise<void> {
    const room = this.rooms.get(id);
    if (!room?.active) return;
    const server: RoleRules = {
      stewards, add: everyone ? "all" : "stewards", muted: muted.map(({ account, until }) => [account, until]),
    };
    if (JSON.stringify(room.record.roles.server) !== JSON.stringify(server)) {
      await this.rooms.update(room, (record) => {
        record.roles.server = server;
        settleClaim(record);
      });
    }
    const { kind, members, roles: { said, claim } } = room.record;
    const silent = !claim && !said?.stewards.some((account) => members.some((device) => device.startsWith(account)));
    if (kind === "group" && silent && this.#mine(room) && !this.#waiting(room)) await this.#say(room);
  }

  /** Asks what the server knows of a room that this device has come into: until a steward speaks, that counts. */
  async learn(room: Room): Promise<void> {
    if (room.record.kind !== "group" && room.record.kind !== "open") return;
    await this.heard(await this.http.get(`/rooms/${room.id}`, roomBody));
  }

  /** Somebody new is in the group: one of those who look after it tells the rules, whoever's turn comes first. */
  async newcomers(room: Room): Promise<void> {
    if (room.record.kind !== "group" || !this.#mine(room) || this.#telling.has(room.id)) return;
    this.#telling.add(room.id);
    const since = room.cursor;
    await sleep(GATHER_MS + turn(room, this.self) * STEP_MS);
    this.#telling.delete(room.id);
    if (room.active && this.#mine(room) && (room.record.roles.said?.seq ?? 0) <= since) await this.#say(room);
  }

  /** The person sends to the group though nobody let these in. Of those who look after it, that is leave enough for everybody. */
  async letStay(room: Room, accounts: readonly string[]): Promise<void> {
    if (room.record.kind !== "group" || !this.#mine(room)) return;
    await this.rooms.update(room, ({ joins }) => {
      for (const account of accounts) letIn(joins, account, true);
    });
    await this.#say(room);
  }

  /** At once, by whoever has added them. */
  async introduce(room: Room): Promise<void> {
    if (room.record.kind === "group" && this.#mine(room)) await this.#say(room);
  }

  #mine(room: Room): boolean {
    return room.active && rulesOf(room.record).stewards.includes(this.self.account);
  }

  #waiting(room: Room): RoleRules | null {
    const item = this.outbox.of(room.id).findLast(({ meaning }) => meaning.type === "roles");
    return item?.meaning.type === "roles" ? item.meaning.rules : null;
  }

  async #ask(room: Room, what: string, body: object): Promise<void> {
    await this.heard(await this.http.post(`/rooms/${room.id}/${what}`, body, roomBody));
  }

  /** Says all the rules, changed: after what waits to be said, so that two changes in a row both count. */
  async #say(room: Room, change: (rules: RoleRules) => void = () => undefined, removed: string[] = []): Promise<void> {
    const rules = structuredClone(this.#waiting(room) ?? rulesOf(room.record));
    rules.muted = rules.muted.filter(([, until]) => until > Date.now());
    change(rules);
    const { joins, appliedEpoch: epoch } = room.record;
    const here = joins.vouched.filter((account) => !removed.includes(account));
    await this.outbox.add(room, { type: "roles", rules, removed, here, epoch });
    this.pump(room);
  }

  async #block(account: string, blocked: boolean): Promise<void> {
    if (account === this.self.account) throw new Failure("forbidden");
    await this.#hide(account, blocked);
    await this.own.share(BLOCKED, { account, blocked });
  }

  async #hide(account: string, blocked: boolean): Promise<void> {
    await this.people.block(account, blocked);
    for (const room of this.rooms.all()) this.emitter.changed(room.id);
  }

  #active(id: string): Room {
    const room = this.rooms.get(id);
    if (!room) throw new Failure("not_found");
    if (!room.active) throw new Failure("forbidden");
    return room;
  }
}

function cutOff({ suspended, invites_revoked: invitesRevoked, waits }: ReturnType<typeof revokedBranch>): CutOff {
  return { suspended, invitesRevoked, waits: waits !== null };
}

/** The contract's side: whatever goes wrong becomes a Failure. */
export function guardedRoles(roles: () => Stewardship, attempt: <T>(work: () => Promise<T>) => Promise<T>): Roles {
  return {
    ofRoom: (room) => roles().ofRoom(room),
    blocked: () => roles().blocked(),
    setSteward: (room, account, steward) => attempt(() => roles().setSteward(room, account, steward)),
    setEveryoneMayAdd: (room, everyone) => attempt(() => roles().setEveryoneMayAdd(room, everyone)),
    quieten: (room, account, until) => attempt(() => roles().quieten(room, account, until)),
    removeMember: (room, account) => attempt(() => roles().removeMember(room, account)),
    pinned: (room) => attempt(() => roles().pinned(room)),
    pin: (room, message, pinned) => attempt(() => roles().pin(room, message, pinned)),
    block: (account) => attempt(() => roles().block(account)),
    unblock: (account) => attempt(() => roles().unblock(account)),
    inviteTree: () => attempt(() => roles().inviteTree()),
    branchSize: (account, itself) => attempt(() => roles().branchSize(account, itself)),
    revokeBranch: (account, itself, why, question, people) => attempt(() => roles().revokeBranch(account, itself, why, question, people)),
    cuts: () => attempt(() => roles().cuts()),
    agreeToCut: (cut, people) => attempt(() => roles().agreeToCut(cut, people)),
    refuseCut: (cut) => attempt(() => roles().refuseCut(cut)),
  };
}
