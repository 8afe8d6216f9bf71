import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type axe from "axe-core";
import type { AxeResults } from "axe-core";
import type { Page } from "./page.ts";

declare global {
  interface Window {
    axe: typeof axe;
  }
}

/** axe-core as it is published for pages: the same as `axe.source` in less than half the letters. */
const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/**
 * What axe-core finds wrong on the screen by WCAG 2.2 A and AA and by its best practices, one line for each element. With
 * `rules`, by those alone: for a screen that was looked at whole and has only changed in what they are about.
 */
export async function barriers(page: Page, rules: string[] | null = null): Promise<string[]> {
  // Sending it takes as long as running it: once for each page that is loaded.
  if (!(await page.eval(() => "axe" in window))) await page.evaluate(`(() => { ${source}; })()`);
  const { violations } = (await page.eval(
    (only) => window.axe.run(document, { resultTypes: ["violations"], ...(only ? { runOnly: only } : {}) }), rules,
  )) as AxeResults;
  return violations.flatMap((one) => one.nodes.map((node) => `${one.id}: ${one.help}: ${node.html.slice(0, 160)}`));
}
