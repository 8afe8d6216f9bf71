import { expect, test } from "vitest";
import { isUnseen, toTell } from "./question-news.ts";
import type { CaseRecord } from "../records/case-records.ts";

const record: CaseRecord = {
  id: "one", room: "here", order: 1, concern: "threats", urgency: "today", openedAt: 1, named: false, keptFrom: [], sent: "yes", withdrawing: false, state: "claimed", closedAt: null, outcome: null,
};
const closed = { ...record, state: "closed", outcome: "acted" } as const;
const seen = (one: CaseRecord, stayed = {}): CaseRecord => ({ ...one, looked: toTell(one, stayed) });

test("how a question ended, that it was not taken and what did not go are news until somebody looked", () => {
  expect(isUnseen(record, {})).toBe(false);
  for (const [one, stayed] of [[closed, {}], [{ ...record, sent: "refused" }, {}], [record, { reader: 1 }]] as const) {
    expect(isUnseen(one, stayed)).toBe(true);
    expect(isUnseen(seen(one, stayed), stayed)).toBe(false);
  }
});

test("what comes after somebody looked is news again, in whatever order it is kept", () => {
  const looked = seen(record, { reader: 1 });
  expect(isUnseen({ ...looked, ...closed, looked: looked.looked ?? "" }, { reader: 1 })).toBe(true);
  expect(isUnseen(looked, { reader: 2 })).toBe(true);
  expect(toTell(record, { reader: 1, closed: 2 })).toBe(toTell(record, { closed: 2, reader: 1 }));
});

test("what the person took back themselves is none, also on their other device", () => {
  expect(isUnseen({ ...closed, outcome: "withdrawn" }, {})).toBe(false);
  expect(isUnseen({ ...closed, withdrawing: true }, { closed: 1 })).toBe(false);
});
