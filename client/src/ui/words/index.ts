import { en, type Words } from "./en.ts";

/** Languages by their tag. Each is loaded only when it is wanted. */
const others: Record<string, () => Promise<Words>> = {};

/** The words in use. A live binding: read it while rendering, do not keep parts of it. */
export let words: Words = en;

/** Picks the first of the person's languages that there are words for, and tells the page its language and direction. */
export async function chooseWords(wanted: readonly string[]): Promise<void> {
  for (const tag of wanted) {
    const language = tag.toLowerCase().split("-")[0] ?? "";
    if (language === en.lang) break;
    const load = others[language];
    if (!load) continue;
    words = await load();
    break;
  }
  document.documentElement.lang = words.lang;
  document.documentElement.dir = words.dir;
}
