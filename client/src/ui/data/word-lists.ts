import type { WordList } from "../../contract/index.ts";

/** What the languages of recovery words call themselves. */
export const WORD_LISTS: Record<WordList, string> = {
  en: "English", es: "Español", fr: "Français", it: "Italiano", pt: "Português", cs: "Čeština", ko: "한국어", ja: "日本語", "zh-Hans": "简体中文", "zh-Hant": "繁體中文",
};

/** Where Chinese is written in traditional characters unless its tag says otherwise. */
const TRADITIONAL = new Set(["TW", "HK", "MO"]);

/** The language of recovery words for somebody who wants these languages, the first one most; English where there is none of them. */
export function likelyList(languages: readonly string[]): WordList {
  for (const tag of languages) {
    const { language, script, region } = localeOf(tag);
    const list = language === "zh" ? (script ?? (TRADITIONAL.has(region ?? "") ? "Hant" : "Hans")) : null;
    const name = list === null ? language : `${language}-${list}`;
    if (name in WORD_LISTS) return name as WordList;
  }
  return "en";
}

function localeOf(tag: string): Pick<Intl.Locale, "language" | "script" | "region"> {
  try {
    return new Intl.Locale(tag);
  } catch {
    // A browser may say anything.
    return { language: "" };
  }
}
