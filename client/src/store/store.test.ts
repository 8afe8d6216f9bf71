import "fake-indexeddb/auto";
import { forceCloseDatabase } from "fake-indexeddb";
import { afterEach, describe, expect, it, vi } from "vitest";
import { hex, utf8, utf8Text } from "../protocol/bytes.ts";
import { type Backend, TABLES } from "./backend.ts";
import { IndexedDbBackend } from "./indexed-db.ts";
import { MemoryBackend } from "./memory.ts";
import { Batch, Store, Tampered } from "./store.ts";
import { changePin, makeVault, openVault, type VaultKeys } from "./vault.ts";

const QUICK = { memory: 64, passes: 1, lanes: 1 };
const vault = await makeVault("2580", QUICK);

describe("the vault", () => {
  it("opens with its PIN and gives the same keys each time", async () => {
    const keys = await openVault(vault.record, "2580");
    expect(hex(keys?.keystore ?? utf8(""))).toBe(hex(vault.keys.keystore));
    expect(vault.keys.records.extractable).toBe(false);
    expect(vault.keys.index.extractable).toBe(false);
  });

  it("answers null to another PIN and loses nothing", async () => {
    const before = JSON.stringify(vault.record);
    expect(await openVault(vault.record, "2581")).toBeNull();
    expect(await openVault(vault.record, "")).toBeNull();
    expect(JSON.stringify(vault.record)).toBe(before);
    expect(await openVault(vault.record, "2580")).not.toBeNull();
  });

  it("changes its PIN without changing its keys", async () => {
    expect(await changePin(vault.record, "0000", "1")).toBeNull();
    const changed = await changePin(vault.record, "2580", "another");
    expect(changed && (await openVault(changed, "2580"))).toBeNull();
    const keys = changed && (await openVault(changed, "another"));
    expect(hex(keys?.keystore ?? utf8(""))).toBe(hex(vault.keys.keystore));
  });

  it("gives no two vaults the same key", async () => {
    const other = await makeVault("2580", QUICK);
    expect(hex(other.keys.keystore)).not.toBe(hex(vault.keys.keystore));
  });

  it("chooses a cost of at least what OWASP asks for", async () => {
    const { calibrate } = await import("./argon2.ts");
    const { memory, passes } = await calibrate();
    expect(memory).toBeGreaterThanOrEqual(19 * 1024);
    expect(passes).toBeGreaterThanOrEqual(2);
  });
});

let names = 0;
const backends: [string, () => Promise<Backend>][] = [
  ["memory", () => Promise.resolve(new MemoryBackend())],
  ["IndexedDB", () => IndexedDbBackend.open(`test-${String((names += 1))}`)],
];

describe.each(backends)("a store in %s", (_name, make) => {
  let backend: Backend;
  const open = async (keys: VaultKeys = vault.keys) => {
    backend = await make();
    return new Store(backend, keys);
  };
  afterEach(() => {
    backend.close();
  });

  it("gives back what was written, in order, page by page", async () => {
    const store = await open();
    const scope = await store.scope("room", "1");
    const batch = new Batch();
    for (let seq = 100; seq > 0; seq -= 1) batch.put("messages", scope, { seq, data: utf8(String(seq)) }, seq);
    batch.put("messages", await store.scope("room", "2"), { seq: 0 }, 50);
    await store.write(batch);

    const orders = async (range?: { before?: number; newest?: number }) =>
      (await store.range<{ seq: number }>("messages", scope, range)).map(({ order, value }) => (expect(value.seq).toBe(order), order));
    expect(await orders({ newest: 3 })).toEqual([98, 99, 100]);
    expect(await orders({ newest: 2, before: 98 })).toEqual([96, 97]);
    expect(await orders({ newest: 5, before: 3 })).toEqual([1, 2]);
    expect(await orders({ newest: 5, before: 1 })).toEqual([]);
    expect(await orders()).toHaveLength(100);
    expect(await store.get("messages", scope, 7)).toEqual({ seq: 7, data: utf8("7") });
    expect(await store.get("messages", scope, 101)).toBeNull();
    expect(await store.all("messages")).toHaveLength(101);
  });

  it("deletes one record, or a scope", async () => {
    const store = await open();
    const scope = await store.scope("room", "1");
    await store.write(new Batch().put("messages", scope, 1, 1).put("messages", scope, 2, 2).put("meta", scope, 3));
    await store.write(new Batch().delete("messages", scope, 1));
    expect(await store.range("messages", scope)).toEqual([{ order: 2, value: 2 }]);
    await store.write(new Batch().deleteScope("messages", scope));
    expect(await store.range("messages", scope)).toEqual([]);
    expect(await store.get("meta", scope)).toBe(3);
    await backend.clear();
    expect(await store.all("meta")).toEqual([]);
  });

  it("writes in the order asked, however long each takes to encrypt", async () => {
    const store = await open();
    const sizes = [400_000, 10, 200_000, 1];
    await Promise.all(sizes.map((size) => store.write(new Batch().put("meta", "x", new Uint8Array(size)))));
    expect(await store.get("meta", "x")).toEqual(new Uint8Array(1));
  });

  it("shows nothing of its records or their names to whoever reads the disk", async () => {
    const store = await open();
    const secrets = ["room-7f3a", "Quiet River", "meet at the station"];
    const scope = await store.scope("rooms", "room-7f3a");
    expect(await store.scope("rooms", "room-7f3a")).toBe(scope);
    await store.write(new Batch().put("rooms", scope, { name: secrets[1], text: secrets[2] }).put("ids", await store.blind("room-7f3a"), 1));
    const rows = (await Promise.all(TABLES.map((table) => backend.all(table)))).flat();
    expect(rows).toHaveLength(2);
    for (const { key, data } of rows) {
      const disk = key.join() + Array.from(data, (byte) => String.fromCharCode(byte)).join("");
      for (const secret of secrets) expect(disk).not.toContain(secret);
    }
  });

  it("refuses a record that was changed, moved, or written under another key", async () => {
    const store = await open();
    await store.write(new Batch().put("meta", "a", "first").put("meta", "b", "second"));
    const data = await backend.get("meta", ["a", 0]);
    if (!data) throw new Error("not written");
    await backend.write([{ put: "meta", key: ["b", 0], data }]);
    await expect(store.get("meta", "b")).rejects.toBeInstanceOf(Tampered);
    await backend.write([{ put: "meta", key: ["a", 0], data: data.with(20, (data[20] ?? 0) ^ 1) as typeof data }]);
    await expect(store.get("meta", "a")).rejects.toBeInstanceOf(Tampered);
    await backend.write([{ put: "meta", key: ["a", 0], data }]);
    expect(await store.get("meta", "a")).toBe("first");
    const stranger = new Store(backend, (await makeVault("2580", QUICK)).keys);
    await expect(stranger.get("meta", "a")).rejects.toBeInstanceOf(Tampered);
  });

  it("writes a batch whole or not at all", async () => {
    const store = await open();
    await expect(store.write(new Batch().put("meta", "a", 1).put("meta", "b", () => 1))).rejects.toThrow();
    expect(await store.all("meta")).toEqual([]);
    await store.write(new Batch().put("meta", "a", 2));
    expect(await store.get("meta", "a")).toBe(2);
  });
});

describe("IndexedDB", () => {
  it("comes back when the system cuts the database off", async () => {
    const opened: IDBDatabase[] = [];
    const open = indexedDB.open.bind(indexedDB);
    vi.spyOn(indexedDB, "open").mockImplementation((...names) => {
      const request = open(...names);
      request.addEventListener("success", () => opened.push(request.result));
      return request;
    });
    const backend = await IndexedDbBackend.open("cut off");
    await backend.write([{ put: "plain", key: ["a", 0], data: utf8("kept") }]);
    for (const database of opened) forceCloseDatabase(database as unknown as Parameters<typeof forceCloseDatabase>[0]);
    expect(utf8Text((await backend.get("plain", ["a", 0])) ?? utf8(""))).toBe("kept");
    expect(opened).toHaveLength(2);
    backend.close();
  });

  it("keeps records from one opening to the next, and forgets all when destroyed", async () => {
    const first = await IndexedDbBackend.open("kept");
    await first.write([{ put: "plain", key: ["vault", 0], data: utf8("kept") }]);
    first.close();
    const second = await IndexedDbBackend.open("kept");
    expect(utf8Text((await second.get("plain", ["vault", 0])) ?? utf8(""))).toBe("kept");
    await IndexedDbBackend.destroy("kept");
    const third = await IndexedDbBackend.open("kept");
    expect(await third.all("plain")).toEqual([]);
    third.close();
  });
});
