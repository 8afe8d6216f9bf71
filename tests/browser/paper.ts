import { at, type App } from "./app.ts";

/** The recovery words, as somebody copies them from the screen onto paper. */
export async function writeDown({ page }: App): Promise<string[]> {
  await page.waitFor(at("newWord"));
  return page.texts(`${at("newWord")} strong`);
}

/** Types what stands on the paper for each of the words that are asked for; `wrong` gets the first one wrong. */
export async function checkPaper({ page }: App, paper: readonly string[], wrong = false): Promise<void> {
  await page.waitFor(at("checkWord"));
  const numbers = await page.eval((selector) => [...document.querySelectorAll<HTMLElement>(selector)].map(({ dataset }) => Number(dataset["number"])), at("checkWord"));
  for (const [index, number] of numbers.entries()) {
    await page.fill(at("checkWord", `[data-number="${number}"]`), wrong && index === 0 ? "kindred" : (paper[number - 1] ?? ""));
  }
  await page.click(at("newWordsNext"));
}

/** Types all the words on a new phone. */
export async function typeWords(app: App, paper: readonly string[]): Promise<void> {
  await app.click("recoverStart");
  // The first ones as people do, by their first letters and what is offered; the rest with spaces between them.
  await app.page.type(at("enterWord"), (paper[0] ?? "").slice(0, 4));
  await app.page.click(at("enterSuggestion", `[aria-label$=" ${paper[0] ?? ""}"]`));
  await app.page.type(at("enterWord"), `${paper.slice(1).join(" ")} `);
  await app.page.waitFor("text=All twelve words");
}
