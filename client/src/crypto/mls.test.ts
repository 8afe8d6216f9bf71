/// <reference types="node" />
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Bytes, hex, randomBytes, utf8, utf8Text } from "../protocol/bytes.ts";
import { clientId, type DeviceName, newDevice, newUuid, parseClientId } from "../protocol/ids.ts";
import type { CoreCryptoLibrary, Keystore } from "./core-crypto.ts";
import { certify, isCertified, makeIdentityKey, thumbprint } from "./identity.ts";
import { keyPackageIdentity } from "./mls-wire.ts";
import { loadCoreCrypto } from "./load-node.ts";
import { type CommitMessages, CommitRefused, Mls, OrphanWelcome } from "./mls.ts";

const DOMAIN = "kindred.test";
let library: CoreCryptoLibrary;
let externalSender: Bytes;
const folder = mkdtempSync(join(tmpdir(), "kindred-mls-"));

beforeAll(async () => {
  library = await loadCoreCrypto();
  externalSender = (await makeIdentityKey()).publicKey;
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

class Client {
  readonly sent: CommitMessages[] = [];
  refuse: string | null = null;
  readonly send = (messages: CommitMessages) => {
    this.sent.push(messages);
    return Promise.resolve(this.refuse === null ? ("accepted" as const) : { refused: this.refuse });
  };

  private constructor(readonly mls: Mls, readonly name: DeviceName) {}

  static async open(keystore: Keystore = "memory", device = { account: newUuid(), device: newDevice() }) {
    return new Client(await Mls.open({ library, keystore, device, domain: DOMAIN }), device);
  }

  get id() {
    return clientId(this.name, DOMAIN);
  }

  get last(): CommitMessages {
    const last = this.sent.at(-1);
    if (!last) throw new Error("nothing sent");
    return last;
  }

  async keyPackage(): Promise<Bytes> {
    const [made] = await this.mls.transaction((tx) => tx.keyPackages(1));
    if (!made) throw new Error("no key package");
    return made;
  }

  encrypt(room: string, text: string) {
    return this.mls.transaction((tx) => tx.encrypt(room, utf8(text)));
  }

  decrypt(room: string, message: Bytes) {
    return this.mls.transaction((tx) => tx.decrypt(room, message));
  }

  members(room: string) {
    return this.mls.transaction((tx) => tx.members(room));
  }

  epoch(room: string) {
    return this.mls.transaction((tx) => tx.epoch(room));
  }
}

/** A room of Ann, who made it, and Bea, who came by Welcome. */
async function roomOfTwo() {
  const [ann, bea] = [await Client.open(), await Client.open()];
  const room = newUuid();
  const keyPackage = await bea.keyPackage();
  await ann.mls.transaction(async (tx) => {
    await tx.create(room, externalSender);
    await tx.add(room, [keyPackage]);
  }, ann.send);
  const { welcome, groupInfo } = ann.last;
  if (!welcome) throw new Error("no welcome");
  expect(await bea.mls.transaction((tx) => tx.joinWelcome(welcome))).toBe(room);
  return { room, ann, bea, welcome, groupInfo };
}

describe("a room", () => {
  it("is joined by Welcome and carries messages that name their sender", async () => {
    const { room, ann, bea } = await roomOfTwo();
    const outcome = await ann.decrypt(room, await bea.encrypt(room, "hello"));
    expect(outcome).toMatchObject({ type: "application", sender: bea.id, thumbprint: await thumbprint(bea.mls.signatureKey) });
    expect(outcome.type === "application" && utf8Text(outcome.data)).toBe("hello");
    expect(await ann.members(room)).toEqual([ann.id, bea.id]);
    expect(hex(await bea.mls.transaction((tx) => tx.externalSender(room)))).toBe(hex(externalSender));
  });

  it("is joined by external commit with the group info of the last commit", async () => {
    const { room, ann } = await roomOfTwo();
    const cleo = await Client.open();
    const joined = await cleo.mls.transaction((tx) => tx.joinExternal(ann.last.groupInfo), cleo.send);
    expect(joined).toBe(room);
    expect(await ann.decrypt(room, cleo.last.commit)).toEqual({ type: "commit", active: true, by: cleo.id });
    expect(await ann.members(room)).toContain(cleo.id);
    expect(await ann.epoch(room)).toBe(2);
  });

  it("says of each message of a batch what became of it, in one transaction", async () => {
    const { room, ann, bea } = await roomOfTwo();
    const [first, second] = [await bea.encrypt(room, "1"), await bea.encrypt(room, "2")];
    const outcomes = await ann.mls.transaction(async (tx) => {
      const types = [];
      for (const message of [first, first, second]) types.push((await tx.decrypt(room, message)).type);
      return types;
    });
    expect(outcomes).toEqual(["application", "duplicate", "application"]);
    expect(await bea.decrypt(room, first)).toEqual({ type: "duplicate" });
    expect(await ann.decrypt(room, randomBytes(80))).toEqual({ type: "unreadable" });
  });

  it("keeps nothing of a transaction that fails, and hands on the failure itself", async () => {
    const { room, ann, bea } = await roomOfTwo();
    const message = await bea.encrypt(room, "again");
    const failure = new Error("the store is full");
    const attempt = ann.mls.transaction(async (tx) => {
      expect((await tx.decrypt(room, message)).type).toBe("application");
      throw failure;
    });
    await expect(attempt).rejects.toBe(failure);
    expect((await ann.decrypt(room, message)).type).toBe("application");
  });

  it("forgets a member that an old epoch's message comes from, not later than three epochs on", async () => {
    const { room, ann, bea } = await roomOfTwo();
    const messages = [await bea.encrypt(room, "kept"), await bea.encrypt(room, "too old")] as const;
    for (let i = 0; i < 3; i += 1) await ann.mls.transaction((tx) => tx.update(room), ann.send);
    expect((await ann.decrypt(room, messages[0])).type).toBe("application");
    await ann.mls.transaction((tx) => tx.update(room), ann.send);
    expect((await ann.decrypt(room, messages[1])).type).toBe("tooOld");
  });
});

describe("a commit that is refused", () => {
  it("changes nothing and does not stand in the way of the winner's", async () => {
    const { room, ann, bea } = await roomOfTwo();
    ann.refuse = "stale_epoch";
    await expect(ann.mls.transaction((tx) => tx.update(room), ann.send)).rejects.toEqual(new CommitRefused("stale_epoch"));
    expect(await ann.epoch(room)).toBe(1);
    await bea.mls.transaction((tx) => tx.update(room), bea.send);
    expect((await ann.decrypt(room, bea.last.commit)).type).toBe("commit");
    ann.refuse = null;
    await ann.mls.transaction((tx) => tx.update(room), ann.send);
    expect((await bea.decrypt(room, ann.last.commit)).type).toBe("commit");
    expect(await bea.epoch(room)).toBe(3);
  });

  it("by a transport that throws is refused all the same, and the client lives on", async () => {
    const { room, ann } = await roomOfTwo();
    const attempt = ann.mls.transaction((tx) => tx.update(room), () => Promise.reject(new TypeError("network")));
    await expect(attempt).rejects.toEqual(new CommitRefused("unreachable"));
    await ann.mls.transaction((tx) => tx.update(room), ann.send);
    expect(await ann.epoch(room)).toBe(2);
  });

  it("but was accepted after all is recognised, and joining again heals the device", async () => {
    const { room, ann, bea } = await roomOfTwo();
    ann.refuse = "unreachable";
    await expect(ann.mls.transaction((tx) => tx.update(room), ann.send)).rejects.toBeInstanceOf(CommitRefused);
    const lost = ann.last;
    expect((await bea.decrypt(room, lost.commit)).type).toBe("commit");
    expect((await ann.decrypt(room, lost.commit)).type).toBe("ownCommitLost");
    const unread = await bea.encrypt(room, "not for this state");
    expect((await ann.decrypt(room, unread)).type).toBe("ahead");
    ann.refuse = null;
    await ann.mls.transaction((tx) => tx.joinExternal(lost.groupInfo), ann.send);
    expect((await bea.decrypt(room, ann.last.commit)).type).toBe("commit");
    expect(await bea.members(room)).toHaveLength(2);
    expect((await bea.decrypt(room, await ann.encrypt(room, "back"))).type).toBe("application");
  });
});

describe("a Welcome", () => {
  it("whose key package was used before is an orphan; an external commit takes its place", async () => {
    const { room, ann, bea, welcome, groupInfo } = await roomOfTwo();
    await bea.mls.transaction((tx) => tx.wipe(room));
    await expect(bea.mls.transaction((tx) => tx.joinWelcome(welcome))).rejects.toBeInstanceOf(OrphanWelcome);
    await bea.mls.transaction((tx) => tx.joinExternal(groupInfo), bea.send);
    expect(await bea.members(room)).toEqual([ann.id, bea.id]);
  });
});

describe("a device", () => {
  it("keeps its keys and rooms in an encrypted keystore that only its key opens", async () => {
    const keystore = { name: join(folder, "keys"), key: randomBytes(32) };
    const first = await Client.open(keystore);
    const room = newUuid();
    await first.mls.transaction((tx) => tx.create(room, externalSender));
    await first.mls.close();
    await expect(first.epoch(room)).rejects.toThrow("closed");
    const second = await Client.open(keystore, first.name);
    expect(hex(second.mls.signatureKey)).toBe(hex(first.mls.signatureKey));
    expect(await second.epoch(room)).toBe(0);
    await expect(Client.open({ ...keystore, key: randomBytes(32) }, first.name)).rejects.toThrow();
  });

  it.each(["0000000000000000", "0000000000000a0b", "00ff000000000000", "ffffffffffffffff"])("named %s is the same in every spelling", async (device) => {
    const client = await Client.open("memory", { account: newUuid(), device });
    expect(keyPackageIdentity(await client.keyPackage()).clientId).toBe(client.id);
    expect(parseClientId(client.id, DOMAIN)).toEqual(client.name);
    expect(parseClientId(client.id, "elsewhere.test")).toBeNull();
  });

  it("is known from its key package", async () => {
    const client = await Client.open();
    const { suite, signatureKey, clientId: id } = keyPackageIdentity(await client.keyPackage());
    expect([suite, hex(signatureKey), id]).toEqual([3, hex(client.mls.signatureKey), client.id]);
    expect(() => keyPackageIdentity(randomBytes(20))).toThrow();
  });

  it("is certified by its account and by nobody else", async () => {
    const { mls, name } = await Client.open();
    const identity = await makeIdentityKey();
    const certificate = await certify(identity, name, mls.signatureKey);
    expect(certificate).toHaveLength(64);
    expect(await isCertified(identity.publicKey, name, mls.signatureKey, certificate)).toBe(true);
    const others: [Bytes, DeviceName, Bytes][] = [
      [(await makeIdentityKey()).publicKey, name, mls.signatureKey],
      [identity.publicKey, { ...name, device: newDevice() }, mls.signatureKey],
      [identity.publicKey, { ...name, account: newUuid() }, mls.signatureKey],
      [identity.publicKey, name, randomBytes(32)],
      [new Uint8Array(32).fill(0xff), name, mls.signatureKey],
    ];
    for (const [key, device, signatureKey] of others) {
      expect(await isCertified(key, device, signatureKey, certificate)).toBe(false);
    }
  });
});
