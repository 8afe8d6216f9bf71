import {
  type Doubt,
  type Engine,
  Failure,
  type PersonTrust,
  type RoomCheck,
  type RoomTrust,
  type SafetyNumber,
  type Scanned,
  type Trust,
} from "../../contract/index.ts";

const groups = ["04217", "88310", "59902", "13375", "70046", "21984", "66120", "93551", "08843", "47719", "32068", "15490"];

/** Made-up keys: Asha's are what the scene says, Mira was checked, and whoever has no name has no key. */
export class FakeTrust implements Trust {
  #doubt: Doubt | null;
  readonly #verified = new Set(["mira"]);
  #accepted: Doubt | null = null;

  constructor(
    why: Doubt["why"] | null,
    private readonly engine: Pick<Engine, "members" | "person">,
    private readonly changed: () => void,
  ) {
    this.#doubt = why ? { account: why === "stranger" ? "tala" : "asha", name: why === "stranger" ? "Tala" : "Asha", why, about: "1" } : null;
  }

  ofRoom(room: string): RoomTrust {
    const others = this.engine.members(room).filter(({ me }) => !me);
    const here = ["group-1", "direct-asha", "case-q1", "case-3", "case-7", "notes-3"].includes(room);
    return {
      doubts: here && this.#doubt ? [this.#doubt] : [], accepted: here && this.#accepted ? [this.#accepted] : [],
      verified: others.filter(({ account }) => this.#verified.has(account)).length, others: others.length,
    };
  }

  ofPerson(account: string): PersonTrust {
    const doubt = this.#doubt?.account === account ? this.#doubt : null;
    return { verified: this.#verified.has(account) && doubt?.why !== "changed", doubt, known: this.engine.person(account)?.name !== null };
  }

  suspect(doubt: Doubt): void {
    this.#doubt = doubt;
    this.changed();
  }

  async sendAnyway(): Promise<void> {
    this.#accepted = this.#doubt;
    this.#doubt = null;
    this.changed();
  }

  async decideKey(): Promise<void> {
    this.#doubt = null;
    this.changed();
  }

  async safetyNumber(account: string): Promise<SafetyNumber> {
    const { known, doubt } = this.ofPerson(account);
    if (!known) throw new Failure("not_found");
    return { groups, link: `${location.origin}/#v.${"A".repeat(128)}`, key: "1", fresh: doubt?.why === "changed" };
  }

  async confirm(account: string): Promise<void> {
    if (this.#doubt?.account === account) this.#doubt = null;
    this.#verified.add(account);
    this.changed();
  }

  async unconfirm(account: string): Promise<void> {
    this.#verified.delete(account);
    this.changed();
  }

  readScanned(fragment: string): Scanned | null {
    if (!fragment.startsWith("#v.")) return null;
    return { account: "asha", name: "Asha", same: !fragment.includes("different"), key: "1" };
  }

  async roomCheck(): Promise<RoomCheck> {
    return { groups: groups.slice(0, 6), changes: 41 };
  }
}
