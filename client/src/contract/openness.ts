/** What the screens know of how a network is run: numbers for everybody, and the audit log for coordinators. */
import type { EntryDoubt } from "../crypto/audit.ts";
import type { TableName, WithheldName } from "../protocol/api-openness.ts";

export type { TableName, WithheldName };

/** The first and the last day of a quarter that is told (ui/logic/period.ts), as 2026-07-01 and 2026-09-30 (UTC). */
export interface Period {
  start: string;
  end: string;
}

/** Rounded to the nearest five by itself; few: one to four. */
export type Told = number | "few";

export interface NetworkReport extends Period {
  /** Each code with its number; a table that is withheld is missing. */
  tables: Partial<Record<TableName, [code: string, number: Told][]>>;
  /** Left out, because small numbers could be worked out from them; also totals. */
  withheld: WithheldName[];
  /** In minutes; null when there are too few. */
  medians: { toClaim: number | null; toClose: number | null; toAnswerAppeal: number | null };
}

export interface NamedFile {
  name: string;
  type: string;
  bytes: Uint8Array<ArrayBuffer>;
}

/** unsigned: no key that this device knows has signed the checkpoint. */
export type AuditDoubt = EntryDoubt;

/** A number in the log, and what is wrong there. */
export interface LogDoubt {
  seq: number;
  why: AuditDoubt;
}

/** Up to where the server has signed the moderators' log. */
export interface SignedLog {
  /** How many entries it has, for coordinators; null for others, and when it has none. */
  entries: number | null;
  /** The day, for everybody else, that ended the last quarter that is over; null when it had no entry by then. */
  until: string | null;
  /** What does not fit to what this device has kept; null when all fits. */
  doubt: LogDoubt | null;
}

export interface AuditEntry {
  seq: number;
  at: number;
  /** A pseudonym, the same for the same account but for whoever asked, who has another in each case; "operator" is whoever runs the server. Empty where that was forgotten with a case. */
  actor: string;
  action: string;
  case: string | null;
  /** As `actor`; empty when it is about nobody. */
  subject: string;
  detail: string;
}

export interface AuditLog {
  /** Newest first. */
  entries: AuditEntry[];
  /** How many there are besides that are kept from this person: signed and in their places, and no more is known of them. */
  withheld: number;
  /** In the order of the log; empty when every entry is signed, in its place and as this device has known it. */
  doubts: LogDoubt[];
}

/** A page that everybody can read, without an account, once coordinators publish it. */
export interface PublicPage {
  published: boolean;
  /** From the server's origin. */
  path: string;
}

export interface OpennessContract {
  report(period: Period): Promise<NetworkReport>;
  /** The same as a table, or after the EU's template. */
  file(period: Period, form: "csv" | "template"): Promise<NamedFile>;
  page(): Promise<PublicPage>;
  /** Throws Failure `forbidden` for whoever is no coordinator. */
  publish(published: boolean): Promise<PublicPage>;
  signed(): Promise<SignedLog>;
  /** Reads and checks the log from its beginning. Throws Failure `forbidden` for whoever is no coordinator. */
  log(): Promise<AuditLog>;
}
