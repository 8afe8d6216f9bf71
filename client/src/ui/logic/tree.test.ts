import { expect, test } from "vitest";
import type { Joined } from "../../contract/index.ts";
import { branches, find, holds, narrowed } from "./tree.ts";

const joined = (account: string, invitedBy: string | null): Joined => ({ account, name: account, me: false, role: "member", invitedBy, joinedOn: "2026-01-01", suspended: false });
const people = [joined("asha", null), joined("bea", "asha"), joined("cleo", "bea"), joined("dana", "asha"), joined("eve", "somebody who is gone")];

test("everyone stands below who invited them, and a branch counts all who came through it", () => {
  const [asha, eve, ...rest] = branches(people);
  expect(rest).toEqual([]);
  expect(asha?.below.map(({ person, size }) => [person.account, size])).toEqual([["bea", 1], ["dana", 0]]);
  expect(asha?.size).toBe(3);
  expect(eve?.person.account).toBe("eve");
});

test("a branch holds its own person and all below, and nobody else", () => {
  const [asha, eve] = branches(people);
  if (!asha || !eve) throw new Error("no roots");
  expect(["asha", "cleo", "eve"].map((account) => holds(asha, account))).toEqual([true, true, false]);
  expect(holds(eve, "eve")).toBe(true);
});

test("a person's branch is found wherever it grows", () => {
  const roots = branches(people);
  expect(find(roots, "cleo")?.size).toBe(0);
  expect(find(roots, "bea")?.below.map(({ person }) => person.account)).toEqual(["cleo"]);
  expect(find(roots, "nobody")).toBeNull();
});

test("whoever is searched for is shown with those above them", () => {
  const found = narrowed(branches(people), "cle");
  expect(found.map(({ person }) => person.account)).toEqual(["asha"]);
  expect(found[0]?.below.map(({ person, below }) => [person.account, below.length])).toEqual([["bea", 1]]);
  expect(found[0]?.size).toBe(3);
  expect(narrowed(branches(people), " ")).toHaveLength(2);
});
