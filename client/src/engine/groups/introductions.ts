/** Names travel inside MLS: one's own on entering, the room's on naming it, everybody's to those who are new (section 6). */
import { sleep } from "../../transport/backoff.ts";
import { bearsName, type Outbox, type People, type Room, type Rooms } from "../rooms/index.ts";
import type { Self } from "../sync/index.ts";

/** Enough for the largest room in one message. */
const MOST_PEOPLE = 400;
/** Newcomers who come together are told together. */
const GATHER_MS = 3_000;
const STEP_MS = 2_000;

export class Introductions {
  /** Rooms with newcomers whom nobody has told names yet. */
  readonly #waiting = new Set<string>();

  constructor(
    private readonly rooms: Rooms,
    private readonly outbox: Outbox,
    private readonly people: People,
    private readonly self: Self,
    private readonly ownName: () => string,
    /** Lets the outbox know that there is something to send. */
    private readonly pump: (room: Room) => void,
    /** Tells the room's rules, if that is this person's to do. */
    private readonly rules: (room: Room) => Promise<void>,
  ) {}

  /** Says one's own name, where it may travel. */
  async greet(room: Room): Promise<void> {
    if (!bearsName(room)) return;
    await this.outbox.add(room, { type: "profile", name: this.ownName() });
    this.pump(room);
  }

  /** Shows the group by which invite this device came in. */
  async showInvite(room: Room): Promise<void> {
    const { invited } = room.record;
    if (!room.active || !invited) return;
    await this.outbox.add(room, { type: "invited", invite: invited });
    await this.rooms.update(room, (record) => {
      delete record.invited;
    });
    this.pump(room);
  }

  async nameRoom(room: Room, name: string): Promise<void> {
    await this.outbox.add(room, { type: "room", name });
    this.pump(room);
  }

  /** Tells those who are new what everyone is called, as far as this device knows. */
  async introduce(room: Room): Promise<void> {
    this.#waiting.delete(room.id);
    // Who asks for help may not want to be named; whoever helps says their name themselves.
    if (room.record.kind === "case") return;
    const accounts = [...new Set(room.record.members.map((device) => device.slice(0, 36)))].slice(0, MOST_PEOPLE);
    const people = accounts.flatMap((account): [string, string][] => {
      const name = account === this.self.account ? this.ownName() : this.people.get(account)?.name;
      return name ? [[account, name]] : [];
    });
    await this.rules(room);
    await this.outbox.add(room, { type: "roster", room: room.record.kind === "group" ? room.record.title : null, people });
    this.pump(room);
  }

  /** Somebody came in by themselves. One member tells them names: whoever's turn comes first. */
  async newcomers(room: Room): Promise<void> {
    if (this.#waiting.has(room.id)) return;
    this.#waiting.add(room.id);
    await sleep(GATHER_MS + turn(room, this.self) * STEP_MS);
    if (this.#waiting.delete(room.id) && room.active) await this.introduce(room);
  }

  /** Somebody else did. */
  introduced(room: Room): void {
    this.#waiting.delete(room.id);
  }
}

const MOST_TURNS = 5;

/** A random time to wait, in steps, so that members do not all do the same at once: shorter for those with earlier leaves. */
export function turn(room: Room, self: Self): number {
  const rank = Math.max(0, room.record.members.indexOf(`${self.account}:${self.device}`));
  return Math.random() * Math.min(rank, MOST_TURNS);
}
