import type {
  AuditEntry,
  AuditLog,
  LogDoubt,
  NamedFile,
  NetworkReport,
  OpennessContract,
  Period,
  PublicPage,
  SignedLog,
  TableName,
} from "../../contract/index.ts";

const hour = 3_600_000;
const steps: [string, string, string][] = [
  ["case_opened", "threats/today", ""], ["messages_attested", "3", ""], ["case_claimed", "", ""], ["decision_proposed", "ban", "A-QZ7N3KD2WE"],
  ["decision_agreed", "ban", "A-QZ7N3KD2WE"], ["evidence_exported", "6d".repeat(32), ""], ["case_closed", "acted", ""], ["invite_made", "member/3", ""],
  ["rights_set", "ban,export", "A-4MVRT6YXJC"], ["account_restored", "", "A-QZ7N3KD2WE"],
];

/** The numbers of a network with enough to tell, and a log of 120 steps. */
export class FakeOpenness implements OpennessContract {
  #doubts: LogDoubt[] = [];
  #published = false;

  constructor(private readonly empty: boolean, private readonly ask: () => Promise<void>) {}

  /** For tests: the log does not fit any more. */
  doubt(...doubts: LogDoubt[]): void {
    this.#doubts = doubts;
  }

  async report(period: Period): Promise<NetworkReport> {
    await this.ask();
    if (this.empty) return { ...period, tables: { totals: [["appeals", 0], ["appeals_answered", 0], ["cases", 0], ["decisions", 0], ["exports", 0], ["handed_over", 0], ["lifted", 0]] }, withheld: [], medians: { toClaim: null, toClose: null, toAnswerAppeal: null } };
    const told = this.#busy(period);
    // Of one quarter a total is left out, and one was kept before answers were counted by themselves.
    if (period.start.endsWith("-04-01")) return { ...told, withheld: [...told.withheld, "lifted", "lifted_by_reason"], tables: { ...without(told.tables, "lifted_by_reason"), totals: told.tables.totals?.filter(([code]) => code !== "lifted") ?? [] } };
    if (period.start.endsWith("-01-01")) return { ...told, tables: { ...told.tables, appeals_by_outcome: [["open", 5]], totals: told.tables.totals?.filter(([code]) => code !== "appeals_answered") ?? [] } };
    return told;
  }

  #busy(period: Period): NetworkReport {
    return {
      ...period, withheld: ["decisions_by_ground", "appeals_by_reason"], medians: { toClaim: 7, toClose: 2900, toAnswerAppeal: null },
      tables: {
        totals: [["appeals", 5], ["appeals_answered", "few"], ["cases", 45], ["decisions", 15], ["exports", 5], ["handed_over", "few"], ["lifted", 5]],
        cases_by_concern: [["danger", "few"], ["harassment", 10], ["other", "few"], ["recruitment", 20], ["threats", 10]],
        cases_by_urgency: [["now", 5], ["soon", 15], ["today", 25]],
        cases_by_outcome: [["acted", 15], ["helped", 20], ["open", "few"], ["withdrawn", 5]],
        decisions_by_kind: [["ban", "few"], ["mute", 5], ["warn", 10]],
        decisions_by_source: [["own_initiative", 5], ["report", 10]],
        appeals_by_outcome: [["overturned", "few"], ["upheld", "few"]],
        lifted_by_reason: [["enough", 5]],
        steps: [["contacts_set", "few"], ["invite_made", 40], ["invite_revoked", 5], ["report_published", "few"], ["rights_set", "few"], ["role_set", "few"], ["room_opened", 10]],
      },
    };
  }

  async file({ start }: Period, form: "csv" | "template"): Promise<NamedFile> {
    await this.ask();
    return { name: `network-${start}.${form === "csv" ? "csv" : "json"}`, type: "text/plain", bytes: new Uint8Array(2) };
  }

  async page(): Promise<PublicPage> {
    await this.ask();
    return { published: this.#published, path: "/transparency/0b5d0c9e-0000-4000-8000-000000000000" };
  }

  publish(published: boolean): Promise<PublicPage> {
    this.#published = published;
    return this.page();
  }

  async signed(): Promise<SignedLog> {
    await this.ask();
    return { entries: null, until: this.empty ? null : "2026-09-30", doubt: this.#doubts[0] ?? null };
  }

  async log(): Promise<AuditLog> {
    await this.ask();
    return { entries: this.empty ? [] : Array.from({ length: 120 }, (_, index) => step(120 - index)), withheld: this.empty ? 0 : 2, doubts: this.#doubts };
  }
}

function step(seq: number): AuditEntry {
  const [action, detail, subject] = steps[(seq - 1) % steps.length] ?? ["case_opened", "", ""];
  const actor = action === "account_restored" ? "operator" : "A-K3J9TQ5XWM";
  return { seq, at: Date.now() - (121 - seq) * hour, actor, action, subject, detail, case: action.startsWith("case") ? "0b5d0c9e-0000-4000-8000-000000000000" : null };
}

function without(tables: NetworkReport["tables"], name: TableName): NetworkReport["tables"] {
  return Object.fromEntries(Object.entries(tables).filter(([one]) => one !== name));
}
