/**
 * What `engine.openness` does. Of the checkpoints of the audit log that say which entry they are of, the newest is kept on
 * this device and the first one since the log was last read whole, of others those of the last quarters: a log that was cut
 * off or written anew since contradicts them. Loaded when it is asked for.
 */
import { Chain, type Checkpoint, readCheckpoint, type SignedEntry, type WithheldEntry } from "../../crypto/audit.ts";
import { base64url } from "../../protocol/bytes.ts";
import { keyIdOf, NotVerified } from "../../crypto/signed.ts";
import { checkpointBody, type EntryBody, logBody, pageBody, reportBody, type TableName, TABLES } from "../../protocol/api-openness.ts";
import { Batch, type Store } from "../../store/store.ts";
import type { Http } from "../../transport/http.ts";
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
} from "../../contract/index.ts";
import type { PublishedKeys } from "../trust/index.ts";

const KEPT = "audit checkpoints";
const MOST_QUARTERS = 20;
const FORMS = { csv: ["csv", "text/csv"], template: ["json", "application/json"] } as const;

export class Openness implements OpennessContract {
  constructor(
    private readonly http: Pick<Http, "get" | "put" | "bytes">,
    private readonly store: Store,
    private readonly keys: Pick<PublishedKeys, "with">,
  ) {}

  async report(period: Period): Promise<NetworkReport> {
    const { start, end, tables, medians, withheld } = await this.http.get(`/transparency?${query(period)}`, reportBody);
    const shown: NetworkReport["tables"] = {};
    for (const name of TABLES) if (tables[name]) shown[name] = tables[name];
    return { start, end, tables: shown, withheld: withheld as TableName[], medians: { toClaim: medians.minutes_to_claim, toClose: medians.minutes_to_close, toAnswerAppeal: medians.minutes_to_answer_appeal } };
  }

  async file(period: Period, form: "csv" | "template"): Promise<NamedFile> {
    const [ending, type] = FORMS[form];
    const bytes = await this.http.bytes(`/transparency?${query(period)}&form=${form}`, 20_000);
    return { name: `network-${period.start}-${period.end}.${ending}`, type, bytes };
  }

  page(): Promise<PublicPage> {
    return this.http.get("/transparency/page", pageBody);
  }

  publish(published: boolean): Promise<PublicPage> {
    return this.http.put("/transparency/page", { published }, pageBody);
  }

  async signed(): Promise<SignedLog> {
    const { checkpoint: token } = await this.http.get("/audit/checkpoint", checkpointBody);
    const kept = await this.#kept();
    const nothing = { entries: null, until: null };
    if (token === null) return { ...nothing, doubt: gone(kept) };
    const found = await this.#read(token);
    if (!found) return { ...nothing, doubt: { seq: 0, why: "unsigned" } };
    const doubt = doubtOf(found, kept);
    if (!doubt) await this.#keep(withNew(kept, found));
    return { entries: found.seq ?? null, until: found.until ?? null, doubt };
  }

  async log(): Promise<AuditLog> {
    const kept = await this.#kept();
    const entries: (SignedEntry | WithheldEntry)[] = [];
    let chain: Chain | null = null;
    let other = false;
    for (;;) {
      const body = await this.http.get(`/audit?after=${String(entries.at(-1)?.seq ?? 0)}`, logBody);
      chain ??= new Chain(body.network, kept.filter(({ network }) => network === body.network));
      other ||= kept.some(({ network }) => network !== body.network);
      const page = inOrder(body.entries.map(signed), entries.at(-1)?.seq ?? 0);
      if (page.length === 0) break;
      await chain.add(page, await this.keys.with([...new Set(page.map(({ keyId }) => keyId))]));
      entries.push(...page);
    }
    const doubts: LogDoubt[] = [...chain.end(), ...(other ? [{ seq: 0, why: "contradicted" } as const] : [])];
    // From here on the newest is enough: everything before it was seen to lead to it.
    const last = entries.at(-1);
    if (doubts.length === 0) await this.#keep(last ? [{ network: chain.network, seq: last.seq, digest: base64url(last.digest) }] : []);
    const shown = entries.filter((entry) => "action" in entry).map(opened);
    return { entries: shown.reverse(), withheld: entries.length - shown.length, doubts };
  }

  async #read(token: string): Promise<Checkpoint | null> {
    const id = keyIdOf(token);
    try {
      return await readCheckpoint(token, await this.keys.with(id === null ? [] : [id]));
    } catch (error) {
      if (!(error instanceof NotVerified)) throw error;
      return null;
    }
  }

  async #kept(): Promise<Checkpoint[]> {
    return (await this.store.get<Checkpoint[]>("meta", await this.store.scope(KEPT))) ?? [];
  }

  async #keep(kept: Checkpoint[]): Promise<void> {
    await this.store.write(new Batch().put("meta", await this.store.scope(KEPT), kept));
  }
}

/** What a new checkpoint says against those that were kept. */
function doubtOf(found: Checkpoint, kept: readonly Checkpoint[]): LogDoubt | null {
  const stranger = kept.find(({ network }) => network !== found.network);
  if (stranger) return { seq: stranger.seq ?? 0, why: "contradicted" };
  if (found.seq === undefined) return kept.some(({ until, digest }) => until === found.until && digest !== found.digest) ? { seq: 0, why: "lost" } : null;
  const newest = kept.findLast(({ seq }) => seq !== undefined);
  if (newest?.seq === undefined) return null;
  if (found.seq < newest.seq) return { seq: newest.seq, why: "cut" };
  return found.seq === newest.seq && found.digest !== newest.digest ? { seq: newest.seq, why: "contradicted" } : null;
}

/** The server says that there is no entry at all. */
function gone(kept: readonly Checkpoint[]): LogDoubt | null {
  const newest = kept.at(-1);
  if (!newest) return null;
  return newest.seq === undefined ? { seq: 0, why: "lost" } : { seq: newest.seq, why: "cut" };
}

function withNew(kept: readonly Checkpoint[], found: Checkpoint): Checkpoint[] {
  const placed = kept.filter(({ seq }) => seq !== undefined);
  const quarters = kept.filter(({ until }) => until !== undefined);
  if (found.seq !== undefined) return [...quarters, ...placed.slice(0, 1), found];
  return [...quarters.filter(({ until }) => until !== found.until), found].slice(-MOST_QUARTERS).concat(placed);
}

/** A server that answers with what was read already would never come to an end. */
function inOrder<Entry extends { seq: number }>(page: Entry[], after: number): Entry[] {
  let last = after;
  return page.filter(({ seq }) => {
    if (seq <= last) return false;
    last = seq;
    return true;
  });
}

/** What an entry says, or what it opens to; nothing stands for what is forgotten. */
function opened({ seq, at, actor, action, case: about, subject, detail, opening }: SignedEntry): AuditEntry {
  if (actor !== "") return { seq, at, actor, action, case: about, subject, detail };
  const said = opening?.step ?? { actor: "", subject: "", detail: "" };
  return { seq, at, action, actor: said.actor, subject: said.subject, detail: said.detail, case: opening?.case?.case ?? null };
}

function signed({ key_id: keyId, seq, digest, signature, at, actor, action, case: about, subject, detail, opening }: EntryBody): SignedEntry | WithheldEntry {
  const seal = { seq, digest, keyId, signature };
  if (at === null || actor === null || action === null || subject === null || detail === null) return seal;
  return { ...seal, at, actor, action, case: about, subject, detail, opening };
}

function query({ start }: Period): string {
  return `start=${start}`;
}
