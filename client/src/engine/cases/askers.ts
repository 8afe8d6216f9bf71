/**
 * What moderators learn of whoever asked, and of what somebody has to do with cases. The server tells staff which account
 * opened a case; whether they gave their name stands in what they showed. Screens ask here, where questions without a
 * name are never put beside what is known of a person (docs/threat-model.md, P26).
 */
import type { CaseBody } from "../../protocol/api-cases.ts";
import type { CaseFiles } from "./case-files.ts";
import { type About, type Asker, type CaseFile, Failure, type Outcome } from "../../contract/index.ts";
import type { RoomRecord } from "../records/index.ts";
import type { Reports } from "./reports.ts";
import type { Rooms } from "../rooms/index.ts";

const LATELY_MS = 30 * 86_400_000;

export class Askers {
  readonly #named = new Map<string, { record: RoomRecord; named: boolean | null }>();

  constructor(
    private readonly files: CaseFiles, private readonly rooms: Rooms, private readonly reports: Reports, private readonly me: string,
    private readonly now: () => number = Date.now,
  ) {}

  /** Whether whoever asked gave moderators their name; null while this device cannot read that. */
  async named({ room: id, opened_by: opener }: CaseBody): Promise<boolean | null> {
    const room = id === null ? null : this.rooms.get(id);
    if (!room) return null;
    // Whatever is said in the room changes its record.
    const { record } = room;
    const known = this.#named.get(room.id);
    if (known?.record === record) return known.named;
    const names = await this.reports.names(room, opener);
    const named = names.length === 0 ? null : names.some((name) => name !== null);
    this.#named.set(room.id, { record, named });
    return named;
  }

  async of(body: CaseBody): Promise<Asker | null> {
    const { id, opened_by: account } = body;
    const named = await this.named(body);
    if (account === null || named === null) return null;
    const since = this.now() - LATELY_MS;
    const theirs = (await this.files.others()).filter((one) => one.opened_by === account && one.opened_at >= since && one.id !== id);
    const alike = await this.#where(theirs, async (one) => (await this.named(one)) === named);
    const outcomes: Partial<Record<Outcome, number>> = {};
    for (const { outcome } of [body, ...alike]) if (outcome !== null) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    return { account, named, times: alike.length + 1, outcomes };
  }

  async about(account: string): Promise<About> {
    if (account === this.me) throw new Failure("forbidden");
    await this.files.refresh();
    const all = (await this.files.others()).sort((one, other) => other.opened_at - one.opened_at);
    const asked = await this.#where(all.filter((one) => one.opened_by === account), async (one) => (await this.named(one)) === true);
    return { shown: await this.#files(all.filter(({ subjects }) => subjects?.includes(account))), asked: await this.#files(asked) };
  }

  #files(bodies: readonly CaseBody[]): Promise<CaseFile[]> {
    return Promise.all(bodies.map((body) => this.files.shown(body)));
  }

  async #where(bodies: readonly CaseBody[], holds: (body: CaseBody) => Promise<boolean>): Promise<CaseBody[]> {
    const held = await Promise.all(bodies.map(holds));
    return bodies.filter((_, index) => held[index]);
  }
}
