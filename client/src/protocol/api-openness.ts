/** Bodies of the HTTP API about how a network is run (docs/protocol.md, section 12). */
import { base64, count, flag, list, Malformed, nullable, object, oneOf, type Reader, text, uuid } from "./shape.ts";

export const TABLES = [
  "totals", "cases_by_concern", "cases_by_urgency", "cases_by_outcome", "decisions_by_kind", "decisions_by_ground", "decisions_by_source",
  "appeals_by_outcome", "appeals_by_reason", "lifted_by_reason", "steps",
] as const;
export type TableName = (typeof TABLES)[number];
/** Totals of what follows from something earlier: where that would tell a small number, it is left out. */
const FOLLOWING = ["appeals", "appeals_answered", "lifted"] as const;
export type WithheldName = TableName | (typeof FOLLOWING)[number];

function record<T>(read: Reader<T>): Reader<[string, T][]> {
  return (value, name) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Malformed(name);
    return Object.entries(value).map(([key, one]) => [key, read(one, `${name}.${key}`)]);
  };
}

/** A rounded number, or that there are fewer than five. */
const told: Reader<number | "few"> = (value, name) => (value === "<5" ? "few" : count(value, name));
const table = record(told);

export const reportBody = object({
  start: text, end: text,
  tables: object(Object.fromEntries(TABLES.map((name) => [name, nullable(table)])) as Record<TableName, Reader<[string, number | "few"][] | null>>),
  medians: object({ minutes_to_claim: nullable(count), minutes_to_close: nullable(count), minutes_to_answer_appeal: nullable(count) }),
  withheld: list(oneOf(...TABLES, ...FOLLOWING)),
});

export const pageBody = object({ published: flag, path: text });

export const checkpointBody = object({ checkpoint: nullable(text) });

/** Of an entry that is kept from the reader, its words are null. */
export const logBody = object({
  network: uuid,
  entries: list(object({
    seq: count, at: nullable(count), actor: nullable(text), action: nullable(text), case: nullable(uuid), subject: nullable(text), detail: nullable(text), digest: base64, key_id: text, signature: base64,
    opening: nullable(object({
      case: nullable(object({ case: nullable(uuid), salt: base64 })),
      step: nullable(object({ actor: text, subject: text, detail: text, salt: base64 })),
    })),
  })),
});
export type EntryBody = ReturnType<typeof logBody>["entries"][number];
