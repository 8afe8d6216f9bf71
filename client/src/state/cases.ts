/** Asking the network's moderators for help, and helping: what `engine.cases` does (docs/protocol.md, section 11). */
import { staffBody } from "../protocol/api-cases.ts";
import { isRefusal } from "../protocol/errors.ts";
import { Batch, type Store } from "../store/store.ts";
import type { Http } from "../transport/http.ts";
import { CaseFiles } from "./case-files.ts";
import { Failure, type Person } from "./contract.ts";
import type { CaseFile, Cases, Outcome, Question } from "./contract-cases.ts";
import type { Emitter } from "./emitter.ts";
import type { Profile } from "./profile.ts";
import type { Rooms } from "./rooms.ts";
import type { Views } from "./views.ts";

/** Who would see a case, as the server said last. */
const READERS = "case readers";

export class Casework {
  readonly #files: CaseFiles;

  constructor(
    private readonly http: Http,
    private readonly store: Store,
    rooms: Rooms,
    private readonly views: Views,
    profile: Profile,
    private readonly emitter: Emitter,
  ) {
    this.#files = new CaseFiles(http, rooms, profile.value.account, () => this.#heard());
    emitter.on("room", (id) => {
      if (rooms.get(id)?.record.kind === "case") emitter.emit("cases", null);
    });
  }

  async readers(): Promise<Person[]> {
    const scope = await this.store.scope(READERS);
    let staff: string[];
    try {
      staff = (await this.http.get("/cases/staff", staffBody)).staff;
      await this.store.write(new Batch().put("meta", scope, staff));
    } catch (error) {
      if (!isRefusal(error, "unreachable", "unavailable")) throw error;
      staff = (await this.store.get<string[]>("meta", scope)) ?? this.#knownStaff();
    }
    return staff.map((account) => this.views.person(account) ?? stranger(account));
  }

  questions(): Promise<Question[]> {
    return Promise.resolve([]);
  }

  queue(closed: boolean): Promise<CaseFile[]> {
    return this.#files.queue(closed);
  }

  file(id: string): Promise<CaseFile> {
    return this.#files.file(id);
  }

  async claim(id: string): Promise<void> {
    await this.#files.claim(id);
  }

  async handOver(id: string, to: string | null): Promise<void> {
    await this.#files.handOver(id, to);
  }

  async setWaiting(id: string, waiting: boolean): Promise<void> {
    await this.#files.setWaiting(id, waiting);
  }

  async close(id: string, outcome: Exclude<Outcome, "withdrawn">): Promise<void> {
    await this.#files.close(id, outcome);
  }

  #heard(): Promise<void> {
    this.emitter.emit("cases", null);
    return Promise.resolve();
  }

  #knownStaff(): string[] {
    return this.views.everyone().filter(({ role }) => role === "moderator" || role === "coordinator").map(({ account }) => account);
  }
}

function stranger(account: string): Person {
  return { account, name: null, hearsay: false, me: false, role: null, sharedRooms: [], blocked: false };
}

/** The contract's side: whatever goes wrong becomes a Failure. */
export function guardedCases(cases: () => Casework, attempt: <T>(work: () => Promise<T>) => Promise<T>): Cases {
  return {
    suggest: () => Promise.reject(new Failure("unavailable")),
    readers: () => attempt(() => cases().readers()),
    ask: () => Promise.reject(new Failure("unavailable")),
    showMore: () => Promise.reject(new Failure("unavailable")),
    withdraw: () => Promise.reject(new Failure("unavailable")),
    questions: () => attempt(() => cases().questions()),
    queue: (closed) => attempt(() => cases().queue(closed)),
    file: (id) => attempt(() => cases().file(id)),
    reports: () => Promise.reject(new Failure("unavailable")),
    claim: (id) => attempt(() => cases().claim(id)),
    handOver: (id, to) => attempt(() => cases().handOver(id, to)),
    setWaiting: (id, waiting) => attempt(() => cases().setWaiting(id, waiting)),
    close: (id, outcome) => attempt(() => cases().close(id, outcome)),
    letIn: () => Promise.reject(new Failure("unavailable")),
  };
}
