/**
 * What another device of the same account starts with: its keys, its people, its rooms and as much of what was said as
 * the person chose. Used for the backup behind the recovery words and for linking a device. MLS state is never part of it:
 * each device has its own, and comes into rooms by itself.
 */
import { decode, encode } from "@msgpack/msgpack";
import { type Bytes, ownBytes } from "../../protocol/bytes.ts";
import { Batch, type Store } from "../../store/store.ts";
import { type OwnAnswers, saveOwnAnswers } from "../staff/index.ts";
import { Emitter } from "../common/index.ts";
import { Ledger, type Room, Rooms } from "../rooms/index.ts";
import { type DeviceNames, saveDeviceNames } from "../account/index.ts";
import type { PersonRecord, ProfileRecord, RoomPrefs, RoomRecord } from "../records/index.ts";
import type { StoredChange, StoredMessage } from "../../content/stored-message.ts";
import type { History, Service } from "../../contract/index.ts";
import { loadServices, saveServices } from "../cases/index.ts";
import { keepRoll, type KeptRoll, loadRoll } from "../trust/index.ts";


/** What of the own account is the same on all its devices. */
export type AccountPart = Pick<ProfileRecord, "account" | "domain" | "identity" | "externalSender" | "name" | "role" | "network">;

export interface RoomPart {
  record: RoomRecord;
  prefs: RoomPrefs;
  cursor: number;
  messages: { order: number; message: StoredMessage }[];
  changes: StoredChange[];
}

export interface Snapshot {
  v: 1;
  /** How much of what was said the person chose to hand on. */
  history: History;
  account: AccountPart;
  people: PersonRecord[];
  rooms: RoomPart[];
  /** Left out by those who know none. */
  deviceNames?: DeviceNames;
  /** That a moderator has offered before. */
  services?: Service[];
  answers?: OwnAnswers;
  /** Whom coordinators have confirmed as staff, and from whom that follows. */
  staff?: KeptRoll;
}

/** The bytes are no snapshot that this version can read. */
export class BadSnapshot extends Error {
  constructor() {
    super("not a snapshot");
    this.name = "BadSnapshot";
  }
}

export interface SnapshotSource {
  store: Store;
  profile: Readonly<ProfileRecord>;
  people: readonly PersonRecord[];
  rooms: readonly Room[];
  deviceNames?: DeviceNames;
  answers?: OwnAnswers;
}

const RECENT_MS = 30 * 24 * 60 * 60 * 1000;
const RESTORED_AT_ONCE = 500;

/** At most `limit` bytes as MessagePack: where the history does not fit, the oldest of it is left out. */
export async function takeSnapshot({ store, profile, people, rooms, deviceNames = {}, answers = {} }: SnapshotSource, history: History, limit: number): Promise<Bytes> {
  const { account, domain, identity, externalSender, name, role, network } = profile;
  const staff = await loadRoll(store);
  const snapshot: Snapshot = {
    v: 1, history, ...(staff && { staff }), services: await loadServices(store), account: { account, domain, identity, externalSender, name, role, network }, people: [...people],
    deviceNames, answers,
    rooms: rooms.filter(({ record }) => record.state !== "creating").map(({ record, prefs, cursor }) => (
      { record, prefs, cursor, messages: [], changes: [] }
    )),
  };
  const since = history === "all" ? 0 : Date.now() - RECENT_MS;
  const parts = new Map(snapshot.rooms.map((part) => [part.record.id, part]));
  const found = history === "none" ? [] : (await Promise.all(rooms.map((room) => said(store, room, since)))).flat();
  let left = limit - encode(snapshot).length - 64;
  // Newest first over all rooms, so that what is left out is what is longest ago.
  for (const item of found.sort((one, other) => other.at - one.at)) {
    left -= encode(item.value).length + 16;
    if (left < 0) break;
    const part = parts.get(item.room);
    if (part && "order" in item.value) part.messages.push(item.value);
    else if (part && "change" in item.value) part.changes.push(item.value);
  }
  return ownBytes(encode(snapshot));
}

interface Said {
  room: string;
  at: number;
  value: RoomPart["messages"][number] | StoredChange;
}

async function said(store: Store, { id: room, scopes, record }: Room, since: number): Promise<Said[]> {
  if (record.state === "creating") return [];
  const [messages, changes] = await Promise.all([
    store.range<StoredMessage>("messages", scopes.messages), store.range<StoredChange>("changes", scopes.messages),
  ]);
  return [
    ...messages.map(({ order, value }): Said => ({ room, at: value.at, value: { order, message: value } })),
    ...changes.map(({ value }): Said => ({ room, at: value.change.at, value })),
  ].filter(({ at }) => at >= since);
}

/** Throws BadSnapshot. */
export function readSnapshot(data: Bytes): Snapshot {
  let value: unknown;
  try {
    value = decode(data);
  } catch {
    throw new BadSnapshot();
  }
  if (typeof value !== "object" || value === null || !("v" in value) || value.v !== 1) throw new BadSnapshot();
  // Whatever opened it proves that a device of this account wrote it.
  return value as Snapshot;
}

/** Writes people, rooms and history into an empty store. The rooms are still to be joined: this device is in none of them. */
export async function restoreSnapshot(store: Store, { account, people, rooms, deviceNames = {}, services = [], answers = {}, staff }: Snapshot): Promise<void> {
  const batch = new Batch();
  for (const person of people) batch.put("people", await store.scope("person", person.account), person);
  await store.write(batch);
  await saveDeviceNames(store, deviceNames);
  await saveServices(store, services);
  await saveOwnAnswers(store, answers);
  if (staff) await keepRoll(store, staff);
  // Nobody shows these yet: the session that opens next reads them from the store.
  const known = new Rooms(store, new Emitter());
  for (const part of rooms) await restoreRoom(store, await known.ensure(part.record.id, part.record.kind), part, account.account);
}

/** Whether the account is in the room, though this device may still be to come in. */
export function isInside(record: RoomRecord): boolean {
  return record.state === "joined" || record.restored === true;
}

async function restoreRoom(store: Store, room: Room, { record, prefs, cursor, messages, changes }: RoomPart, me: string): Promise<void> {
  for (let start = 0; start < messages.length; start += RESTORED_AT_ONCE) {
    const batch = new Batch();
    const ledger = new Ledger(store, room, me);
    for (const { order, message } of messages.slice(start, start + RESTORED_AT_ONCE)) ledger.add(message, order);
    await ledger.flush(batch);
    await store.write(batch);
  }
  const batch = new Batch();
  for (const stored of changes) batch.put("changes", room.scopes.messages, stored, stored.change.seq);
  // What is not along cannot be shown, nor read.
  const last = record.last && messages.some(({ message }) => message.key === record.last?.key) ? record.last : null;
  const read = messages.length > 0 ? prefs.read : record.counted;
  const restored: RoomRecord = {
    ...record, last, state: "left", restored: isInside(record), founding: [], broken: false, pendingRemoval: false,
  };
  batch.put("rooms", room.scopes.room, restored).put("prefs", room.scopes.room, { ...prefs, read }).put("meta", room.scopes.cursor, cursor);
  await store.write(batch);
}
