/** A device that a lying server makes up: real MLS, and nobody who stands behind it but the server. */
import { base64url, type Bytes, randomBytes, utf8Text } from "../src/protocol/bytes.ts";
import { newDevice, uuidBytes } from "../src/protocol/ids.ts";
import { unpad } from "../src/crypto/application-data.ts";
import { certify, type IdentityKey, makeIdentityKey } from "../src/crypto/identity.ts";
import { loadCoreCrypto } from "../src/crypto/load-node.ts";
import { type CommitMessages, Mls } from "../src/crypto/mls.ts";
import { DOMAIN, type ServerDevice, type ServerRoom } from "./fake-model.ts";
import type { FakeServer } from "./fake-server.ts";

export class Intruder {
  private constructor(
    private readonly server: FakeServer,
    private readonly mls: Mls,
    readonly device: ServerDevice,
    readonly identity: IdentityKey,
  ) {}

  /** A device that says it belongs to the account, certified by an identity key of the server's own making. */
  static async as(server: FakeServer, account: string, device = newDevice()): Promise<Intruder> {
    const name = { account, device };
    const mls = await Mls.open({ library: await loadCoreCrypto(), keystore: "memory", device: name, domain: DOMAIN });
    const identity = await makeIdentityKey();
    return new Intruder(server, mls, {
      key: `${account}:${device}`, account, device, tokenHash: "", signatureKey: base64url(mls.signatureKey),
      certificate: base64url(await certify(identity, name, mls.signatureKey)), packages: [], lastResort: "", inbox: [],
    }, identity);
  }

  async keyPackages(count: number): Promise<string[]> {
    return (await this.mls.transaction((tx) => tx.keyPackages(count))).map(base64url);
  }

  /** Joins the room by an external commit, which the server passes on as if it were allowed. */
  async enter(room: ServerRoom): Promise<void> {
    const { groupInfo, epoch } = room;
    if (!groupInfo) throw new Error("nothing to enter");
    const made: CommitMessages[] = [];
    await this.mls.transaction((tx) => tx.joinExternal(groupInfo), (messages) => {
      made.push(messages);
      return Promise.resolve("accepted");
    });
    const [messages] = made;
    if (!messages) throw new Error("no commit");
    this.server.commit(this.device, {
      t: "commit", id: randomBytes(16), room: uuidBytes(room.id), epoch, commit: messages.commit, group_info: messages.groupInfo,
      welcome: null,
    });
  }

  /** The texts that it can read of everything in the room's log. */
  async reads(room: ServerRoom): Promise<string[]> {
    const texts: string[] = [];
    for (const { kind, payload } of room.log) {
      if (kind === 2) continue;
      const outcome = await this.mls.transaction((tx) => tx.decrypt(room.id, payload));
      if (outcome.type === "application") texts.push(textInside(outcome.data));
    }
    return texts;
  }

  /** Whether it can come in by this Welcome. */
  async opens(welcome: Bytes): Promise<boolean> {
    return this.mls.transaction((tx) => tx.joinWelcome(welcome)).then(() => true, () => false);
  }
}

/** The text in application data; empty for what is none. */
export function textInside(data: Bytes): string {
  const { body } = unpad(data).content;
  return body.cardinality === "single" && body.contentType.startsWith("text/") ? utf8Text(body.content) : "";
}
