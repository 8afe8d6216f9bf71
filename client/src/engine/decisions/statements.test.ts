import { beforeEach, expect, it } from "vitest";
import { newUuid } from "../../protocol/ids.ts";
import { MemoryBackend } from "../../store/memory.ts";
import { Store } from "../../store/store.ts";
import { makeVault } from "../../store/vault.ts";
import { Http } from "../../transport/http.ts";
import { Statements } from "./statements.ts";

const { keys } = await makeVault("2580", { memory: 64, passes: 1, lanes: 1 });
let backend: MemoryBackend;
let said: object[];
let changes: number;

beforeEach(() => {
  backend = new MemoryBackend();
  said = [];
  changes = 0;
});

async function opened(): Promise<Statements> {
  const http = new Http("http://kindred.test", () => Promise.resolve(new Response(JSON.stringify({ statements: said }))));
  const statements = new Statements(http, new Store(backend, keys), () => {
    changes += 1;
  });
  await statements.load();
  return statements;
}

const statement = (state: string, more: object = {}): object => ({
  decision: newUuid(), kind: "warn", scope: "network", room: null, state, lifted_for: null, since: 1, until: null, based_on: "report", automated: false,
  ground: "law", card: null, law: null, finding: "other", branch: false, branch_fact: null, by_operator: false, said: null, facts: null, appeal_until: 2, somebody_else: true, appeal: null, talk: null, talk_with: [], ...more,
});

it("a decision counts until it was looked at, also after a restart, and again when it was ended", async () => {
  const statements = await opened();
  await statements.look();
  expect([statements.unseen, changes]).toEqual([0, 0]);
  const decision = newUuid();
  said = [statement("in_force", { decision })];
  await statements.look();
  expect([statements.unseen, changes]).toEqual([1, 1]);
  await statements.notice();
  expect([statements.unseen, changes]).toEqual([0, 2]);
  const later = await opened();
  await later.look();
  expect(later.unseen).toBe(0);
  said = [statement("lifted", { decision })];
  await later.look();
  expect(later.unseen).toBe(1);
});

it("the answer to an objection counts, the objection itself and a time that is over do not", async () => {
  const statements = await opened();
  const decision = newUuid();
  said = [statement("in_force", { decision })];
  await statements.look();
  await statements.notice();
  const appeal = { made_at: 1, outcome: null as string | null, reason: null as string | null, closed_at: null };
  said = [statement("expired", { decision, appeal })];
  await statements.look();
  expect(statements.unseen).toBe(0);
  said = [statement("expired", { decision, appeal: { ...appeal, outcome: "upheld", reason: "fits", closed_at: 2 } })];
  await statements.look();
  expect(statements.unseen).toBe(1);
});
