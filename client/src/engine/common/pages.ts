/** Long lists that the server gives out a part at a time, each `after` the last one of the part before. */
import { type CaseBody, casesBody } from "../../protocol/api-cases.ts";
import { type DecisionBody, decisionsBody } from "../../protocol/api-decisions.ts";
import type { Http } from "../../transport/http.ts";

interface Part<T> {
  items: T[];
  more: boolean;
}

/** All cases that the server tells this account of, in its order. Throws Refusal. */
export function allCases(http: Http, { closed }: { closed: boolean }): Promise<CaseBody[]> {
  return all(async (after) => {
    const { cases, more } = await http.get(`/cases${asQuery(closed ? "closed=true" : "", after)}`, casesBody);
    return { items: cases, more };
  });
}

/** All decisions that fit `query` ("" for every one), newest first. Throws Refusal. */
export function allDecisions(http: Http, query: string): Promise<DecisionBody[]> {
  return all((after) => someDecisions(http, query, after));
}

/** A part of them, from behind `after` on. Throws Refusal. */
export async function someDecisions(http: Http, query: string, after: string | null): Promise<Part<DecisionBody>> {
  const { decisions, more } = await http.get(`/decisions${asQuery(query, after)}`, decisionsBody);
  return { items: decisions, more };
}

async function all<T extends { id: string }>(part: (after: string | null) => Promise<Part<T>>): Promise<T[]> {
  const found: T[] = [];
  for (;;) {
    const { items, more } = await part(found.at(-1)?.id ?? null);
    found.push(...items);
    if (!more || items.length === 0) return found;
  }
}

function asQuery(query: string, after: string | null): string {
  const asked = [query, after === null ? "" : `after=${after}`].filter(Boolean).join("&");
  return asked && `?${asked}`;
}
