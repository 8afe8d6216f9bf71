import type { Card, Engine, Joined, ShownMessage, SystemNote } from "../../contract/index.ts";
import { within } from "./names.ts";
import { moment } from "./time.ts";
import { words } from "../words/index.ts";

/**
 * What a note in the conversation says, with the names as they are known now. Into the talk about a question (`asked`) this
 * device lets people by itself: nobody chose to add them.
 */
export function sayNote(note: SystemNote, engine: Pick<Engine, "person">, asked = false): string {
  const said = words.system;
  const trust = words.trust.notes;
  if (note.type === "odd" || note.type === "forked") return trust[note.type];
  if (!("account" in note)) return said[note.type];
  const person = engine.person(note.account);
  const name = within(person?.name ?? words.common.someone);
  if (note.type === "renamed") return person?.me ? said.youRenamed(within(note.name)) : said.renamed(name, within(note.name));
  if (note.type === "uncertified") return person?.me ? trust.uncertifiedMine : trust.uncertified(name);
  if (note.type === "renewed") return person?.me ? trust.renewedMine : trust.renewed(name);
  if (note.type === "keyChanged" || note.type === "notAdded" || note.type === "uninvited") return trust[note.type](name);
  if (note.type === "steward" || note.type === "adding" || note.type === "quiet" || note.type === "pinned") return sayCare(note, engine);
  const by = note.by === null || note.by === note.account ? null : engine.person(note.by);
  const byName = within(by?.name ?? words.common.someone);
  if (note.type === "joined") {
    if (!by) return person?.me ? said.youJoined : said.joined(name);
    if (by.me) return asked ? said.letIn(name) : said.addedByYou(name);
    return person?.me ? said.youAdded(byName) : said.added(name, byName);
  }
  if (note.type === "left") return person?.me ? said.youLeft : said.left(name);
  if (person?.me) return said.youRemoved;
  if (by?.me) return words.care.notes.removedByYou(name);
  return by ? said.removed(name, byName) : said.removedNobody(name);
}

type Care = Extract<SystemNote, { type: "steward" | "adding" | "quiet" | "pinned" }>;

/** What those who look after the room have decided. */
function sayCare(note: Care, engine: Pick<Engine, "person">): string {
  const said = words.care.notes;
  const person = engine.person(note.account);
  const name = within(person?.name ?? words.common.someone);
  if (note.type === "pinned") return person?.me ? said.pinnedMine : said.pinned(name);
  if (note.type === "adding") {
    if (person?.me) return note.everyone ? said.addingAllMine : said.addingSomeMine;
    return note.everyone ? said.addingAll(name) : said.addingSome(name);
  }
  const by = engine.person(note.by);
  const byName = within(by?.name ?? words.common.someone);
  if (note.type === "steward") {
    if (!note.on) return person?.me ? said.stewardOffMine : said.stewardOff(name);
    if (person?.me) return said.stewardMine(byName);
    return by?.me ? said.stewardByMe(name) : said.steward(name, byName);
  }
  if (note.until === null) return person?.me ? said.quietOverMine : said.quietOver(name);
  const until = moment(note.until, Date.now());
  if (person?.me) return said.quietMine(until);
  return by?.me ? said.quietByMe(name, until) : said.quiet(name, byName, until);
}

function sayCard(card: Card): string {
  const said = words.helping;
  if (card.kind === "service") return said.service.line(within(card.service.name));
  if (card.kind === "handOver") return said.handOver.line(within(card.about.to));
  return card.consent ? said.handOver.saidYes : said.handOver.saidNo;
}

/** Somebody said it, and moderators may be able to see what: also when they took it back. */
export function canBeAskedAbout({ body, seq }: ShownMessage): boolean {
  return seq !== null && (body.type === "text" || ((body.type === "deleted" || body.type === "unreadable") && body.showable === true));
}

/** A message in one line, for quotes and for what is read out. */
export function excerptOf(message: ShownMessage): string {
  if (message.hidden) return words.care.block.message;
  if (message.body.type === "text") return message.body.text.replace(/\s+/gu, " ").slice(0, 160) || (message.body.picture ? words.pictures.picture : "");
  if (message.body.type === "card") return sayCard(message.body.card);
  if (message.body.type === "unreadable") return words.message.unreadable;
  return message.body.type === "deleted" ? words.message.deleted : words.message.unchecked;
}

/** Somebody in the tree of invites, told apart from other strangers by the first letters of their id. */
export function nameInTree({ account, name, me }: Joined): string {
  if (me) return words.care.tree.you;
  return name === null ? words.care.tree.short(account.slice(0, 4)) : within(name);
}

export function nameOf(message: ShownMessage): string {
  if (message.hidden) return words.care.block.name;
  return message.mine ? words.common.you : (message.name ?? words.common.someone);
}
