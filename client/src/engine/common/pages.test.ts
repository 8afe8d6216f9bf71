import { expect, it } from "vitest";
import type { Http } from "../../transport/http.ts";
import { allCases, allDecisions } from "./pages.ts";

/** A server that gives out two at a time what it has by then. */
function server(name: "cases" | "decisions", all: string[], asked: string[], meanwhile: () => void = () => undefined): Http {
  const get = (path: string): Promise<unknown> => {
    asked.push(path);
    const after = new URL(path, "http://kindred.test").searchParams.get("after");
    const from = after === null ? 0 : all.indexOf(after) + 1;
    const answer = { [name]: all.slice(from, from + 2).map((id) => ({ id })), more: all.length > from + 2 };
    meanwhile();
    return Promise.resolve(answer);
  };
  return { get } as unknown as Http;
}

const ids = (found: { id: string }[]): string[] => found.map(({ id }) => id);

it("all pages are asked for, each from behind the last one on", async () => {
  const asked: string[] = [];
  expect(ids(await allDecisions(server("decisions", ["a", "b", "c", "d", "e"], asked), "subject=x"))).toEqual(["a", "b", "c", "d", "e"]);
  expect(asked).toEqual(["/decisions?subject=x", "/decisions?subject=x&after=b", "/decisions?subject=x&after=d"]);
});

it("a list of one page is asked for once, and an empty one has nothing", async () => {
  const asked: string[] = [];
  expect(ids(await allCases(server("cases", ["a", "b"], asked), { closed: true }))).toEqual(["a", "b"]);
  expect(await allCases(server("cases", [], asked), { closed: false })).toEqual([]);
  expect(asked).toEqual(["/cases?closed=true", "/cases"]);
});

it("what comes in front meanwhile is neither given twice nor moves what follows", async () => {
  const all = ["a", "b", "c"];
  const http = server("cases", all, [], () => all[0] === "new" || all.unshift("new"));
  expect(ids(await allCases(http, { closed: false }))).toEqual(["a", "b", "c"]);
});
