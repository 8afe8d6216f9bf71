/** Holds a text against rules. Nothing is kept of it, and nothing leaves this function but the kinds of hint. */
import { type Word, wordsOf } from "./normalise.ts";
import { BadPhrase, type Hit, PhraseIndex } from "./pattern.ts";
import type { RuleFile, RuleKind } from "./rules.ts";

const WITHIN = 30;

export interface Matched {
  rule: string;
  kind: RuleKind;
}

/** As a rule is held: phrases by their numbers. */
interface Prepared {
  id: string;
  kind: RuleKind;
  groups: readonly (readonly number[])[];
  unless: readonly number[];
  within: number;
}

/** The rules of some languages, ready for many texts. */
export class Matcher {
  readonly #index = new PhraseIndex();
  readonly #rules: Prepared[] = [];

  /** Throws BadPhrase. */
  constructor(files: readonly RuleFile[]) {
    for (const { lists, unless, rules } of files) {
      const numbers = (phrases: readonly string[]): number[] => phrases.flatMap((phrase) => spread(phrase, lists)).map((phrase) => this.#index.add(phrase));
      const never = numbers(unless);
      for (const { id, kind, all, within = WITHIN } of rules) this.#rules.push({ id, kind, groups: all.map(numbers), unless: never, within });
    }
  }

  /** In the order of the rules, each kind once. `work.steps` tells what it cost. */
  match(text: string, work = { steps: 0 }): Matched[] {
    const words = wordsOf(text);
    work.steps += words.length;
    const found = this.#index.find(words, work);
    const matched = new Map<RuleKind, Matched>();
    for (const rule of this.#rules) {
      if (!matched.has(rule.kind) && this.#holds(rule, words, found, work)) matched.set(rule.kind, { rule: rule.id, kind: rule.kind });
    }
    return [...matched.values()];
  }

  #holds(rule: Prepared, words: readonly Word[], found: ReadonlyMap<number, readonly Hit[]>, work: { steps: number }): boolean {
    const groups = rule.groups.map((phrases) => phrases.flatMap((phrase) => found.get(phrase) ?? []));
    if (groups.some((hits) => hits.length === 0)) return false;
    const warned = new Set(rule.unless.flatMap((phrase) => found.get(phrase) ?? []).map(({ from }) => words[from]?.sentence));
    const said = groups.map((hits) => hits.filter(({ from }) => !warned.has(words[from]?.sentence)).sort((one, other) => one.from - other.from));
    return isTogether(said, rule.within, work);
  }
}

function spread(phrase: string, lists: RuleFile["lists"]): readonly string[] {
  if (!phrase.startsWith("@")) return [phrase];
  const list = lists[phrase.slice(1)];
  if (!list) throw new BadPhrase(phrase);
  return list;
}

/** Whether one hit of each group (each sorted by `from`) lies within so many words. */
function isTogether(groups: readonly (readonly Hit[])[], within: number, work: { steps: number }): boolean {
  const at = groups.map(() => 0);
  for (;;) {
    work.steps += groups.length;
    const present = groups.map((hits, group) => hits[at[group] ?? 0]);
    if (present.some((hit) => hit === undefined)) return false;
    const hits = present as Hit[];
    const first = Math.min(...hits.map(({ from }) => from));
    if (Math.max(...hits.map(({ to }) => to)) - first <= within) return true;
    // The foremost one is the only one that can come nearer to the others.
    const foremost = hits.findIndex(({ from }) => from === first);
    at[foremost] = (at[foremost] ?? 0) + 1;
  }
}
