import type { AccountId, BranchSize, Cut } from "../../contract/index.ts";
import { words } from "../words/index.ts";

/** What the server says now, after it refused because something changed. */
interface Now {
  /** How many people were on the screen when it was asked. */
  told: number;
  size: Pick<BranchSize, "people">;
  /** The proposals that this person sees. */
  waiting: readonly Cut[];
}

/** Why a branch was neither cut off nor proposed. Only what is known: a question that was closed meanwhile looks like nothing here. */
export function whyNotCut(root: AccountId, { told, size, waiting }: Now): string {
  const said = words.care.tree;
  if (waiting.some((cut) => cut.root === root)) return said.other;
  return size.people > told ? said.grew : said.unsure;
}

/** Why an answer to a proposal was not taken. */
export function whyNotAnswered(id: string, told: number, waiting: readonly Cut[]): string {
  const said = words.care.tree;
  const cut = waiting.find((one) => one.id === id);
  if (!cut) return said.ended;
  return cut.people > told ? said.grew : said.unsure;
}
