import axe, { type AxeResults } from "axe-core";
import type { Page } from "./page.ts";

declare global {
  interface Window {
    axe: typeof axe;
  }
}

/**
 * What axe-core finds wrong on the screen by WCAG 2.2 A and AA and by its best practices, one line for each element. With
 * `rules`, by those alone: for a screen that was looked at whole and has only changed in what they are about.
 */
export async function barriers(page: Page, rules: string[] | null = null): Promise<string[]> {
  await page.evaluate(`(() => { if (!window.axe) { ${axe.source}; } })()`);
  const { violations } = (await page.eval(
    (only) => window.axe.run(document, { resultTypes: ["violations"], ...(only ? { runOnly: only } : {}) }), rules,
  )) as AxeResults;
  return violations.flatMap((one) => one.nodes.map((node) => `${one.id}: ${one.help}: ${node.html.slice(0, 160)}`));
}
