/** What the operator did by commands, told to coordinators: their devices follow the audit log, and keep what they have not looked at. */
import { logBody } from "../../protocol/api-openness.ts";
import { Batch, type Store } from "../../store/store.ts";
import type { Http } from "../../transport/http.ts";
import type { OperatorAct } from "../../contract/index.ts";

const SCOPE = "operator acts";
const OPERATOR = "operator";
const MOST_KEPT = 100;

interface Kept {
  /** Up to which entry the log was read. */
  seq: number;
  /** Not looked at yet, oldest first. */
  acts: OperatorAct[];
}

export class OperatorActs {
  #kept: Kept | null = null;

  constructor(
    private readonly http: Http, private readonly store: Store, private readonly coordinates: () => boolean, private readonly changed: () => void,
  ) {}

  async load(): Promise<void> {
    this.#kept = await this.store.get<Kept>("meta", await this.store.scope(SCOPE));
  }

  /** Reads what is new in the log. What was there before this device first looked is no news. Throws Refusal. */
  async look(): Promise<void> {
    if (!this.coordinates()) return;
    const begins = this.#kept === null;
    let { seq, acts } = this.#kept ?? { seq: 0, acts: [] };
    for (;;) {
      const { entries } = await this.http.get(`/audit?after=${String(seq)}`, logBody);
      const fresh = entries.filter((entry) => entry.seq > seq);
      const last = fresh.at(-1);
      if (!last) break;
      seq = last.seq;
      const found = fresh.flatMap(({ seq: place, at, actor, action, detail, opening }): OperatorAct[] => {
        const by = opening?.step?.actor ?? actor;
        return by === OPERATOR && action !== null ? [{ seq: place, at: at ?? 0, action, detail: opening?.step?.detail ?? detail ?? "" }] : [];
      });
      if (!begins) acts = [...acts, ...found].slice(-MOST_KEPT);
    }
    if (!begins && seq === this.#kept?.seq) return;
    await this.#keep({ seq, acts });
  }

  /** Newest first. */
  get unread(): OperatorAct[] {
    return this.coordinates() ? [...(this.#kept?.acts ?? [])].reverse() : [];
  }

  async read(): Promise<void> {
    if (this.#kept && this.#kept.acts.length > 0) await this.#keep({ ...this.#kept, acts: [] });
  }

  async #keep(kept: Kept): Promise<void> {
    await this.store.write(new Batch().put("meta", await this.store.scope(SCOPE), kept));
    this.#kept = kept;
    this.changed();
  }
}
