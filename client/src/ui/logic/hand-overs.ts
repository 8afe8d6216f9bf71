import type { CaseFile, Question, Referral } from "../../contract/index.ts";
import { words } from "../words/index.ts";
import { moment } from "./time.ts";

export type Asked = Pick<Question, "state" | "outcome">;

/** With the whole question whoever asked took back their yes too. */
export const tookBack = ({ outcome }: Asked): boolean => outcome === "withdrawn";

/** How it stands with a hand-over, for whoever asked. */
export function mySaying(one: Pick<Referral, "consented" | "handedOverAt" | "refusedAt">, question: Asked, now: number): string {
  const said = words.helping.handOver;
  const done = one.handedOverAt;
  if (tookBack(question)) return done === null ? said.mine.withdrawn : said.mine.withdrawnOver;
  if (done !== null) return one.consented === false ? said.mine.over : said.mine.done(moment(done, now));
  if (one.refusedAt !== null) return said.mine.off;
  if (one.consented === false) return said.mine.no;
  if (question.state === "closed") return one.consented ? said.mine.stands : said.mine.closed;
  return one.consented ? said.mine.yes : said.askText;
}

type Standing = Omit<Referral, "id" | "about" | "proposedAt" | "dueAt">;

/** The same for moderators. `name`: of somebody who had a part in it. */
export function standing(one: Standing, question: Asked, now: number, name: (account: string | null) => string): string {
  const said = words.helping.handOver.states;
  if (one.refusedAt !== null) return (isAnswer(one) ? said.refused : said.back)(name(one.refusedBy));
  const done = one.handedOverAt === null ? [] : [said.done(moment(one.handedOverAt, now))];
  if (tookBack(question)) return [said.withdrawn, ...done].join(" ");
  const no = one.handedOverAt === null ? said.no : said.over;
  const steps = [one.consented === null ? said.asked : one.consented ? said.yes : no];
  if (one.agreedAt !== null) steps.push(said.agreed(name(one.agreedBy)));
  else if (one.needsSecond && one.consented !== false) steps.push(said.second);
  return [...steps, ...done].join(" ");
}

/** It was refused by a second moderator whom it waited for, not taken back. */
const isAnswer = ({ needsSecond, agreedAt, refusedBy, proposedBy }: Standing): boolean => needsSecond && agreedAt === null && (refusedBy === null || refusedBy !== proposedBy);

export interface Ways {
  agree: boolean;
  refuse: boolean;
  back: boolean;
}

/** What this moderator may do about a hand-over, as far as this device can tell. Without its words nobody can agree to it. */
export function waysOf(one: Referral, file: Pick<CaseFile, "state" | "outcome" | "mine">, me: { account: string; role: string }): Ways {
  // Whoever asked can say no other yes then.
  const over = one.refusedAt !== null || one.consented === false || (file.state === "closed" && one.consented !== true) || tookBack(file);
  const waits = !over && file.state !== "closed" && one.needsSecond && one.agreedAt === null && one.proposedBy !== me.account;
  const leads = one.proposedBy === me.account || file.mine || me.role === "coordinator";
  return { agree: waits && one.about !== null, refuse: waits, back: !over && !waits && leads && one.handedOverAt === null };
}
