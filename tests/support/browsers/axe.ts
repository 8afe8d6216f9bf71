import axe, { type AxeResults } from "axe-core";
import type { Page } from "./page.ts";

declare global {
  interface Window {
    axe: typeof axe;
  }
}

/** What axe-core finds wrong on the screen by WCAG 2.2 A and AA and by its best practices, one line for each element. */
export async function barriers(page: Page): Promise<string[]> {
  await page.evaluate(`(() => { ${axe.source}; })()`);
  const { violations } = (await page.eval(() => window.axe.run(document, { resultTypes: ["violations"] }))) as AxeResults;
  return violations.flatMap((one) => one.nodes.map((node) => `${one.id}: ${one.help}: ${node.html.slice(0, 160)}`));
}
