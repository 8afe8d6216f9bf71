/** What the messages of a run do to a room: what is shown and counted, changed, kept aside, and believed. */
import type { ShownInvite } from "../../crypto/room-invite.ts";
import { deviceKey, type DeviceName } from "../../protocol/ids.ts";
import type { Delivery, Stamp } from "../../content/delivery.ts";
import { fold } from "../../content/fold.ts";
import type { Gathering } from "./gathering.ts";
import { bar, show, vouch } from "../records/index.ts";
import type { Meaning } from "../../content/reading.ts";
import type { Change, StoredMessage } from "../../content/stored-message.ts";
import type { ReportPart } from "../../content/report-content.ts";
import type { RetoldContent } from "../../content/retold-content.ts";

type Of<Type extends Meaning["type"]> = Extract<Meaning, { type: Type }>;
type Changing = Of<"edit" | "delete" | "react" | "unreact">;
type Helping = Of<"report" | "card" | "retold" | "note" | "answer">;
/** A message but for what it says. */
type Unsaid = Omit<StoredMessage, "body">;

/** By so much clocks may differ. */
const CLOCKS_MS = 10 * 60 * 1000;

export class MessagesHeard {
  constructor(private readonly run: Gathering) {}

  /** One application entry. */
  async delivered({ stamp, sender, read, evidence }: Delivery): Promise<void> {
    const { seq, time: at, id: key } = stamp;
    const unsaid: Unsaid = { key, seq, at, from: sender.account, name: null, id: null, inReplyTo: null, changes: [], evidence };
    if (!read) return this.#show({ ...unsaid, body: { type: "unchecked" } });
    const { meaning, id, name } = read;
    if ((meaning.type === "report" || meaning.type === "retold") && this.run.isOther(sender)) {
      this.run.patch((record) => {
        record.owed = false;
      });
    }
    if (meaning.type !== "profile" && this.run.roles.ignores(sender.account, stamp)) return;
    const place = { room: this.run.room.id, seq };
    if (name !== null) this.run.effects.names.push({ account: sender.account, name, at, in: place });
    const said: Unsaid = { ...unsaid, name, id };
    switch (meaning.type) {
      case "text": {
        const { text, inReplyTo, picture } = meaning;
        this.#show({ ...said, body: { type: "text", text, ...(picture && { picture }) }, inReplyTo });
        return this.#adoptOrphans(id);
      }
      case "edit":
      case "delete":
      case "react":
      case "unreact":
        return this.#changed(meaning, { key, seq, at, from: sender.account, id }, evidence);
      case "profile":
        this.run.effects.names.push({ account: sender.account, name: meaning.name, at, in: place });
        this.run.ledger.keep({ key, seq, at, from: sender.account, id, type: "named", name: meaning.name }, evidence);
        return;
      case "room":
        this.#renamed(stamp, sender.account, meaning.name);
        return;
      case "roster":
        this.#introduced(sender, meaning.room, meaning.people);
        return;
      case "own":
        this.#told(sender, meaning.kind, meaning.value, at);
        return;
      case "roles":
        return this.#ruled(stamp, sender.account, meaning);
      case "checks":
        if (!this.run.isMe(sender)) this.run.effects.checks.push({ from: sender.account, rooms: meaning.rooms });
        return;
      case "invited":
        this.#invited(stamp, sender.account, meaning.invite);
        return;
      case "pin":
        this.#pinned(stamp, sender.account, meaning.target, meaning.pinned);
        return;
      case "report":
      case "card":
      case "retold":
      case "note":
      case "answer":
        return this.#helping(meaning, said);
      case "unreadable":
        this.#show({ ...said, body: { type: "unreadable" } });
        return this.#adoptOrphans(id);
      case "other":
        return;
    }
  }

  /** Between moderators and whoever asks them, and among the staff: each in the rooms that it belongs in, and nowhere else. */
  async #helping(meaning: Helping, said: Unsaid): Promise<void> {
    const { kind } = this.run.room.record;
    switch (meaning.type) {
      case "report":
        if (kind === "case") this.#report(said, meaning.part);
        return;
      case "card":
        if (kind === "case") this.#show({ ...said, body: { type: "card", card: meaning.card }, inReplyTo: meaning.inReplyTo });
        return;
      case "retold":
        if (kind === "case") await this.#retold(said, meaning.retold);
        return;
      case "note":
        if (kind === "notes") this.#aside({ ...said, body: { type: "staff" } }, meaning.note.passed === null);
        return;
      case "answer":
        if (kind === "staff") this.#aside({ ...said, body: { type: "staff" } }, false);
        return;
    }
  }

  /** A part of what somebody shows: counted once as something new, unless it is only passed on. */
  #report(message: Unsaid, { head }: ReportPart): void {
    const counts = head !== null && head.passed === null;
    this.#aside({ ...message, body: { type: "report", ...(!counts && { again: true }) } }, counts);
  }

  /** Shown to those who were not there: not where this device has it itself, nor twice where others passed on the same. */
  async #retold(message: Unsaid, { said, by, at, text }: RetoldContent): Promise<void> {
    const known = (await this.run.ledger.find(said))?.body;
    if (known && (known.type !== "text" || !known.retold || (known.retold.by === by && known.text === text))) return;
    this.#show({ ...message, body: { type: "text", text, retold: { said, by, at: Math.min(at, message.at) } } });
    if (!known) this.run.ledger.standIn(said, message.seq);
  }

  /** Kept, though no conversation shows it. */
  #aside(message: StoredMessage, counts: boolean): void {
    this.run.ledger.add(message);
    this.#count(message, counts);
    this.run.patch((record) => {
      record.at = Math.max(record.at, message.at);
    });
  }

  #count({ from, seq }: StoredMessage, counts: boolean): void {
    this.run.patch((record) => {
      if (counts && from !== this.run.me.account && !this.run.rooms.hides(this.run.room, from) && seq > record.countedTo) record.counted += 1;
      record.countedTo = Math.max(record.countedTo, seq);
    });
  }

  #show(message: StoredMessage): void {
    this.run.ledger.add(message);
    this.#count(message, true);
    const { key, seq, at, from } = message;
    const { text, picture } = message.body.type === "text" ? message.body : { text: "" };
    this.run.patch((record) => {
      if (this.run.rooms.hides(this.run.room, from)) return;
      if (seq >= (record.last?.seq ?? 0)) record.last = { key, seq, at, from, text, ...(picture && { picture: true }) };
      record.at = Math.max(record.at, at);
    });
  }

  async #changed(meaning: Changing, by: Pick<Change, "key" | "seq" | "at" | "from" | "id">, evidence: Delivery["evidence"]): Promise<void> {
    switch (meaning.type) {
      case "edit":
        return this.#change(meaning.target, { ...by, type: "edit", text: meaning.text }, evidence);
      case "delete":
        return this.#change(meaning.target, { ...by, type: "delete" }, evidence);
      case "react":
        return this.#change(meaning.target, { ...by, type: "react", emoji: meaning.emoji }, evidence);
      case "unreact":
        if (meaning.target !== null) await this.#change(meaning.target, { ...by, type: "unreact", reaction: meaning.reaction }, evidence);
        return;
    }
  }

  async #change(target: string, change: Change, evidence: Delivery["evidence"]): Promise<void> {
    const message = await this.run.ledger.change(target, change, evidence);
    this.run.patch((record) => {
      if (!message) {
        if (!record.orphans.some(({ seq }) => seq === change.seq)) record.orphans.push({ target, seq: change.seq });
      } else if (record.last?.key === message.key) {
        const { body } = fold(message);
        record.last.text = body.type === "text" ? body.text : "";
        record.last.picture = body.type === "text" && body.picture !== undefined;
      }
    });
  }

  async #adoptOrphans(id: string): Promise<void> {
    for (const orphan of this.run.room.record.orphans.filter(({ target }) => target === id)) {
      await this.run.ledger.adopt(orphan.seq);
      this.run.patch((record) => {
        record.orphans = record.orphans.filter(({ seq }) => seq !== orphan.seq);
      });
    }
  }

  #renamed(stamp: Stamp, account: string, name: string): void {
    if (this.run.room.record.kind !== "group") return;
    const first = this.run.room.record.title === null;
    if (!first && !this.run.roles.trusts(account)) return;
    this.run.patch((record) => {
      if (stamp.seq < record.titleSeq) return;
      record.title = name;
      record.titleSeq = stamp.seq;
    });
    // Naming a group that had no name here is no news to anyone.
    if (!first) this.run.note(stamp, account, [{ type: "renamed", account, name }]);
  }

  async #ruled(stamp: Stamp, by: string, { rules, removed, here, epoch }: Of<"roles">): Promise<void> {
    if (this.run.roles.isSteward(by)) {
      this.run.patch(({ joins }) => {
        // Nobody says so for themselves.
        if (!joins.known.includes(by)) return;
        vouch(joins, here, epoch);
        bar(joins, removed, epoch);
      });
    }
    const { notes, removals } = this.run.roles.ruled(stamp, by, rules, removed);
    this.run.note(stamp, by, notes);
    for (const removal of removals) {
      await this.run.ledger.amend(removal.seq, (note) =>
        note.type === "left" && note.account === removal.account ? { type: "removed", account: removal.account, by: removal.by } : note);
    }
  }

  /** A newcomer shows by which invite they came. Whose it is, is judged by the rules at this point of the log. */
  #invited({ time }: Stamp, account: string, invite: ShownInvite): void {
    const late = time > invite.expires + CLOCKS_MS;
    if (this.run.room.record.kind !== "group" || late || invite.by === account || !this.run.roles.mayAdd(invite.by)) return;
    this.run.patch(({ joins }) => {
      show(joins, account, invite);
    });
  }

  #pinned(stamp: Stamp, by: string, target: string, pinned: boolean): void {
    if (this.run.roles.pinned(by, target, pinned) && pinned) this.run.note(stamp, by, [{ type: "pinned", account: by }]);
  }

  /** Another device of this account says something to this one. */
  #told(sender: DeviceName, kind: string, value: unknown, at: number): void {
    if (this.run.room.record.kind === "self" && this.run.isOther(sender)) this.run.effects.own.push({ kind, value, at });
  }

  #introduced(sender: DeviceName, title: string | null, people: readonly [account: string, name: string][]): void {
    this.run.effects.hearsay.push(...people);
    if (deviceKey(sender) !== deviceKey(this.run.me)) this.run.effects.introduced = true;
    this.run.patch((record) => {
      if (record.kind === "group") record.title ??= title;
    });
  }
}
