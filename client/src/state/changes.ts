/**
 * Gathers what a run of entries does to a room: its messages, its record, and what others need to know afterwards.
 * Doing the same run again has the same result, so that a crash between two writes costs nothing.
 */
import { deviceKey, type DeviceName } from "../protocol/ids.ts";
import { Batch, type Store } from "../store/store.ts";
import type { SystemNote } from "./contract.ts";
import type { Delivery, Stamp } from "./delivery.ts";
import { fold } from "./fold.ts";
import { Ledger } from "./ledger.ts";
import type { OwnItem } from "./own.ts";
import type { Change, RoleRules, RoomRecord, StoredMessage } from "./records.ts";
import { RolesHeard } from "./roles-heard.ts";
import type { RetoldContent } from "./retold-content.ts";
import type { ReportPart } from "./report-content.ts";
import type { Room, Rooms } from "./rooms.ts";
import { accountsOf } from "./rules.ts";

/** What to do once the run is durable. */
export interface Effects {
  /** Pseudonyms that people gave themselves. */
  names: { account: string; name: string; at: number }[];
  /** Pseudonyms that people gave others. */
  hearsay: [account: string, name: string][];
  /** Accounts that came in by themselves: somebody should tell them names. */
  newcomers: string[];
  /** Somebody else has told newcomers names. */
  introduced: boolean;
  /** What other devices of the account have told this one. */
  own: OwnItem[];
  /** Other accounts are in the room that were not before. */
  joined: boolean;
  /** Other devices are. */
  arrived: boolean;
}

/** What a commit made of the group. */
export interface Membership {
  /** The devices before and after it. */
  before: readonly string[];
  after: readonly string[];
  /** The epoch after it. */
  epoch: number;
  /** It is an external commit: a device came in by itself, or came in again with new keys. */
  alone: boolean;
}

const MOST_ORPHANS = 50;

export class RoomChanges {
  readonly batch = new Batch();
  readonly effects: Effects = { names: [], hearsay: [], newcomers: [], introduced: false, joined: false, arrived: false, own: [] };
  readonly #ledger: Ledger;
  readonly #roles: RolesHeard;
  readonly #patches: ((record: RoomRecord) => void)[] = [];
  #lost: Stamp | null = null;
  #odd: Stamp | null = null;

  constructor(
    store: Store,
    private readonly rooms: Rooms,
    private readonly room: Room,
    private readonly me: DeviceName,
  ) {
    this.#ledger = new Ledger(store, room, me.account);
    this.#roles = new RolesHeard(room.record);
  }

  patch(patch: (record: RoomRecord) => void): void {
    this.#patches.push(patch);
  }

  /** One application entry. */
  async delivered({ stamp, sender, read, evidence }: Delivery): Promise<void> {
    const { seq, time: at, id: key } = stamp;
    const base = { key, seq, at, from: sender.account };
    if (!read) {
      this.#show({ ...base, name: null, id: null, body: { type: "unchecked" }, inReplyTo: null, changes: [], evidence });
      return;
    }
    const { meaning, id, name } = read;
    if ((meaning.type === "report" || meaning.type === "retold") && this.#isOther(sender)) {
      this.patch((record) => {
        record.owed = false;
      });
    }
    if (meaning.type !== "profile" && this.#roles.ignores(sender.account, stamp)) return;
    if (name !== null) this.effects.names.push({ account: sender.account, name, at });
    switch (meaning.type) {
      case "text": {
        const { text, inReplyTo, picture } = meaning;
        const body: StoredMessage["body"] = { type: "text", text, ...(picture && { picture }) };
        const message: StoredMessage = { ...base, name, id, body, inReplyTo, changes: [], evidence };
        this.#show(message);
        await this.#adoptOrphans(id);
        return;
      }
      case "edit":
        return this.#change(meaning.target, { ...base, id, type: "edit", text: meaning.text }, evidence);
      case "delete":
        return this.#change(meaning.target, { ...base, id, type: "delete" }, evidence);
      case "react":
        return this.#change(meaning.target, { ...base, id, type: "react", emojis: meaning.emojis }, evidence);
      case "unreact":
        if (meaning.target === null) return;
        return this.#change(meaning.target, { ...base, id, type: "unreact", reaction: meaning.reaction }, evidence);
      case "profile":
        this.effects.names.push({ account: sender.account, name: meaning.name, at });
        return;
      case "room":
        this.#renamed(stamp, sender.account, meaning.name);
        return;
      case "roster":
        this.#introduced(sender, meaning.room, meaning.people);
        return;
      case "own":
        if (this.room.record.kind === "self" && sender.account === this.me.account && sender.device !== this.me.device) {
          this.effects.own.push({ kind: meaning.kind, value: meaning.value, at });
        }
        return;
      case "roles":
        return this.#ruled(stamp, sender.account, meaning.rules, meaning.removed);
      case "report":
        if (this.room.record.kind === "case") this.#report({ ...base, name, id, inReplyTo: null, changes: [], evidence }, meaning.part);
        return;
      case "card":
        if (this.room.record.kind === "case") {
          this.#show({ ...base, name, id, body: { type: "card", card: meaning.card }, inReplyTo: meaning.inReplyTo, changes: [], evidence });
        }
        return;
      case "retold":
        if (this.room.record.kind === "case") await this.#retold({ ...base, name, id, inReplyTo: null, changes: [], evidence }, meaning.retold);
        return;
      case "note":
        if (this.room.record.kind === "notes") this.#aside(this.#staff({ ...base, name, id, evidence }), meaning.note.passed === null);
        return;
      case "answer":
        if (this.room.record.kind === "staff") this.#aside(this.#staff({ ...base, name, id, evidence }), false);
        return;
      case "pin":
        if (this.#roles.pinned(sender.account, meaning.target, meaning.pinned) && meaning.pinned) {
          this.note(stamp, sender.account, [{ type: "pinned", account: sender.account }]);
        }
        return;
      case "other":
        return;
    }
  }

  /** A commit that was applied, by `by` (null when nobody can tell). */
  committed(
    stamp: Pick<Stamp, "id" | "seq" | "time">, by: DeviceName | null, { before, after: members, epoch, alone }: Membership,
  ): void {
    const [old, now] = [accountsOf(before), accountsOf(members)];
    const joined = [...now].filter((account) => !old.has(account));
    const left = [...old].filter((account) => !now.has(account));
    const removers = this.#roles.committed(stamp.seq, before, members);
    if (joined.some((account) => account !== this.me.account)) this.effects.joined = true;
    if (members.some((device) => device !== deviceKey(this.me) && !before.includes(device))) this.effects.arrived = true;
    if (this.room.record.kind === "case" && by && this.#isOther(by) && joined.some((account) => account !== this.me.account)) {
      this.patch((record) => {
        record.owed = true;
      });
    }
    const notes: SystemNote[] = [
      ...joined.map((account): SystemNote => ({ type: "joined", account, by: by && by.account !== account ? by.account : null })),
      ...left.map((account): SystemNote => {
        const remover = removers.get(account);
        return remover === undefined ? { type: "left", account, by: null } : { type: "removed", account, by: remover };
      }),
    ];
    // Done again after a crash, it was told the first time.
    if (alone && stamp.seq > this.room.record.appliedSeq && by && before.includes(deviceKey(by))) notes.push({ type: "renewed", account: by.account });
    this.note(stamp, by?.account ?? this.me.account, notes);
    if (by && joined.includes(by.account) && by.account !== this.me.account) this.effects.newcomers.push(by.account);
    this.patch((record) => {
      record.members = [...members];
      record.pendingRemoval = false;
      record.doubted = record.doubted.filter(({ device }) => members.includes(device));
      record.peer ??= this.#peer([...before, ...members]);
      record.appliedSeq = Math.max(record.appliedSeq, stamp.seq);
      record.appliedEpoch = epoch;
      // Whoever commits renews their keys by it.
      if (by && deviceKey(by) === deviceKey(this.me)) record.renewAt = 0;
    });
  }

  /** This device came in, by its own commit or a Welcome, for the first time or again; `late` when it should have been there before. */
  entered(stamp: Pick<Stamp, "id" | "seq" | "time">, epoch: number, members: readonly string[], late = false): void {
    const again = this.room.record.state === "joined";
    const { account } = this.me;
    const known = this.room.record.restored === true;
    this.note(stamp, account, [again ? { type: "rejoined" } : known ? { type: "linked" } : { type: "joined", account, by: null }]);
    this.patch((record) => {
      record.rejoined = again || late;
      Object.assign(record, {
        state: "joined", members: [...members], joinedSeq: stamp.seq, joinedEpoch: epoch,
        broken: false, pendingRemoval: false, restored: false, gap: false, appliedSeq: stamp.seq, appliedEpoch: epoch, renewAt: 0,
        peer: record.peer ?? record.founding[0] ?? this.#peer(members),
      } satisfies Partial<RoomRecord>);
      if (record.kind === "notes" && !again) record.before = members.filter((device) => device !== deviceKey(this.me));
    });
  }

  proposed(): void {
    this.patch((record) => {
      record.pendingRemoval = true;
    });
  }

  /** An entry that this device will never be able to read, though it was meant for it. */
  lost(stamp: Stamp): void {
    this.#lost ??= stamp;
    this.patch((record) => {
      record.lost = true;
    });
  }

  /** Something that no honest server sends: it was not used. Told once for a run, and not again while the group is behind. */
  odd(stamp: Stamp): void {
    if (!this.room.record.broken) this.#odd ??= stamp;
  }

  /** Entries are gone that nobody can bring back. */
  missing(stamp: Stamp): void {
    this.lost(stamp);
    this.patch((record) => {
      record.gap = true;
    });
  }

  /** The group's state is behind for good. */
  broke(): void {
    this.patch((record) => {
      record.broken = true;
    });
  }

  /** This device is out of the room. What moderators were asked ends for everybody: nobody was put out of it. */
  removed(stamp: Pick<Stamp, "id" | "seq" | "time">, type: "left" | "removed", order = stamp.seq): void {
    if (this.room.record.kind !== "case") this.note(stamp, this.me.account, [{ type, account: this.me.account, by: null }], order);
    this.patch((record) => {
      record.state = "left";
      record.removed = type === "removed";
      record.pendingRemoval = false;
      record.broken = false;
    });
  }

  /** A line in the conversation that nobody wrote. */
  note({ id, seq, time }: Pick<Stamp, "id" | "seq" | "time">, from: string, notes: SystemNote[], order = seq): void {
    if (notes.length === 0) return;
    const body = { type: "system" as const, notes };
    this.#ledger.add({ key: id, seq, at: time, from, name: null, id: null, body, inReplyTo: null, changes: [], evidence: null }, order);
    this.patch((record) => {
      record.at = Math.max(record.at, time);
    });
  }

  /** Puts everything into the batch. The record becomes memory's by `rooms.adopt`, once the batch is durable. */
  async finish(): Promise<RoomRecord> {
    const told: [Stamp | null, SystemNote][] = [[this.#lost, { type: "lost" }], [this.#odd, { type: "odd" }]];
    for (const [stamp, note] of told) if (stamp) this.note(stamp, this.me.account, [note]);
    await this.#ledger.flush(this.batch);
    return this.rooms.stage(this.room, this.batch, (record) => {
      for (const patch of this.#patches) patch(record);
      this.#roles.patch(record);
      record.orphans = record.orphans.slice(-MOST_ORPHANS);
    });
  }

  /** Another device of this account. */
  #isOther({ account, device }: DeviceName): boolean {
    return account === this.me.account && device !== this.me.device;
  }

  #peer(members: readonly string[]): string | null {
    if (this.room.record.kind !== "direct") return null;
    return members.map((device) => device.slice(0, 36)).find((account) => account !== this.me.account) ?? null;
  }

  /** A part of what somebody shows: counted once as something new, unless it is only passed on. */
  #report(message: Omit<StoredMessage, "body">, { head }: ReportPart): void {
    const counts = head !== null && head.passed === null;
    this.#aside({ ...message, body: { type: "report", ...(!counts && { again: true }) } }, counts);
  }

  /** Shown to those who were not there: not where this device has it itself, nor twice where others passed on the same. */
  async #retold(message: Omit<StoredMessage, "body">, { said, by, at, text }: RetoldContent): Promise<void> {
    const known = (await this.#ledger.find(said))?.body;
    if (known && (known.type !== "text" || !known.retold || (known.retold.by === by && known.text === text))) return;
    this.#show({ ...message, body: { type: "text", text, retold: { said, by, at: Math.min(at, message.at) } } });
    if (!known) this.#ledger.standIn(said, message.seq);
  }

  #staff(message: Omit<StoredMessage, "body" | "inReplyTo" | "changes">): StoredMessage {
    return { ...message, body: { type: "staff" }, inReplyTo: null, changes: [] };
  }

  /** Kept, though no conversation shows it. */
  #aside(message: StoredMessage, counts: boolean): void {
    this.#ledger.add(message);
    this.#count(message, counts);
    this.patch((record) => {
      record.at = Math.max(record.at, message.at);
    });
  }

  #count({ from, seq }: StoredMessage, counts: boolean): void {
    this.patch((record) => {
      if (counts && from !== this.me.account && !this.rooms.hides(this.room, from) && seq > record.countedTo) record.counted += 1;
      record.countedTo = Math.max(record.countedTo, seq);
    });
  }

  #show(message: StoredMessage): void {
    this.#ledger.add(message);
    this.#count(message, true);
    const { key, seq, at, from } = message;
    const { text, picture } = message.body.type === "text" ? message.body : { text: "" };
    this.patch((record) => {
      if (this.rooms.hides(this.room, from)) return;
      if (seq >= (record.last?.seq ?? 0)) record.last = { key, seq, at, from, text, ...(picture && { picture: true }) };
      record.at = Math.max(record.at, at);
    });
  }

  async #change(target: string, change: Change, evidence: Delivery["evidence"]): Promise<void> {
    const message = await this.#ledger.change(target, change, evidence);
    this.patch((record) => {
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
    for (const orphan of this.room.record.orphans.filter(({ target }) => target === id)) {
      await this.#ledger.adopt(orphan.seq);
      this.patch((record) => {
        record.orphans = record.orphans.filter(({ seq }) => seq !== orphan.seq);
      });
    }
  }

  #renamed(stamp: Stamp, account: string, name: string): void {
    if (this.room.record.kind !== "group") return;
    const first = this.room.record.title === null;
    if (!first && !this.#roles.trusts(account)) return;
    this.patch((record) => {
      if (stamp.seq < record.titleSeq) return;
      record.title = name;
      record.titleSeq = stamp.seq;
    });
    // Naming a group that had no name here is no news to anyone.
    if (!first) this.note(stamp, account, [{ type: "renamed", account, name }]);
  }

  async #ruled(stamp: Stamp, by: string, rules: RoleRules, removed: readonly string[]): Promise<void> {
    const { notes, removals } = this.#roles.ruled(stamp, by, rules, removed);
    this.note(stamp, by, notes);
    for (const removal of removals) {
      await this.#ledger.amend(removal.seq, (note) =>
        note.type === "left" && note.account === removal.account ? { type: "removed", account: removal.account, by: removal.by } : note);
    }
  }

  #introduced(sender: DeviceName, title: string | null, people: readonly [account: string, name: string][]): void {
    this.effects.hearsay.push(...people);
    if (deviceKey(sender) !== deviceKey(this.me)) this.effects.introduced = true;
    this.patch((record) => {
      if (record.kind === "group") record.title ??= title;
    });
  }
}
