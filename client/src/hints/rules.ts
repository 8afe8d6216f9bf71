/** The rules of one language, as its file in `rules/` holds them, and which languages there are. */

/** What a hint is about; the screens have words for each. */
export type RuleKind = "fee" | "offer" | "debt" | "documents" | "away" | "pictures" | "secret";

export interface Rule {
  /** Never used again for another one: `en-offer-fee`. */
  id: string;
  kind: RuleKind;
  /** Of each group one phrase has to be there (pattern.ts). `@name` stands for a list in `lists`. */
  all: readonly (readonly string[])[];
  /** How many words may lie from the first to the last of them. */
  within?: number;
  /** Examples: texts that it must find, and that it must leave alone. A test runs them. */
  yes: readonly string[];
  no: readonly string[];
}

export interface RuleFile {
  /** ISO 639. */
  language: string;
  /** Whether somebody who grew up with the language has read the rules. */
  reviewed: boolean;
  lists: Readonly<Record<string, readonly string[]>>;
  /** Whoever says one of these in the same sentence warns of it or tells of it. */
  unless: readonly string[];
  rules: readonly Rule[];
}

const files: Readonly<Record<string, () => Promise<{ default: unknown }>>> = {
  en: () => import("./rules/en.json"),
  es: () => import("./rules/es.json"),
  fr: () => import("./rules/fr.json"),
  pt: () => import("./rules/pt.json"),
  ro: () => import("./rules/ro.json"),
  ru: () => import("./rules/ru.json"),
  uk: () => import("./rules/uk.json"),
  ar: () => import("./rules/ar.json"),
};

export const ruleLanguages: readonly string[] = Object.keys(files);

/** Those of `wanted` (as `pt-BR`, `es`) that there are rules for, each once. */
export function known(wanted: readonly string[]): string[] {
  const codes = wanted.map((tag) => tag.toLowerCase().split("-")[0] ?? "");
  return [...new Set(codes)].filter((code) => Object.hasOwn(files, code));
}

/** Each is a file of its own: a device fetches those of its languages alone. */
export async function loadRules(language: string): Promise<RuleFile> {
  const load = files[language];
  if (!load) throw new Error(`no rules in ${language}`);
  // The file's form is held by a test.
  return (await load()).default as RuleFile;
}
