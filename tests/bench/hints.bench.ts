import { expect, test } from "vitest";
import { Matcher } from "../../client/src/hints/match.ts";
import { loadRules, ruleLanguages } from "../../client/src/hints/rules.ts";

const rounds = 2_000;
const ordinary = "We are with you. Take the bus in front of the library, it is quieter, and write to us after if you like. ";
const message = ordinary.repeat(20).slice(0, 2_000);

test("milliseconds to hold a message of 2,000 characters against the rules", async () => {
  const files = await Promise.all(ruleLanguages.map(loadRules));
  const sets = { two: files.filter(({ language }) => ["en", "es"].includes(language)), all: files };
  for (const [name, some] of Object.entries(sets)) {
    const started = performance.now();
    const matcher = new Matcher(some);
    const prepared = performance.now() - started;
    const times = Array.from({ length: rounds }, () => {
      const start = performance.now();
      expect(matcher.match(message)).toEqual([]);
      return performance.now() - start;
    }).sort((one, other) => one - other);
    console.log(`${name}: ${some.length} languages, prepared in ${prepared.toFixed(1)} ms, median ${times[rounds / 2]?.toFixed(3)} ms, 99 % ${times[Math.floor(rounds * 0.99)]?.toFixed(3)} ms`);
  }
});
