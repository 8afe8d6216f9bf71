/** Somebody who has copied a device, with its keys and its PIN. For tests. */
import { decode } from "@msgpack/msgpack";
import { copyFile, rm } from "node:fs/promises";
import { type Bytes } from "../src/protocol/bytes.ts";
import { newUuid } from "../src/protocol/ids.ts";
import { textInside } from "./intruder.ts";
import { loadCoreCrypto } from "../src/crypto/load-node.ts";
import { Mls } from "../src/crypto/mls.ts";
import type { Backend } from "../src/store/backend.ts";
import { Store } from "../src/store/store.ts";
import { openVault, type VaultRecord } from "../src/store/vault.ts";
import { Profile } from "../src/engine/rooms/profile.ts";

const SQLITE_FILES = ["", "-wal", "-shm"];

export class Thief {
  private constructor(private readonly mls: Mls, private readonly file: string) {}

  /** Copies what lies on the device's disk; the app has to be closed. */
  static async of({ backend, keystoreFile }: { backend: Backend; keystoreFile: string }, pin: string): Promise<Thief> {
    const vault = await backend.get("plain", ["vault", 0]);
    const keys = vault && (await openVault(decode(vault) as VaultRecord, pin));
    const profile = keys && (await Profile.load(new Store(backend, keys)));
    if (!keys || !profile) throw new Error("not the PIN");
    const file = `${keystoreFile}-${newUuid()}`;
    await Promise.all(SQLITE_FILES.map((suffix) => copyFile(keystoreFile + suffix, file + suffix).catch(() => undefined)));
    const { account, device, domain } = profile.value;
    const mls = await Mls.open({ library: await loadCoreCrypto(), keystore: { name: file, key: keys.keystore }, device: { account, device }, domain });
    return new Thief(mls, file);
  }

  /** The texts that these messages of a room's log give away, one after the other. */
  async reads(room: string, payloads: readonly Bytes[]): Promise<string[]> {
    const texts: string[] = [];
    for (const payload of payloads) {
      const outcome = await this.mls.transaction(async (tx) => ((await tx.exists(room)) ? tx.decrypt(room, payload) : null));
      if (outcome?.type === "application") texts.push(textInside(outcome.data));
    }
    return texts.filter((text) => text !== "");
  }

  async end(): Promise<void> {
    await this.mls.close();
    await Promise.all(SQLITE_FILES.map((suffix) => rm(this.file + suffix, { force: true })));
  }
}
