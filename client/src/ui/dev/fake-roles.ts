import type { BranchSize, Cut, CutOff, Joined, Person, Pinned, Roles, RoomRules } from "../../contract/index.ts";

interface Around {
  me: Person;
  people: Person[];
  staff: boolean;
  changed(): void;
}

const day = 86_400_000;

/** Groups that the person looks after, unless they are on another's hands; a network with a few branches. */
export class FakeRoles implements Roles {
  readonly #stewards = new Map<string, Set<string>>();
  readonly #quiet = new Map<string, Map<string, number>>();
  readonly #closed = new Set<string>();
  readonly #pins = new Map<string, Pinned[]>([["group-1", [{ key: "pin", name: "Asha", excerpt: "We meet on Thursday at six. Come as you are." }]]]);
  readonly #cutOff = new Set<string>();
  #cuts: Cut[] = [{ id: "cut-1", root: "amal", asker: false, itself: true, ground: "conduct", card: 2, law: null, finding: "lured", fact: "one", people: 13, peopleThen: 12, mayAgree: true, nobodyElse: false, proposedBy: "asha" }];

  constructor(private readonly around: Around) {}

  ofRoom(room: string): RoomRules {
    const { me, people, staff } = this.around;
    const stewards = room.startsWith("open") ? people.filter(({ role }) => role !== "member").map(({ account }) => account) : [...this.#of(room)];
    if (room.startsWith("open") && staff) stewards.push(me.account);
    const mine = stewards.includes(me.account);
    const everyoneMayAdd = !this.#closed.has(room);
    return {
      stewards, mine, everyoneMayAdd, mayAdd: room.startsWith("group") && (mine || everyoneMayAdd),
      quiet: [...(this.#quiet.get(room) ?? [])].map(([account, until]) => ({ account, until })),
      quietUntil: room === "group-quiet" ? Date.now() + day / 24 : null, differs: room === "group-differs",
    };
  }

  async setSteward(room: string, account: string, steward: boolean): Promise<void> {
    if (steward) this.#of(room).add(account);
    else this.#of(room).delete(account);
    this.around.changed();
  }

  async setEveryoneMayAdd(room: string, everyone: boolean): Promise<void> {
    if (everyone) this.#closed.delete(room);
    else this.#closed.add(room);
    this.around.changed();
  }

  async quieten(room: string, account: string, until: number | null): Promise<void> {
    const quiet = this.#quiet.get(room) ?? new Map<string, number>();
    if (until === null) quiet.delete(account);
    else quiet.set(account, until);
    this.#quiet.set(room, quiet);
    this.around.changed();
  }

  async removeMember(room: string, account: string): Promise<void> {
    const person = this.#person(account);
    if (person) person.sharedRooms = person.sharedRooms.filter((one) => one !== room);
    this.around.changed();
  }

  async pinned(room: string): Promise<Pinned[]> {
    return this.#pins.get(room) ?? [];
  }

  async pin(room: string, message: string, pinned: boolean): Promise<void> {
    const others = (this.#pins.get(room) ?? []).filter(({ key }) => key !== message);
    this.#pins.set(room, [...(pinned ? [{ key: message, name: "Asha", excerpt: "A message" }] : []), ...others]);
    this.around.changed();
  }

  async block(account: string): Promise<void> {
    this.#block(account, true);
  }

  async unblock(account: string): Promise<void> {
    this.#block(account, false);
  }

  blocked(): Person[] {
    return this.around.people.filter(({ blocked }) => blocked);
  }

  async inviteTree(): Promise<Joined[]> {
    const { me, people } = this.around;
    const known = [me, ...people].map((person, index): Joined => ({
      account: person.account, name: person.name, me: person.me, role: person.role ?? "member",
      invitedBy: index === 0 ? null : index < 3 ? me.account : (people[index % 2]?.account ?? null),
      joinedOn: `2026-0${1 + (index % 9)}-14`, suspended: this.#cutOff.has(person.account),
    }));
    const strangers = Array.from({ length: 40 }, (_, index): Joined => ({
      account: `5f0c${String(index).padStart(4, "0")}-stranger`, name: null, me: false, role: "member",
      invitedBy: people[index % 5]?.account ?? null, joinedOn: `2026-1${index % 2}-0${1 + (index % 9)}`, suspended: false,
    }));
    return [...known, ...strangers];
  }

  async branchSize(): Promise<BranchSize> {
    return { people: 12, second: true, nobodyElse: false };
  }

  async revokeBranch(account: string, itself: boolean): Promise<CutOff> {
    if (itself) this.#cutOff.add(account);
    this.around.changed();
    return { suspended: 0, invitesRevoked: 0, waits: true };
  }

  async cuts(): Promise<Cut[]> {
    return this.#cuts;
  }

  async agreeToCut(cut: string, people: number): Promise<CutOff> {
    await this.refuseCut(cut);
    return { suspended: people, invitesRevoked: 0, waits: false };
  }

  async refuseCut(cut: string): Promise<void> {
    this.#cuts = this.#cuts.filter(({ id }) => id !== cut);
    this.around.changed();
  }

  #of(room: string): Set<string> {
    const stewards = this.#stewards.get(room) ?? new Set(room === "group-quiet" ? ["asha"] : ["me"]);
    this.#stewards.set(room, stewards);
    return stewards;
  }

  #person(account: string): Person | undefined {
    return this.around.people.find((one) => one.account === account);
  }

  #block(account: string, blocked: boolean): void {
    const person = this.#person(account);
    if (person) person.blocked = blocked;
    this.around.changed();
  }
}
