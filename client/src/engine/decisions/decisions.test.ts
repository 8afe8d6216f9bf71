import { expect, it } from "vitest";
import { newUuid } from "../../protocol/ids.ts";
import { Refusal } from "../../protocol/errors.ts";
import { Http } from "../../transport/http.ts";
import { Deciders } from "./decisions.ts";

const unused = (): never => {
  throw new Error("nothing here talks or tells");
};

const decided = (more: object): object => ({
  id: newUuid(), case: null, mine_asked: false, about_asker: false, may_lift: true, may_agree: false, may_answer: false, subject: newUuid(), kind: "warn", ground: "law", card: null, law: null, conduct_version: 1, finding: "other", branch: false, branch_fact: null, by_operator: false, said: null, facts: null,
  room: null, until: null, state: "in_force", lifted_for: null, decided_by: null, agreed_by: null, decided_at: 1, in_force_at: 1, ended_at: null, due_at: null, appeal: null, talk: null, talk_with: [], ...more,
});

/** Whether each is about whoever asked, and with a name; `gaveName` is what the device knows of a case. */
async function told(decisions: object[], gaveName: (id: string) => Promise<boolean>): Promise<[boolean, boolean][]> {
  const http = new Http("http://kindred.test", () => Promise.resolve(new Response(JSON.stringify({ decisions, more: false }))));
  const deciders = new Deciders(() => http, unused, unused, unused, gaveName, (work) => work());
  return (await deciders.list({ waiting: true })).map(({ asker, named }) => [asker, named]);
}

it("who asked stays without a name when the case is forgotten, whatever was decided about them", async () => {
  const kinds = ["warn", "limit_reports", "suspend"].map((kind) => decided({ kind, about_asker: true }));
  expect(await told(kinds, unused)).toEqual(kinds.map(() => [true, false]));
  expect(await told([decided({})], unused), "somebody else").toEqual([[false, false]]);
});

it("a name that was given in a case is one while the case is there", async () => {
  const [open, gone] = [newUuid(), newUuid()];
  const gaveName = (id: string): Promise<boolean> => (id === open ? Promise.resolve(true) : Promise.reject(new Refusal("not_found")));
  const cases = [decided({ case: open, about_asker: true }), decided({ case: open }), decided({ case: gone, about_asker: true })];
  expect(await told(cases, gaveName)).toEqual([[true, true], [false, false], [true, false]]);
});
