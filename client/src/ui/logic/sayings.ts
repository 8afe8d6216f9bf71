import type { Engine, ShownMessage, SystemNote } from "../../state/contract.ts";
import { within } from "./names.ts";
import { words } from "../words/index.ts";

/** What a note in the conversation says, with the names as they are known now. */
export function sayNote(note: SystemNote, engine: Pick<Engine, "person">): string {
  const said = words.system;
  const trust = words.trust.notes;
  if (note.type === "odd") return trust.odd;
  if (!("account" in note)) return said[note.type];
  const person = engine.person(note.account);
  const name = within(person?.name ?? words.common.someone);
  if (note.type === "renamed") return person?.me ? said.youRenamed(within(note.name)) : said.renamed(name, within(note.name));
  if (note.type === "uncertified") return person?.me ? trust.uncertifiedMine : trust.uncertified(name);
  if (note.type === "renewed") return person?.me ? trust.renewedMine : trust.renewed(name);
  if (note.type === "keyChanged" || note.type === "notAdded") return trust[note.type](name);
  const by = note.by === null || note.by === note.account ? null : engine.person(note.by);
  const byName = within(by?.name ?? words.common.someone);
  if (note.type === "joined") {
    if (!by) return person?.me ? said.youJoined : said.joined(name);
    if (by.me) return said.addedByYou(name);
    return person?.me ? said.youAdded(byName) : said.added(name, byName);
  }
  if (note.type === "left") return person?.me ? said.youLeft : said.left(name);
  if (person?.me) return said.youRemoved;
  return by ? said.removed(name, byName) : said.removedNobody(name);
}

/** A message in one line, for quotes and for what is read out. */
export function excerptOf(message: ShownMessage): string {
  if (message.body.type === "text") return message.body.text.replace(/\s+/gu, " ").slice(0, 160);
  return message.body.type === "deleted" ? words.message.deleted : words.message.unchecked;
}

export function nameOf(message: ShownMessage): string {
  return message.mine ? words.common.you : (message.name ?? words.common.someone);
}
