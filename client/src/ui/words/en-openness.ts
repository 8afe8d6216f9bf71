import type { AuditDoubt, TableName } from "../../contract/index.ts";
import { cases } from "./en-cases.ts";
import { decisions } from "./en-decisions.ts";

const entry = (seq: number): string => `Entry ${seq.toLocaleString("en")}`;

/** How a network is run: numbers for everybody, the log for coordinators. */
export const openness = {
  row: "How this network is run", rowText: "What the moderators did, in numbers",
  title: "How this network is run",
  intro: "Everybody in the network can read this. It names nobody. Each number is rounded to five, so they may not add up. They come a quarter of a year at a time, four weeks after it is over, and then stay as they are.",
  period: "Which time?",
  loading: "Looking up the numbers", quiet: "Nothing happened in this time", quietText: "Nobody asked the moderators, and nothing was decided.",
  few: "fewer than 5", what: "What", number: "How many", noneIn: "None",
  withheld: (title: string) => `“${title}” is left out. Its small numbers could have told about single people.`,
  tables: {
    totals: "In all", cases_by_concern: "What people asked about", cases_by_urgency: "How soon they needed an answer", cases_by_outcome: "How it ended",
    decisions_by_kind: "What was decided", decisions_by_ground: "Why it was decided", decisions_by_source: "How moderators learned of it", appeals_by_outcome: "When people objected", appeals_by_reason: "Why it stayed or was taken back", lifted_by_reason: "Why something ended early", steps: "Other steps in this time",
  } satisfies Record<TableName, string>,
  codes: {
    totals: { cases: "Questions to the moderators", decisions: "Decisions about people", appeals: "Objections to decisions", appeals_answered: "Objections that were answered", lifted: "Decisions that ended early", handed_over: "Questions handed over to someone outside", exports: "Questions of which evidence was exported" },
    cases_by_concern: cases.short, cases_by_urgency: cases.urgencies,
    cases_by_outcome: { helped: "They were helped", acted: "Something was decided", referred: "Passed on to someone else", nothing_found: "Nothing had to be done", withdrawn: "They took it back", open: "Still open" },
    decisions_by_kind: decisions.kinds,
    decisions_by_ground: { law: "The law forbids it", conduct: "It went against the code of conduct" },
    decisions_by_source: { report: "Somebody told them", own_initiative: "A moderator saw it" },
    appeals_by_outcome: { upheld: "It stayed", overturned: "It was taken back", open: "Not looked at yet" },
    appeals_by_reason: { ...decisions.list.found.upheld, ...decisions.list.found.overturned, open: "Not looked at yet" },
    lifted_by_reason: decisions.list.lifting,
  } as Record<Exclude<TableName, "steps">, Record<string, string>>,
  counted: "Objections, answers to them and decisions that ended early count when that happened, also where it was decided in an earlier quarter.",
  medians: "How long it took", mediansText: "Half of them took less, half took more.", toClaim: "Until a moderator took it", toClose: "Until it was closed", toAnswerAppeal: "Until an objection was answered", tooFew: "Too few to tell",
  minutes: (n: number) => (n === 1 ? "1 minute" : `${n} minutes`), hours: (n: number) => (n === 1 ? "1 hour" : `${n} hours`), days: (n: number) => (n === 1 ? "1 day" : `${n} days`),
  keep: "Keep a copy", csv: "Save as a table (CSV)", template: "Save as the EU’s form (JSON)", print: "Print", saved: "Saved",
  page: {
    title: "For everybody", on: "Show these numbers to everybody", offText: "Now only people in the network see them.", onText: "A page shows them to anyone who has its address.",
    ask: "Show them to everybody?", askText: "A page that needs no account shows these numbers and the network’s name to anyone who has its address. It names nobody, and small numbers stay hidden. The log keeps that you turned it on.",
    askYes: "Show them", end: "Hide them from others again?", endText: "The page is gone at once. What somebody has copied or printed stays with them.", endYes: "Hide them", nowOn: "Everybody can read them now", nowOff: "Only the network sees them now",
    told: "Anyone who has this address can read these numbers:",
  },
  stepsText: "Every step of the moderators and the operator is written into a log that only grows, which coordinators read. Everybody sees here how often invites, roles, rooms, rules and keys were changed.",
  stepsNone: "None in this time.",
  fitsUntil: (day: string) => `This device has checked that the server signed the log as it was on ${day}, and that it is still the one that it was.`,
  fits: (n: number) => `The log has ${n === 1 ? "1 entry" : `${n.toLocaleString("en")} entries`}. This device has checked that the server signed it, and that it is no shorter than before.`,

  log: {
    row: "The moderators’ log", rowText: "Who did what, checked on this device", title: "The moderators’ log", loading: "Reading and checking the log", none: "No step so far", noneText: "What moderators and the operator do will be here.",
    intro: "People have made-up names here, the same for the same person; whoever asks has another one in each question. Nothing that was said is in it.",
    whole: (n: number) => `Checked: ${n === 1 ? "1 entry is" : `all ${n.toLocaleString("en")} entries are`} signed and in their places.`, withheld: (n: number) => `${n === 1 ? "1 of them is" : `${n.toLocaleString("en")} of them are`} kept from you: of questions that somebody did not want you to know of, or proposals about yourself.`, earlier: "Show earlier steps",
    operator: "the operator of the server", by: (who: string) => `by ${who}`, taken: (rights: string) => `no longer “${rights}”`, two: (rights: string) => `two for “${rights}”`, uses: (n: number) => (n === 1 ? "for 1 person" : `for ${n.toLocaleString("en")} people`), about: (who: string) => `about ${who}`, question: (id: string) => `question ${id}`, forgotten: "of a question that is forgotten",
  },

  doubtTitle: "This log does not fit", doubtText: "Tell the other coordinators, and keep this phone as it is. It may be a restored backup, or somebody changed the log.",
  doubtMember: "Tell someone who looks after the network. It may be a restored backup, or somebody changed the log.",
  doubts: {
    missing: (seq) => `${entry(seq)}: one before it is missing.`, changed: (seq) => `${entry(seq)}: it, or the one before it, was changed.`,
    unsigned: (seq) => (seq === 0 ? "The server’s signature could not be checked." : `${entry(seq)}: its signature could not be checked.`),
    contradicted: (seq) => (seq === 0 ? "It is the log of another network." : `${entry(seq)}: this device has seen another one in its place.`), cut: (seq) => `${entry(seq)}: this device has seen it, and it is gone.`, lost: () => "This device has seen the log as it was at the end of a quarter, and now it says otherwise.",
  } satisfies Record<AuditDoubt, (seq: number) => string> as Record<AuditDoubt, (seq: number) => string>,

  actions: {
    case_opened: "A question was asked", messages_attested: "Messages were proven", case_claimed: "A question was taken", case_handed_over: "A question was handed over",
    case_waiting: "A question waits", case_resumed: "A question went on", case_closed: "A question was closed",
    decision_proposed: "A decision was proposed", decision_made: "A decision was made", decision_agreed: "A second moderator agreed", decision_refused: "A proposal was not agreed to", decision_lifted: "A decision was ended early",
    decision_talk_opened: "A talk about a decision began", appeal_made: "Somebody objected", appeal_closed: "An objection was answered",
    evidence_exported: "Evidence was sealed, perhaps not kept", evidence_handed_over: "Evidence was sealed to be handed over", referral_proposed: "Passing a question on was proposed", referral_consented: "The person agreed to it", referral_declined: "The person did not agree", referral_agreed: "A second moderator agreed to passing it on", referral_refused: "A second moderator did not agree to passing it on", referral_taken_back: "Passing a question on was taken back",
    rights_set: "A moderator’s rights were changed", rules_set: "The rules for moderators were changed", role_set: "Somebody’s role was changed", staff_certified: "A coordinator confirmed somebody, or did not", contacts_set: "Whom to call was changed", languages_set: "The languages that people write in were changed",
    invite_made: "An invite was made", invite_revoked: "An invite was taken back", branch_revoked: "A branch of invites was cut off", branch_proposed: "Cutting off a branch of invites was proposed", branch_refused: "Cutting off a branch of invites was not agreed to", room_opened: "An open room was made", room_renamed: "An open room was renamed",
    member_muted: "Somebody may not write in an open room", member_unmuted: "Somebody may write in an open room again", member_removed: "Somebody was taken out of an open room",
    account_suspended: "Somebody’s access was paused", account_banned: "Somebody was put out of the network", account_restored: "Somebody’s access was given back",
    report_published: "The numbers were shown to everybody", report_withdrawn: "The numbers were hidden from others again",
    hub_key_rotated: "The server’s key for proving messages was renewed", attestation_key_rotated: "The server’s key for signing was renewed",
  } as Record<string, string>,
};
