/** Rooms and people as screens show them, from memory. */
import type { OpenRoomBody } from "../../protocol/api.ts";
import type { Person, RoomSummary, SendState } from "../../contract/index.ts";
import type { Outbox } from "./outbox.ts";
import type { People } from "./people.ts";
import type { Profile } from "./profile.ts";
import type { Room, Rooms } from "./rooms.ts";
import type { Timeline } from "./timeline.ts";

export class Views {
  /** The network's open rooms that this device is not in. */
  openRooms: readonly OpenRoomBody[] = [];

  constructor(
    private readonly rooms: Rooms,
    private readonly people: People,
    private readonly outbox: Outbox,
    private readonly timeline: Timeline,
    private readonly profile: Profile,
  ) {}

  /** Joined rooms newest first, then open rooms one may join. */
  list(): RoomSummary[] {
    const known = this.rooms.all().filter(isChat);
    const joinable = this.openRooms.filter(({ id }) => !this.rooms.get(id)?.active);
    const listed = known.filter(({ record, id }) => record.state === "joined" || !joinable.some((open) => open.id === id));
    const summaries = listed.map((room) => ({ summary: this.#summary(room), at: this.#lastAt(room) }));
    summaries.sort((left, right) => right.at - left.at);
    return [...summaries.map(({ summary }) => summary), ...joinable.map((open) => this.#joinable(open))];
  }

  room(id: string): RoomSummary | null {
    const room = this.rooms.get(id);
    if (room && isShown(room)) return this.#summary(room);
    const open = this.openRooms.find((candidate) => candidate.id === id);
    return open ? this.#joinable(open) : null;
  }

  members(id: string): Person[] {
    const room = this.rooms.get(id);
    return room ? accountsIn(room).map((account) => this.#person(account)) : [];
  }

  person(account: string): Person | null {
    const known = account === this.profile.value.account || this.people.get(account) !== null || this.#shared(account).length > 0;
    return known ? this.#person(account) : null;
  }

  everyone(): Person[] {
    const met = [...this.people.all().map(({ account }) => account), ...this.rooms.all().flatMap(accountsIn)];
    const accounts = new Set(met.filter((account) => this.people.get(account)?.name || this.#met(account)));
    accounts.delete(this.profile.value.account);
    return [...accounts].map((account) => this.#person(account));
  }

  #person(account: string): Person {
    const { account: own, name, role } = this.profile.value;
    const sharedRooms = this.#shared(account);
    if (account === own) return { account, name, hearsay: false, me: true, role, sharedRooms, blocked: false };
    const known = this.people.get(account);
    return { account, name: known?.name ?? null, hearsay: known?.hearsay ?? false, me: false, role: known?.role ?? null, sharedRooms, blocked: known?.blocked ?? false };
  }

  /** Whoever is known by a case's room alone, without a name, is nobody to talk to elsewhere. */
  #met(account: string): boolean {
    const rooms = this.rooms.all().filter((room) => accountsIn(room).includes(account));
    return rooms.length === 0 || rooms.some(({ record }) => record.kind !== "case");
  }

  #shared(account: string): string[] {
    return this.rooms.all().filter((room) => room.active && isChat(room) && accountsIn(room).includes(account)).map(({ id }) => id);
  }

  #summary(room: Room): RoomSummary {
    const { id, record, prefs, unread, active } = room;
    return {
      id, kind: isListed(record.kind) ? record.kind : "group", title: this.#title(room), joined: true, active, unread, members: accountsIn(room).length,
      muted: prefs.muted, draft: prefs.draft, last: this.#last(room), lost: record.lost,
      coming: record.restored === true && !active, removed: record.removed === true && !active, hidden: this.#hidden(room),
    };
  }

  #joinable({ id, title, members }: OpenRoomBody): RoomSummary {
    return { id, kind: "open", title, joined: false, active: false, unread: 0, members, muted: false, draft: "", last: null, lost: false, coming: false, removed: false, hidden: false };
  }

  #title(room: Room): string {
    if (room.record.kind !== "direct") return room.record.title ?? "";
    const other = this.#peer(room);
    return (other && this.timeline.nameOf(other)) ?? room.record.title ?? "";
  }

  #peer(room: Room): string | undefined {
    const { account: own } = this.profile.value;
    return room.record.peer ?? accountsIn(room).find((account) => account !== own) ?? room.record.founding[0];
  }

  #hidden(room: Room): boolean {
    const other = room.record.kind === "direct" && this.#peer(room);
    return other ? this.people.blocked(other) : false;
  }

  #last(room: Room): RoomSummary["last"] {
    const waiting = this.outbox.of(room.id).findLast(({ meaning }) => meaning.type === "text");
    if (waiting?.meaning.type === "text") {
      const state: SendState = waiting.record.state;
      const { text, picture } = waiting.meaning;
      return { text, ...(picture && { picture: true }), from: this.profile.value.name, mine: true, at: waiting.record.at, state };
    }
    const { last } = room.record;
    if (!last || this.people.blocked(last.from)) return null;
    const mine = last.from === this.profile.value.account;
    return {
      text: last.text, ...(last.picture && { picture: true }), from: this.timeline.nameOf(last.from), mine, at: last.at,
      state: mine ? this.timeline.stateOf(room, last.seq) : null,
    };
  }

  #lastAt(room: Room): number {
    return Math.max(room.record.at, this.#last(room)?.at ?? 0);
  }
}

/** The own devices' room, and what the staff have among themselves, is nobody's conversation. */
function isShown({ record }: Room): boolean {
  return record.state !== "creating" && (isListed(record.kind) || record.kind === "case");
}

function isListed(kind: Room["record"]["kind"]): kind is "open" | "group" | "direct" {
  return kind === "open" || kind === "group" || kind === "direct";
}

/** What is said about a case stands with the case. */
export function isChat(room: Room): boolean {
  return isShown(room) && isListed(room.record.kind);
}

export function accountsIn(room: Room): string[] {
  return [...new Set(room.record.members.map((device) => device.slice(0, 36)))];
}

