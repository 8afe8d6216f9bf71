import { expect, it } from "vitest";
import { detailOf } from "./steps.ts";

it("says in words what an entry of the log is about, and nothing where there are none", () => {
  const said = (action: string, detail: string) => detailOf({ action, detail });
  expect(said("case_opened", "danger/now")).toBe("Danger, Now");
  expect(said("case_closed", "helped")).toBe("They were helped");
  expect(said("decision_made", "ban")).toBe("Out of the network");
  expect(said("decision_lifted", "ban")).toBe("Out of the network");
  expect(said("decision_lifted", "ban/heard")).toBe("Out of the network, They were heard");
  expect(said("appeal_closed", "overturned/too_much")).toBe("It was taken back, It was too much for what happened");
  expect(said("invite_made", "moderator/1")).toBe("Moderator, for 1 person");
  expect(said("invite_revoked", "member")).toBe("Member");
  expect(said("rights_set", "ban,export")).toBe("no longer “Out of the network, Exporting evidence”");
  expect(said("rules_set", "")).toBe("");
  expect(said("evidence_exported", "6d".repeat(32))).toBe("");
  expect(said("something_new", "constructor")).toBe("");
});
