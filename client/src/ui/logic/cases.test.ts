import { describe, expect, test } from "vitest";
import type { CaseFile, Decision, Question } from "../../contract/index.ts";
import { HELP, likelyCountry } from "../data/emergency.ts";
import { en } from "../words/en.ts";
import { answerClock, askedText, besides, besideStanding, callsFirst, clockOf, decidedOf, grouped, holdingIn, isAnswered, newsOf, standingOf, standsAlone, stateOf, takenBy } from "./cases.ts";

const now = Date.UTC(2026, 10, 24, 14);
const minute = 60_000;
const file = (id: string, more: Partial<CaseFile>): CaseFile => ({
  id, room: id, concern: "threats", urgency: "today", state: "unclaimed", openedAt: now, dueAt: now + 240 * minute, answerFrom: null, closedAt: null, outcome: null,
  openedBy: "a", asker: "a", claimedBy: null, mine: false, staff: [], subjects: [], related: [], unread: 0, unreadNotes: 0, notesRoom: null, inside: true, ...more,
});

describe("the clock of a question", () => {
  test("says how long is left, and when it is over by how much", () => {
    expect(clockOf(file("a", { dueAt: now + 4 * minute }), now)).toEqual({ text: "4 min left", late: false });
    expect(clockOf(file("a", { dueAt: now - 1 }), now)).toEqual({ text: "1 min late", late: true });
    expect(clockOf(file("a", { dueAt: now + 130 * minute }), now)).toEqual({ text: "2 h left", late: false });
    expect(clockOf(file("a", { dueAt: now + 3 * 1440 * minute }), now)).toEqual({ text: "3 days left", late: false });
  });

  test("goes on when somebody has it, from when it is their turn, and stops when they have answered", () => {
    const taken = (urgency: CaseFile["urgency"], ago: number, state: CaseFile["state"] = "claimed"): CaseFile => file("a", { state, urgency, answerFrom: now - ago * minute });
    expect(clockOf(taken("now", 10), now)).toEqual({ text: "Answer within 20 min", late: false });
    expect(clockOf(taken("now", 35), now)).toEqual({ text: "Late by 5 min", late: true });
    expect(clockOf(taken("today", 120), now)).toEqual({ text: "Answer within 2 h", late: false });
    expect(clockOf(taken("soon", 3 * 1440, "waiting"), now)).toEqual({ text: "Late by 24 h", late: true });
    expect(answerClock(now + 90 * minute, now)).toEqual({ text: "Answer within 2 h", late: false });
    expect(answerClock(now - 3 * 1440 * minute, now)).toEqual({ text: "Late by 3 days", late: true });
    expect(clockOf(file("a", { state: "claimed" }), now)).toBeNull();
    expect(clockOf(taken("now", 35, "closed"), now)).toBeNull();
  });

  test("for whoever asked, runs from the asking", () => {
    expect(takenBy({ openedAt: now, urgency: "now" })).toBe(now + 15 * minute);
  });
});

describe("whoever asked", () => {
  const texts = en.cases.stateText;
  const question = (more: Partial<Question>): Question => ({ id: "a", room: "a", concern: "threats", urgency: "now", state: "unclaimed", openedAt: now, closedAt: null, outcome: null, named: false, unread: 0, answerFrom: now, unopened: false, unreadable: false, elsewhere: false, underway: null, stayed: {}, unseen: false, ...more });

  test("reads that it takes too long while nobody has it, and while whoever has it does not write", () => {
    const after = (minutes: number, more: Partial<Question>): string => standingOf(question(more), now + minutes * minute);
    expect(after(14, {})).toContain("Someone should look at it by");
    expect(after(16, {})).toBe(texts.late);
    expect(after(44, { state: "claimed" })).toBe(texts.claimed);
    expect(after(46, { state: "claimed" })).toBe(texts.lateAnswer);
    expect(after(46, { state: "claimed", answerFrom: null })).toBe(texts.answered);
    const wroteAgain = { state: "claimed", answerFrom: now + 60 * minute } as const;
    expect(after(89, wroteAgain)).toBe(texts.claimed);
    expect(after(91, wroteAgain)).toBe(texts.lateAnswer);
    expect(after(91, { ...wroteAgain, state: "waiting" })).toBe(texts.waiting);
  });

  test("is not told that an answer from them is waited for before anybody wrote to them", () => {
    const waits = question({ state: "waiting" });
    expect([stateOf(waits), standingOf(waits, now + 44 * minute)]).toEqual(["claimed", texts.claimed]);
    expect(standingOf(waits, now + 46 * minute)).toBe(texts.lateAnswer);
    expect(stateOf({ ...waits, answerFrom: null })).toBe("waiting");
    expect(stateOf({ ...waits, answerFrom: now + minute })).toBe("waiting");
  });

  test("reads what is still on its way once the question is there, and all that stayed behind", () => {
    const { underway, stayed } = en.cases.mine;
    expect(besideStanding(question({}))).toEqual([]);
    expect(besideStanding(question({ elsewhere: true, stayed: { closed: 1 } }))).toEqual([en.cases.mine.elsewhere, stayed.closed()]);
    expect(besideStanding(question({ state: "sending", underway: "messages" }))).toEqual([]);
    expect(besideStanding(question({ state: "claimed", underway: "messages" }))).toEqual([underway.messages]);
    expect(besideStanding(question({ underway: "pictures", stayed: { picture: 2, closed: 1 } }))).toEqual([underway.pictures, stayed.closed(), stayed.picture(2)]);
  });

  test("hears over the chats of an answer, and of what ended or did not go, before looking for it", () => {
    const said = en.cases;
    expect(newsOf(question({}))).toBeNull();
    expect(newsOf(question({ state: "closed" }))).toBeNull();
    expect(newsOf(question({ unread: 1, state: "closed", unseen: true }))).toBe(said.line);
    expect(newsOf(question({ state: "closed", unseen: true, stayed: { closed: 1 } }))).toBe(said.lineEnded);
    expect(newsOf(question({ state: "refused", unseen: true }))).toBe(said.lineRefused);
    expect(newsOf(question({ state: "claimed", unseen: true, stayed: { reader: 1 } }))).toBe(said.lineStayed);
  });

  test("has whom to call above what is urgent by its concern too, and above what was not taken", () => {
    for (const state of ["sending", "refused", "unclaimed", "claimed", "waiting"] as const) {
      expect(callsFirst(question({ state }))).toBe(true);
      expect(callsFirst(question({ state, concern: "self_harm", urgency: "soon" }))).toBe(true);
      expect(callsFirst(question({ state, urgency: "today" }))).toBe(false);
    }
    expect(callsFirst(question({ state: "closed" }))).toBe(false);
  });
});

test("only a device that reads the talk says that it waits for whoever asked", () => {
  expect(isAnswered(file("a", { state: "claimed" }))).toBe(true);
  for (const more of [{ inside: false }, { answerFrom: now }, { state: "waiting" }, { state: "closed" }] as const) expect(isAnswered(file("a", { state: "claimed", ...more }))).toBe(false);
});

test("the queue begins with what nobody has, and keeps the engine's order within a group", () => {
  const files = [file("1", { state: "claimed" }), file("2", {}), file("3", { state: "claimed", mine: true }), file("4", {}), file("5", { state: "waiting" })];
  expect(grouped(files, now).map(({ group, files: some }) => [group, some.map(({ id }) => id)])).toEqual([
    ["unclaimed", ["2", "4"]], ["mine", ["3"]], ["waiting", ["5"]], ["others", ["1"]],
  ]);
});

test("what a moderator has and is late with comes first, then what they are to answer soonest; what was set to wait comes back with an answer", () => {
  const mine = (id: string, ago: number | null, more: Partial<CaseFile> = {}): CaseFile => file(id, { state: "claimed", mine: true, answerFrom: ago === null ? null : now - ago * minute, ...more });
  const files = [mine("answered", null), mine("soon", 10, { urgency: "soon" }), file("new", {}), mine("late", 250), mine("now", 10, { urgency: "now" }), mine("later", 31, { urgency: "now" }), mine("back", 200, { state: "waiting" }), mine("waits", null, { state: "waiting" }), file("theirs", { state: "claimed", answerFrom: now - 900 * minute })];
  expect(grouped(files, now).map(({ group, files: some }) => [group, some.map(({ id }) => id)])).toEqual([
    ["late", ["late", "later"]], ["unclaimed", ["new"]], ["mine", ["now", "back", "soon", "answered"]], ["waiting", ["waits"]], ["others", ["theirs"]],
  ]);
});

describe("what is known of whoever asked", () => {
  test("is how often, with or without their name, and how that ended, the commonest first", () => {
    expect(askedText({ account: "a", named: false, times: 1, outcomes: {} })).toBe("Asked once without a name in the last 30 days.");
    expect(askedText({ account: "a", named: false, times: 1, outcomes: { withdrawn: 1 } })).toBe("Asked once without a name in the last 30 days. Closed: taken back.");
    expect(askedText({ account: "a", named: true, times: 5, outcomes: { helped: 1, nothing_found: 3 } })).toBe("Asked 5 times with their name in the last 30 days. Closed: 3 × nothing had to be done, 1 × they were helped.");
  });

  test("without a name stands beside nothing that is known under one", () => {
    const decision = (id: string, more: Partial<Decision>): Decision => ({
      id, case: "1", subject: "a", asker: false, named: false, mineAsked: false, mayLift: true, mayAgree: false, mayAnswer: false, kind: "warn", ground: "law", card: null, law: null, finding: "hurtful", branch: false, branchFact: null, byOperator: false, said: null, facts: null, room: null, until: null, state: "in_force", liftedFor: null, decidedBy: null, agreedBy: null,
      decidedAt: now, inForceAt: now, endedAt: null, dueAt: null, appeal: null, talk: null, ...more,
    });
    const all = [
      decision("shown", {}), decision("later", { inForceAt: now + 1, state: "lifted" }), decision("nameless", { asker: true }), decision("named", { asker: true, named: true, mineAsked: false, mayLift: true, mayAgree: false, mayAnswer: false, inForceAt: now - 1 }),
      decision("proposed", { state: "proposed", inForceAt: null }),
    ];
    const ids = (some: readonly Decision[]): string[] => some.map(({ id }) => id);
    expect(ids(besides(all, false))).toEqual(["shown", "later", "named", "proposed"]);
    expect(ids(decidedOf(all, false))).toEqual(["later", "shown", "named"]);
    expect(ids(decidedOf(all, true))).toEqual(["nameless"]);
    const there = [decision("seen", { room: "r" }), decision("elsewhere", { room: "s" }), decision("over", { room: "r", state: "expired" }), decision("asked", { room: "r", asker: true })];
    expect(ids(holdingIn(there, "r")), "where their name in a room leads to").toEqual(["seen"]);
    expect(standsAlone(decision("of a question", { asker: true })), "it leads to what they asked").toBe(false);
    const forgotten = { case: null, asker: true };
    expect(standsAlone(decision("forgotten", forgotten)), "it leads nowhere: a page about them has their name").toBe(true);
    expect(ids(besides([decision("forgotten", forgotten)], false))).toEqual([]);
    expect(standsAlone(decision("shown", { case: null }))).toBe(false);
  });
});

test("the country is guessed from the languages alone, and from none that is not there", () => {
  expect(likelyCountry(["en", "not a tag", "de-DE", "en-US"])).toBe("DE");
  expect(likelyCountry(["ar"])).toBeNull();
  expect(likelyCountry(["fr-XX"])).toBeNull();
});

test("every number can be dialled as it stands", () => {
  for (const { emergency, lines } of Object.values(HELP)) for (const number of [emergency, ...lines.map((line) => line.number)]) expect(number).toMatch(/^[\d][\d -]{1,15}$/u);
});
