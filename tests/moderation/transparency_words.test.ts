import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { monthsOf } from "../../client/src/ui/logic/period.ts";
import { span } from "../../client/src/ui/logic/spans.ts";
import { openness } from "../../client/src/ui/words/en-openness.ts";

const root = resolve(import.meta.dirname, "../..");
const periods = [["2026-10-01", "2026-10-31"], ["2026-08-01", "2026-10-31"], ["2025-11-01", "2026-10-31"]] as const;
const minutes = [1, 7, 89, 90, 150, 2159, 2160, 2900, 3600, 1_500_000];

const script = `
import json, sys
from datetime import date
from moderation import transparency_words as words
asked = json.loads(sys.argv[1])
said = {name.lower(): getattr(words, name) for name in dir(words) if name.isupper()}
said["months"] = [words.months(date.fromisoformat(start), date.fromisoformat(end)) for start, end in asked["periods"]]
said["spans"] = [words.span(each) for each in asked["minutes"]]
print(json.dumps(said))
`;

/** Formatters put thin spaces around a dash. */
const plain = (text: string): string => text.replaceAll("\u2009", " ");

test("the page for everybody says the same as the app's screen, in the same words", async () => {
  const { stdout } = await promisify(execFile)(resolve(root, ".venv/bin/python"), ["-c", script, JSON.stringify({ periods, minutes })], { cwd: root });
  const said = JSON.parse(stdout) as Record<string, unknown>;
  const { totals, ...codes } = openness.codes;
  expect(said).toMatchObject({
    title: openness.title, period: openness.period, quiet: openness.quiet, quiet_text: openness.quietText,
    few: openness.few, none_in: openness.noneIn, what: openness.what, number: openness.number, withheld: openness.withheld("{title}"),
    keep: openness.keep, csv: openness.csv, template: openness.template, counted: openness.counted, medians: openness.medians, medians_text: openness.mediansText,
    times: { minutes_to_claim: openness.toClaim, minutes_to_close: openness.toClose, minutes_to_answer_appeal: openness.toAnswerAppeal }, too_few: openness.tooFew,
    tables: openness.tables, totals, months: periods.map(([start, end]) => plain(monthsOf({ start, end }))), spans: minutes.map(span),
  });
  expect(said["codes"]).toEqual(codes);
});
