import { describe, expect, it } from "vitest";
import { randomBytes } from "../../protocol/bytes.ts";
import { newUuid } from "../../protocol/ids.ts";
import { MemoryBackend } from "../../store/memory.ts";
import { Batch, Store } from "../../store/store.ts";
import { makeVault } from "../../store/vault.ts";
import { Emitter } from "../common/emitter.ts";
import { findMessage } from "../rooms/ledger.ts";
import type { PersonRecord, ProfileRecord } from "../records/records.ts";
import type { StoredChange, StoredMessage } from "../../content/stored-message.ts";
import { type Room, Rooms } from "../rooms/rooms.ts";
import { BadSnapshot, readSnapshot, restoreSnapshot, type Snapshot, takeSnapshot } from "./snapshot.ts";

const DAY = 24 * 60 * 60 * 1000;
const MUCH = 8 * 1024 * 1024;
const account = newUuid();
const friend = newUuid();

async function emptyStore(): Promise<Store> {
  const { keys } = await makeVault("2580", { memory: 8, passes: 1, lanes: 1 });
  return new Store(new MemoryBackend(), keys);
}

const profile: ProfileRecord = {
  account, device: "0011223344556677", domain: "localhost", keystore: "k", token: randomBytes(32),
  identity: { publicKey: randomBytes(32), seed: randomBytes(32) }, externalSender: randomBytes(32), name: "Ann", role: "member",
  network: "Harbour", conduct: { version: 1, agreed: 1, cards: [] }, joining: null, registering: false, devices: 1, lastResortAt: 0,
};
const person: PersonRecord = {
  account: friend, name: "Bea", nameAt: 5, hearsay: false, role: "member", identityKey: randomBytes(32), offeredKey: null, refusedKey: null, verified: true, blocked: true,
  devices: [{ device: "8899aabbccddeeff", thumbprint: "t" }],
};

function message(seq: number, daysAgo: number, text = `number ${String(seq)}`): StoredMessage {
  return {
    key: String(seq).padStart(32, "0"), seq, at: Date.now() - daysAgo * DAY, from: friend, name: "Bea", id: `id-${String(seq)}`,
    body: { type: "text", text }, inReplyTo: null, changes: [],
    evidence: { content: randomBytes(40), tag: randomBytes(32), frank: randomBytes(32), hubKey: 1, device: "8899aabbccddeeff" },
  };
}

/** A store with one joined room of these messages. */
async function roomWith(messages: StoredMessage[], changes: StoredChange[] = []): Promise<{ store: Store; room: Room; rooms: Rooms }> {
  const store = await emptyStore();
  const rooms = new Rooms(store, new Emitter());
  const room = await rooms.ensure(newUuid(), "group");
  await rooms.update(room, (record) => {
    Object.assign(record, { state: "joined", title: "Tuesday", members: [`${account}:${profile.device}`], counted: 3, joinedSeq: 1 });
  });
  await rooms.savePrefs(room, { muted: true, draft: "half a thought", read: 2 });
  await rooms.advance(room, 9);
  const batch = new Batch();
  for (const one of messages) batch.put("messages", room.scopes.messages, one, one.seq);
  for (const one of changes) batch.put("changes", room.scopes.messages, one, one.change.seq);
  await store.write(batch);
  return { store, room, rooms };
}

async function carried(messages: StoredMessage[], history: "none" | "recent" | "all" = "all", limit = MUCH): Promise<Snapshot> {
  const { store, rooms } = await roomWith(messages);
  const data = await takeSnapshot({ store, profile, people: [person], rooms: rooms.all() }, history, limit);
  expect(data.length).toBeLessThanOrEqual(limit);
  return readSnapshot(data);
}

const seqs = ({ rooms }: Snapshot) => rooms.flatMap((part) => part.messages.map(({ message: { seq } }) => seq)).sort((a, b) => a - b);

describe("a snapshot", () => {
  it("brings account, people, rooms and what was said to another store, and nothing of the device itself", async () => {
    const edited: StoredChange = {
      target: "id-4", change: { type: "edit", text: "better", seq: 5, at: Date.now(), from: friend, key: "5".padStart(32, "0"), id: "id-5" },
      evidence: message(5, 0).evidence,
    };
    const { store, room, rooms } = await roomWith([message(3, 400), message(4, 0)], [edited]);
    const data = await takeSnapshot({ store, profile, people: [person], rooms: rooms.all() }, "all", MUCH);
    const snapshot = readSnapshot(data);
    expect(snapshot.account).toEqual({
      account, domain: "localhost", identity: profile.identity, externalSender: profile.externalSender, name: "Ann", role: "member", network: "Harbour",
    });
    const other = await emptyStore();
    await restoreSnapshot(other, snapshot);
    const found = new Rooms(other, new Emitter());
    await found.load();
    const again = found.get(room.id);
    if (!again) throw new Error("the room did not come along");
    expect(again.record).toMatchObject({ state: "left", restored: true, title: "Tuesday", kind: "group", counted: 3 });
    expect([again.prefs, again.cursor]).toEqual([{ muted: true, draft: "half a thought", read: 2 }, 9]);
    expect(await other.range("messages", again.scopes.messages)).toEqual(await store.range("messages", room.scopes.messages));
    expect(await other.range("changes", again.scopes.messages)).toEqual([{ order: 5, value: edited }]);
    expect((await findMessage(other, again, "id-3"))?.seq).toBe(3);
    expect(await other.get("people", await other.scope("person", friend))).toEqual(person);
  });

  it("holds as much history as was chosen", async () => {
    const messages = [message(1, 400), message(2, 31), message(3, 29), message(4, 0)];
    expect(seqs(await carried(messages, "all"))).toEqual([1, 2, 3, 4]);
    expect(seqs(await carried(messages, "recent"))).toEqual([3, 4]);
    expect(seqs(await carried(messages, "none"))).toEqual([]);
  });

  it("leaves out the oldest where not all of it fits, and never people and rooms", async () => {
    const messages = Array.from({ length: 40 }, (_, index) => message(index + 1, 40 - index, "x".repeat(900)));
    const snapshot = await carried(messages, "all", 20_000);
    const kept = seqs(snapshot);
    expect(kept.length).toBeGreaterThan(10);
    expect(kept).toEqual(messages.map(({ seq }) => seq).slice(-kept.length));
    expect([snapshot.people.length, snapshot.rooms.length]).toEqual([1, 1]);
  });

  it("still knows rooms to come back to when it is taken before the device came in", async () => {
    const { room, rooms, store } = await roomWith([message(3, 0)]);
    await rooms.update(room, (record) => {
      Object.assign(record, { state: "left", restored: true });
    });
    const other = await emptyStore();
    await restoreSnapshot(other, readSnapshot(await takeSnapshot({ store, profile, people: [], rooms: rooms.all() }, "all", MUCH)));
    const found = new Rooms(other, new Emitter());
    await found.load();
    expect(found.get(room.id)?.record).toMatchObject({ state: "left", restored: true });
  });

  it("does not know rooms that were never entered as ones to come back to", async () => {
    const { store, room, rooms } = await roomWith([]);
    await rooms.ensure(newUuid(), "group");
    await rooms.update(room, (record) => {
      record.state = "left";
    });
    const { rooms: parts } = readSnapshot(await takeSnapshot({ store, profile, people: [], rooms: rooms.all() }, "all", MUCH));
    expect(parts.map(({ record }) => record.id)).toEqual([room.id]);
    const other = await emptyStore();
    await restoreSnapshot(other, { v: 1, history: "all", account: profile, people: [], rooms: parts });
    const found = new Rooms(other, new Emitter());
    await found.load();
    expect(found.get(room.id)?.record).toMatchObject({ state: "left", restored: false });
  });

  it("is not read when it is something else", () => {
    for (const data of [new Uint8Array(), Uint8Array.of(0xc1), Uint8Array.of(0x80), randomBytes(0)]) {
      expect(() => readSnapshot(data)).toThrow(BadSnapshot);
    }
  });
});
