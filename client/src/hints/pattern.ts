/**
 * Phrases of rules, and where they stand in a text. A phrase is words with one space between them:
 * `job` this word; `work*` one that begins so; `send|give` one or the other; `_` any one word; `~3` up to three of any.
 * There are no regular expressions in rules: what a text costs is its words times a small constant.
 */
import { plain, type Word } from "./normalise.ts";

/** One place of a phrase: spellings and beginnings, or a gap of `min` to `max` words. */
type Place = { exact: ReadonlySet<string>; starts: readonly string[] } | { min: number; max: number };

export interface Hit {
  /** The first word, and the one after the last. */
  from: number;
  to: number;
}

interface Phrase {
  id: number;
  places: readonly Place[];
}

const WIDEST = 8;

export class BadPhrase extends Error {
  constructor(phrase: string) {
    super(`not a phrase of a rule: ${phrase}`);
    this.name = "BadPhrase";
  }
}

/** Every phrase of a set of rules, found by its first word. */
export class PhraseIndex {
  readonly #ids = new Map<string, number>();
  readonly #exact = new Map<string, Phrase[]>();
  readonly #starts = new Map<string, Phrase[]>();
  #longestStart = 0;

  /** The number that `find` tells of this phrase. Throws BadPhrase. */
  add(text: string): number {
    const known = this.#ids.get(text);
    if (known !== undefined) return known;
    const places = text.split(" ").map((part) => placeOf(part, text));
    const [first] = places;
    if (!first || !("exact" in first)) throw new BadPhrase(text);
    const phrase = { id: this.#ids.size, places };
    this.#ids.set(text, phrase.id);
    for (const word of first.exact) put(this.#exact, word, phrase);
    for (const start of first.starts) {
      put(this.#starts, start, phrase);
      this.#longestStart = Math.max(this.#longestStart, start.length);
    }
    return phrase.id;
  }

  /** Where each phrase stands, by its number. `work.steps` grows by what was looked at. */
  find(words: readonly Word[], work: { steps: number }): Map<number, Hit[]> {
    const found = new Map<number, Hit[]>();
    for (const [from, { forms }] of words.entries()) {
      for (const form of forms) {
        this.#at(words, from, this.#exact.get(form), found, work);
        for (let length = 1; length <= Math.min(form.length, this.#longestStart); length++) {
          work.steps += 1;
          this.#at(words, from, this.#starts.get(form.slice(0, length)), found, work);
        }
      }
    }
    return found;
  }

  #at(words: readonly Word[], from: number, phrases: readonly Phrase[] = [], found: Map<number, Hit[]>, work: { steps: number }): void {
    for (const { id, places } of phrases) {
      const to = reach(words, from, places, work);
      if (to === null) continue;
      const hits = found.get(id) ?? [];
      if (hits.at(-1)?.from !== from) hits.push({ from, to });
      found.set(id, hits);
    }
  }
}

/** The word after the nearest end of the phrase that begins at `from`; null where it does not stand. It ends with its sentence. */
function reach(words: readonly Word[], from: number, places: readonly Place[], work: { steps: number }): number | null {
  const sentence = words[from]?.sentence;
  // Where the next place may be, ascending: as many as gaps are wide, at most.
  let at = [from];
  for (const place of places) {
    const next = new Set<number>();
    for (const position of at) {
      if ("min" in place) {
        for (let skip = place.min; skip <= place.max; skip++) next.add(position + skip);
        work.steps += place.max - place.min + 1;
        continue;
      }
      work.steps += 1;
      const word = words[position];
      if (word && word.sentence === sentence && fits(word, place)) next.add(position + 1);
    }
    if (next.size === 0) return null;
    at = [...next].sort((one, other) => one - other);
  }
  return at[0] ?? null;
}

function fits({ forms }: Word, { exact, starts }: Extract<Place, { exact: unknown }>): boolean {
  return forms.some((form) => exact.has(form) || starts.some((start) => form.startsWith(start)));
}

function placeOf(part: string, phrase: string): Place {
  if (part === "_") return { min: 1, max: 1 };
  if (part.startsWith("~")) {
    const max = Number(part.slice(1));
    if (!Number.isInteger(max) || max < 1 || max > WIDEST) throw new BadPhrase(phrase);
    return { min: 0, max };
  }
  if (part === "#") return { exact: new Set(), starts: [..."0123456789٠١٢٣٤٥٦٧٨٩"] };
  const choices = part.split("|").map((choice) => ({ start: choice.endsWith("*"), word: plain(choice.replace(/\*$/u, "")) }));
  if (choices.some(({ word }) => !/^[\p{L}\p{N}]+$/u.test(word))) throw new BadPhrase(phrase);
  return {
    exact: new Set(choices.filter(({ start }) => !start).map(({ word }) => word)),
    starts: choices.filter(({ start }) => start).map(({ word }) => word),
  };
}

function put(map: Map<string, Phrase[]>, key: string, phrase: Phrase): void {
  const list = map.get(key) ?? [];
  list.push(phrase);
  map.set(key, list);
}
