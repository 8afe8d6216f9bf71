/** Fifty devices, some of them of the same person, a room, and the steps that they take in it. */
import { newUuid } from "../../client/src/protocol/ids.ts";
import type { RoomInviteLink } from "../../client/src/protocol/links.ts";
import { me } from "../../client/src/protocol/api.ts";
import { isRefusal } from "../../client/src/protocol/errors.ts";
import { until } from "../support/processes.ts";
import { Model } from "./model.ts";
import { furtherDevice, type Participant, type Small, Whole } from "./people.ts";
import type { Random } from "./random.ts";
import type { SmallDevice } from "./small_device.ts";
import type { SmallRoom } from "./small_room.ts";

type Kind = "say" | "renew" | "admit" | "enter" | "leave" | "remove" | "away" | "back" | "again" | "restart" | "link" | "revoke";

const WEIGHTS: Record<Kind, number> = { say: 28, renew: 14, admit: 14, enter: 12, leave: 10, remove: 6, away: 8, back: 10, again: 4, restart: 2, link: 7, revoke: 6 };
/** What can be done by several at the same time, and how often that is, against a hundred of the others. */
const TOGETHER = { ...WEIGHTS, away: 0, back: 0, restart: 0 };
const BURSTS = 16;
const INVITE_USES = 50;
const MOST_DEVICES = 3;
const LONG_MS = 60_000;

export class Circle {
  readonly model = new Model();
  readonly done: Record<string, number> = {};
  /** Accounts whom the keeper has put out: nobody else may let them in again, and they cannot come by themselves. */
  readonly #barred = new Set<string>();
  #invite: { link: RoomInviteLink | null; left: number } = { link: null, left: 0 };

  constructor(
    readonly id: string,
    /** Made the room, is always in and online, and remembers everything that went by. */
    readonly keeper: Small,
    /** Every device there ever was, revoked ones too. */
    readonly people: Participant[],
    /** Devices in the network's open room, where they know each other from. */
    private readonly lobby: ReadonlySet<string>,
    private readonly random: Random,
  ) {
    this.model.came(keeper.key);
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

  /** Most of the accounts that are out are let in by the keeper at once, the devices of the others come by themselves. */
  async everybodyComes(): Promise<void> {
    this.model.step += 1;
    const out = [...new Set(this.people.filter((person) => !this.model.isIn(person.key)).map(({ account }) => account))];
    const most = Math.floor(0.75 * out.length);
    await this.#letIn(this.keeper, out.slice(0, most));
    for (const person of this.people) if (out.indexOf(person.account) >= most) await this.#comesIn(person);
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
      const chosen = this.random.some(this.people.filter((person) => !isRevoked(person) && !busy.has(person.account) && fit(person)), count);
      for (const { account } of chosen) busy.add(account);
      return chosen;
    };
    const isIn = (person: Participant): boolean => this.model.isIn(person.key);
    const canAct = (person: Participant): boolean => isIn(person) && person.online;
    const perform = async (who: Participant | undefined, work: (person: Participant) => Promise<void> | void): Promise<string | null> => {
      if (!who) return null;
      await work(who);
      this.done[kind] = (this.done[kind] ?? 0) + 1;
      return `${kind} ${this.people.indexOf(who)}`;
    };
    const isKeeper = (person: Participant): boolean => person === this.keeper;
    const fewAreLeft = this.model.inside().length <= this.people.length / 2;
    switch (kind) {
      case "say":
        return perform(choose(canAct)[0], (who) => this.says(who));
      case "renew":
        return perform(choose((person) => canAct(person) && person.small !== null)[0], async ({ small }) => void (await small?.room(this.id).renew()));
      case "admit": {
        const guests = new Set(choose((person) => !isIn(person) && this.#isInLobby(person.account), 1 + this.random.below(3)).map(({ account }) => account));
        const barred = [...guests].some((account) => this.#barred.has(account));
        const who = guests.size > 0 ? choose((person) => (barred ? isKeeper(person) : canAct(person) && this.#isInLobby(person.account)))[0] : undefined;
        return perform(who, () => this.#letIn(who ?? this.keeper, [...guests]));
      }
      case "enter":
        return perform(choose((person) => !isIn(person) && person.online && !this.#barred.has(person.account))[0], (who) => this.#comesIn(who));
      case "leave":
        if (fewAreLeft) return null;
        return perform(choose((person) => canAct(person) && !isKeeper(person))[0], async (who) => {
          await this.#goes(this.#devicesOf(who.account));
          await who.leave();
        });
      case "remove":
        if (fewAreLeft) return null;
        return perform(choose((person) => isIn(person) && person.account !== this.keeper.account)[0], async (who) => {
          await this.#goes(this.#devicesOf(who.account));
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
          this.model.cameAgain(who.key, epoch);
        });
      case "restart":
        return perform(choose((person) => person instanceof Whole && person.online)[0], (who) => (who as Whole).restart());
      case "link":
        return perform(choose((person) => canAct(person) && person.small !== null && this.#devicesOf(person.account).length < MOST_DEVICES)[0],
          (who) => this.#links(who));
      case "revoke":
        if (fewAreLeft) return null;
        return perform(choose((person) => !isKeeper(person) && this.#revoker(person) !== null)[0], (who) => this.#isRevoked(who));
    }
  }

  /** Those who share a room may ask for one another's key packages. */
  #isInLobby(account: string): boolean {
    return this.#devicesOf(account).some(({ key }) => this.lobby.has(key));
  }

  /** Those of its devices that are not revoked. */
  #devicesOf(account: string): Participant[] {
    return this.people.filter((person) => person.account === account && !isRevoked(person));
  }

  /** Another device of the same account that could cut this one off. */
  #revoker({ account, key }: Participant): SmallDevice | null {
    return this.#devicesOf(account).find((other) => other.key !== key && other.online)?.small ?? null;
  }

  /** Whoever goes is out of the model before the server knows: what is said from now on may reach them or not. */
  async #goes(people: readonly Participant[]): Promise<void> {
    for (const person of people) if (this.model.isIn(person.key)) this.model.went(person.key, Math.max(0, ...(await person.read()).values()));
  }

  /** A further device of the account comes in, by itself or brought by the other. */
  async #links(who: Participant): Promise<void> {
    if (!who.small) throw new Error("a whole device has no further one here");
    const person = await furtherDevice(who.small, this.id);
    this.people.push(person);
    if (this.random.below(2) === 0) await this.#letIn(who, [who.account]);
    else await this.#comesIn(person);
  }

  async #isRevoked(who: Participant): Promise<void> {
    await this.#goes([who]);
    const by = this.#revoker(who);
    if (!by || !who.small) throw new Error("nobody can revoke it");
    await by.revoke(who.small);
    if (!who.online) return;
    const answer = await who.small.http.get("/me", me).catch((error: unknown) => error);
    if (!isRefusal(answer, "unauthenticated")) throw new Error(`a revoked device is answered ${JSON.stringify(answer)}`);
  }

  async says(who: Participant): Promise<void> {
    const text = `${this.model.step}: ${newUuid()}`;
    this.model.said(text, who.key, await who.say(text));
  }

  /** Every device of these accounts that is not in comes in. */
  async #letIn(who: Participant, accounts: readonly string[]): Promise<void> {
    // Whoever has just gone can be let in again only when a member has committed the removal.
    await until(async () => {
      const { pending_removals: waiting } = await this.room.asTheServerHasIt();
      return !waiting.some(({ account }) => accounts.includes(account));
    }, LONG_MS, () => "a removal was not committed");
    const guests = accounts.flatMap((account) => this.#devicesOf(account)).filter(({ key }) => !this.model.isIn(key));
    for (const { key, account } of guests) {
      this.model.came(key);
      this.#barred.delete(account);
    }
    await who.admit(accounts);
    for (const guest of guests) if (guest.online) await guest.letIn();
  }

  /** By external commit: with a link, or because another device of the account is in. */
  async #comesIn(who: Participant): Promise<void> {
    const invited = this.#devicesOf(who.account).every(({ key }) => !this.model.isIn(key));
    this.model.came(who.key);
    await who.enter(invited ? await this.#oneUse() : null);
  }

  async #oneUse(): Promise<RoomInviteLink | null> {
    if (this.#invite.left === 0) this.#invite = { link: await this.room.invite(INVITE_USES), left: INVITE_USES };
    this.#invite.left -= 1;
    return this.#invite.link;
  }
}

function isRevoked({ small }: Participant): boolean {
  return small?.revoked === true;
}
