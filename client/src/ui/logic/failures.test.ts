import { describe, expect, test } from "vitest";
import { Failure, type FailureCode } from "../../contract/index.ts";
import { en } from "../words/en.ts";
import { codeOf, sayFailure, sayNotAsked } from "./failures.ts";
import { moment } from "./time.ts";

/** Every string in the words, functions called with plain examples. */
function sentences(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value === "function") return sentences((value as (...args: unknown[]) => unknown)(...example(value as (...args: unknown[]) => unknown)));
  if (Array.isArray(value)) return value.flatMap(sentences);
  return value && typeof value === "object" ? Object.values(value).flatMap(sentences) : [];
}
function example(asked: (...args: unknown[]) => unknown): unknown[] {
  if (asked === en.common.list) return [["Asha"]];
  if (asked === en.hints.knows || asked === en.hints.unreviewed) return [["es"]];
  if (asked === en.invite.asRole) return ["member"];
  return [2, 3, true];
}

describe("what goes wrong is said kindly", () => {
  test("every failure has its own sentence", () => {
    const said = (Object.keys(en.failures) as FailureCode[]).map((code) => sayFailure(new Failure(code)));
    expect(new Set(said).size).toBe(said.length);
  });

  test("a time to wait is said in words", () => {
    expect(sayFailure(new Failure("pin_mismatch", 8000))).toBe("That PIN didn’t match. Nothing is lost. You can try again in 8 seconds.");
    expect(sayFailure(new Failure("rate_limited", 600_000))).toContain("in 10 minutes");
    expect(sayFailure(new Failure("pin_mismatch", null))).not.toContain("second");
  });

  test("whoever asked for help too often reads when they can ask again, and to call first", () => {
    const now = Date.UTC(2026, 10, 24, 14);
    const often = sayNotAsked(new Failure("conflict", 3 * 3_600_000), now);
    expect(often).toContain(moment(now + 3 * 3_600_000, now));
    expect(sayNotAsked(new Failure("conflict"), now)).toBe(en.cases.ask.many);
    for (const said of [often, en.cases.ask.many]) expect(said).toContain("call first");
    expect(sayNotAsked(new Failure("suspended"), now)).toBe(en.cases.ask.paused);
    expect(sayNotAsked(new Failure("offline"), now)).toBe(en.failures.offline);
    expect(sayNotAsked(new TypeError("x"), now)).toBe(en.failures.unexpected);
  });

  test("what nobody foresaw is answered too", () => {
    expect(codeOf(new TypeError("x"))).toBe("unexpected");
    expect(sayFailure(new TypeError("x"))).toBe(en.failures.unexpected);
  });

  test("no sentence shouts, blames, shows a code or says what the place is about", () => {
    for (const sentence of sentences(en)) {
      expect(sentence).not.toMatch(/!|oops|error|invalid|illegal|victim|abuse|traffick|survivor|must\b|\b[a-z]+_[a-z]+\b/iu);
    }
  });
});

test.each(["Failed to fetch dynamically imported module: /assets/x.js", "error loading dynamically imported module: /assets/x.js", "Importing a module script failed."])(
  "a file of the app that did not come is no mystery: %s", (message) => {
    expect(sayFailure(new TypeError(message))).toBe(en.later.changed);
  },
);
