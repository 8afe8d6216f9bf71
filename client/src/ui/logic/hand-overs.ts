import type { Question } from "../../state/contract-cases.ts";
import type { Referral } from "../../state/contract-referrals.ts";
import { words } from "../words/index.ts";
import { moment } from "./time.ts";

export type Asked = Pick<Question, "state" | "outcome">;

/** With the whole question whoever asked took back their yes too. */
export const tookBack = ({ outcome }: Asked): boolean => outcome === "withdrawn";

/** How it stands with a hand-over, for whoever asked. */
export function mySaying(one: Pick<Referral, "consented" | "handedOverAt">, question: Asked, now: number): string {
  const said = words.helping.handOver;
  const done = one.handedOverAt;
  if (tookBack(question)) return done === null ? said.mine.withdrawn : said.mine.withdrawnOver;
  if (done !== null) return one.consented === false ? said.mine.over : said.mine.done(moment(done, now));
  if (one.consented === false) return said.mine.no;
  if (question.state === "closed") return one.consented ? said.mine.stands : said.mine.closed;
  return one.consented ? said.mine.yes : said.askText;
}
