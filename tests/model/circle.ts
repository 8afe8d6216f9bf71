/** Fifty devices, a room, and the steps that they take in it. */
import { type Bytes, randomBytes } from "../../client/src/protocol/bytes.ts";
import { newUuid } from "../../client/src/protocol/ids.ts";
import { formatLink } from "../../client/src/protocol/links.ts";
import { rooms as roomsBody } from "../../client/src/protocol/api.ts";
import { until } from "../support/processes.ts";
import type { KindredServer } from "../support/server.ts";
import { Model } from "./model.ts";
import { type Participant, Small, Whole } from "./people.ts";
import type { Random } from "./random.ts";
import { secretOf, SmallDevice } from "./small_device.ts";
import type { SmallRoom } from "./small_room.ts";

type Kind = "say" | "renew" | "admit" | "enter" | "leave" | "remove" | "away" | "back" | "again" | "restart";

const WEIGHTS: Record<Kind, number> = { say: 28, renew: 14, admit: 14, enter: 12, leave: 10, remove: 6, away: 8, back: 10, again: 4, restart: 2 };
/** What can be done by several at the same time, and how often that is, against a hundred of the others. */
const TOGETHER = { ...WEIGHTS, away: 0, back: 0, restart: 0 };
const BURSTS = 16;
const INVITE_USES = 50;
const LONG_MS = 60_000;

export class Circle {
  readonly model = new Model();
  readonly done: Record<string, number> = {};
  /** Whom the keeper has put out: nobody else may let them in again, and they cannot come by themselves. */
  readonly #barred = new Set<string>();
  #invite: { secret: Bytes; left: number } = { secret: randomBytes(16), left: 0 };

  private constructor(
    readonly id: string,
    /** Made the room, is always in and online, and remembers everything that went by. */
    readonly keeper: Small,
    readonly people: readonly Participant[],
    private readonly random: Random,
  ) {}

  /** Everybody has an account and is in the network's open room, where they may know each other from; the keeper alone is in the circle. */
  static async gather(server: KindredServer, { small, whole }: { small: number; whole: number }, random: Random, unexpected: (error: unknown) => void): Promise<Circle> {
    const id = newUuid();
    const origin = server.address;
    const { coordinator } = await server.links();
    const first = await SmallDevice.join({ origin, secret: secretOf(coordinator), unexpected });
    const secret = await first.invite(small + whole);
    const { open: [lobby] } = await first.http.get("/rooms", roomsBody);
    if (!lobby) throw new Error("the network has no open room");
    const devices = [first];
    while (devices.length < small) devices.push(await SmallDevice.join({ origin, secret, unexpected }));
    for (const device of devices) {
      await device.connect();
      await device.room(lobby.id).enter();
      // Whoever follows it there is of no interest here.
      device.rooms.delete(lobby.id);
    }
    const people: Participant[] = devices.map((device) => new Small(device, id));
    const link = formatLink(origin, { kind: "network", secret, name: null, inviter: null });
    while (people.length < small + whole) people.push(await Whole.join(origin, link, id, lobby.id, unexpected));
    const keeper = new Small(first, id);
    const room = first.room(id);
    room.log = new Map();
    await room.found();
    const circle = new Circle(id, keeper, [keeper, ...people.slice(1)], random);
    circle.model.came(keeper.account);
    return circle;
  }

  get room(): SmallRoom {
    return this.keeper.small.room(this.id);
  }

  /** Takes one step, or several at the same time. Returns what was done. */
  async step(): Promise<string> {
    this.model.step += 1;
    const busy = new Set<string>();
    if (this.random.below(100 + BURSTS) < 100) return (await this.#act(this.random.weighted(WEIGHTS), busy)) ?? "nothing";
    const kinds = Array.from({ length: 2 + this.random.below(5) }, () => this.random.weighted(TOGETHER));
    return (await Promise.all(kinds.map((kind) => this.#act(kind, busy)))).filter((what) => what !== null).join(" + ");
  }

  /** Half of those who are out are let in by the keeper at once, the others come by themselves. */
  async everybodyComes(): Promise<void> {
    this.model.step += 1;
    const out = this.people.filter(({ account }) => !this.model.isIn(account));
    const half = Math.floor(out.length / 2);
    await this.#letIn(this.keeper, out.slice(0, half));
    for (const person of out.slice(half)) await this.#comesIn(person);
  }

  /** Everybody has a connection again. */
  everybodyReturns(): void {
    for (const person of this.people) if (!person.online) person.network(true);
  }

  async end(): Promise<void> {
    for (const person of this.people) await person.end();
  }

  /** Does it with people who are not busy with something else in the same step; null when nobody is fit for it. */
  async #act(kind: Kind, busy: Set<string>): Promise<string | null> {
    const choose = (fit: (person: Participant) => boolean, count = 1): Participant[] => {
      const chosen = this.random.some(this.people.filter((person) => !busy.has(person.account) && fit(person)), count);
      for (const { account } of chosen) busy.add(account);
      return chosen;
    };
    const isIn = (person: Participant): boolean => this.model.isIn(person.account);
    const canAct = (person: Participant): boolean => isIn(person) && person.online;
    const perform = async (who: Participant | undefined, work: (person: Participant) => Promise<void> | void): Promise<string | null> => {
      if (!who) return null;
      await work(who);
      this.done[kind] = (this.done[kind] ?? 0) + 1;
      return `${kind} ${this.people.indexOf(who)}`;
    };
    const isKeeper = (person: Participant): boolean => person === this.keeper;
    switch (kind) {
      case "say":
        return perform(choose(canAct)[0], (who) => this.says(who));
      case "renew":
        return perform(choose((person) => canAct(person) && person.small !== null)[0], async ({ small }) => void (await small?.room(this.id).renew()));
      case "admit": {
        const guests = choose((person) => !isIn(person), 1 + this.random.below(3));
        const barred = guests.some(({ account }) => this.#barred.has(account));
        const who = guests.length > 0 ? choose((person) => (barred ? isKeeper(person) : canAct(person)))[0] : undefined;
        return perform(who, () => this.#letIn(who ?? this.keeper, guests));
      }
      case "enter":
        return perform(choose((person) => !isIn(person) && person.online && !this.#barred.has(person.account))[0], (who) => this.#comesIn(who));
      case "leave":
        if (this.model.inside().length <= this.people.length / 2) return null;
        return perform(choose((person) => canAct(person) && !isKeeper(person))[0], async (who) => {
          // Whoever goes is out of the model before the server knows: what is said from now on may reach them or not.
          this.model.went(who.account, Math.max(0, ...(await who.read()).values()));
          await who.leave();
        });
      case "remove":
        if (this.model.inside().length <= this.people.length / 2) return null;
        return perform(choose((person) => isIn(person) && !isKeeper(person))[0], async (who) => {
          this.model.went(who.account, Math.max(0, ...(await who.read()).values()));
          this.#barred.add(who.account);
          await this.room.remove(who.account);
        });
      case "away":
        return perform(choose((person) => canAct(person) && !isKeeper(person))[0], (who) => who.network(false));
      case "back":
        return perform(choose((person) => !person.online)[0], async (who) => {
          who.network(true);
          if (isIn(who)) await who.letIn();
        });
      case "again":
        return perform(choose((person) => canAct(person) && person.small !== null && !isKeeper(person))[0], async (who) => {
          const room = who.small?.room(this.id);
          await room?.drain();
          const { epoch = 0 } = (await room?.enter()) ?? {};
          this.model.cameAgain(who.account, epoch);
        });
      case "restart":
        return perform(choose((person) => person instanceof Whole && person.online)[0], (who) => (who as Whole).restart());
    }
  }

  async says(who: Participant): Promise<void> {
    const text = `${this.model.step}: ${newUuid()}`;
    this.model.said(text, who.account, await who.say(text));
  }

  async #letIn(who: Participant, guests: readonly Participant[]): Promise<void> {
    // Whoever has just gone can be let in again only when a member has committed the removal.
    await until(async () => {
      const { pending_removals: waiting } = await this.room.asTheServerHasIt();
      return !waiting.some(({ account }) => guests.some((guest) => guest.account === account));
    }, LONG_MS, () => "a removal was not committed");
    for (const { account } of guests) {
      this.model.came(account);
      this.#barred.delete(account);
    }
    await who.admit(guests.map(({ account }) => account));
    for (const guest of guests) if (guest.online) await guest.letIn();
  }

  async #comesIn(who: Participant): Promise<void> {
    if (this.#invite.left === 0) this.#invite = { secret: await this.room.invite(INVITE_USES), left: INVITE_USES };
    this.#invite.left -= 1;
    this.model.came(who.account);
    await who.enter(this.#invite.secret);
  }
}
