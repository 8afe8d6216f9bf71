/** What somebody who asked is to hear of without looking for it: how it ended, and what did not go. */
import type { Stayed } from "../../contract/index.ts";
import type { CaseRecord } from "../records/index.ts";

/** As one text that changes with each thing to be told; empty when there is none, as of what they took back themselves. */
export function toTell({ sent, withdrawing, state, outcome }: CaseRecord, stayed: Stayed): string {
  if (withdrawing || outcome === "withdrawn") return "";
  const ended = sent === "refused" ? ["refused"] : state === "closed" ? [`closed ${outcome ?? ""}`] : [];
  const left = Object.entries(stayed).map(([why, count]) => `${why} ${String(count)}`).sort();
  return [...ended, ...left].join(", ");
}

export function isUnseen(record: CaseRecord, stayed: Stayed): boolean {
  const text = toTell(record, stayed);
  return text !== "" && text !== record.looked;
}
