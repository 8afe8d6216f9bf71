/** Who reads what a person asks moderators: by the server's word, and without an answer as far as this device knows. */
import { caseBody, staffBody } from "../../protocol/api-cases.ts";
import { isRefusal } from "../../protocol/errors.ts";
import { Batch, type Store } from "../../store/store.ts";
import type { Http } from "../../transport/http.ts";
import type { Person } from "../../contract/index.ts";
import type { CaseRecord } from "../records/index.ts";
import { accountsIn, type Rooms, type Views } from "../rooms/index.ts";
import type { StaffRoll } from "../trust/index.ts";

/** Who would see a case, as the server said last. */
const READERS = "case readers";

export class CaseReaders {
  constructor(
    private readonly http: Http, private readonly store: Store, private readonly rooms: Rooms, private readonly views: Views,
    private readonly roll: StaffRoll, private readonly me: string,
  ) {}

  /**
   * Of a question, or, where there is none yet, of one that would be asked now: those alone whom a coordinator has confirmed.
   * Throws Refusal.
   */
  async people(record: CaseRecord | null): Promise<Person[]> {
    const accounts = await (record ? this.#known(record) : this.#would());
    await this.roll.look();
    return accounts.filter((account) => this.roll.certified(account)).map((account) => this.views.person(account) ?? stranger(account));
  }

  /** Those who may read it, and those who can as they are in its room. Throws Refusal. */
  async of(record: CaseRecord): Promise<string[]> {
    const { staff } = await this.http.get(`/cases/${record.id}`, caseBody);
    return [...new Set([...staff, ...this.#canRead(record)])].filter((account) => account !== this.me);
  }

  async #would(): Promise<string[]> {
    const scope = await this.store.scope(READERS);
    try {
      const { staff } = await this.http.get("/cases/staff", staffBody);
      await this.store.write(new Batch().put("meta", scope, staff));
      return staff;
    } catch (error) {
      if (!isRefusal(error, "unreachable", "unavailable", "suspended")) throw error;
      const known = (await this.store.get<string[]>("meta", scope)) ?? this.#knownStaff();
      // Whoever is shut out is told nothing by the server: none known is not none.
      if (known.length === 0 && isRefusal(error, "suspended")) throw error;
      return known;
    }
  }

  /** The same as far as this device knows it without the server. */
  async #known(record: CaseRecord): Promise<string[]> {
    try {
      return await this.of(record);
    } catch (error) {
      if (!isRefusal(error, "unreachable", "unavailable", "not_found")) throw error;
      return this.#canRead(record).filter((account) => account !== this.me);
    }
  }

  #canRead({ room: place }: CaseRecord): string[] {
    const room = this.rooms.get(place);
    return room ? [...new Set([...accountsIn(room), ...(room.record.founding ?? [])])] : [];
  }

  #knownStaff(): string[] {
    const people = this.views.everyone();
    return people.filter(({ role }) => role === "moderator" || role === "coordinator").map(({ account }) => account);
  }
}

function stranger(account: string): Person {
  return { account, name: null, hearsay: false, me: false, role: null, sharedRooms: [], blocked: false };
}
