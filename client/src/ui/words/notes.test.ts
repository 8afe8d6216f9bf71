import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

const worker = new URL("../../sw/", import.meta.url);

it("the service worker has no sentence of its own: what it says is among the app's words", () => {
  const sources = readdirSync(worker).filter((name) => name.endsWith(".ts")).map((name) => readFileSync(new URL(name, worker), "utf8"));
  expect(sources.flatMap((source) => source.match(/"[^"\n]*\p{L} \p{L}[^"\n]*"/gu) ?? []).filter((said) => said !== '"use now"')).toEqual([]);
});
