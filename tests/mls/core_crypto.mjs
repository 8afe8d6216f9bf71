// Real MLS devices: core-crypto's native build, one client each, in memory.
import { createPrivateKey, createPublicKey, createHash, sign } from "node:crypto";
import {
  CipherSuite,
  ClientId,
  ConversationId,
  CoreCrypto,
  Credential,
  Database,
  DeviceId,
  ExternalSender,
  GroupInfo,
  KeyPackage,
  MlsTransportError,
  SignatureScheme,
  Uuid,
  Welcome,
} from "@wireapp/core-crypto/native";

export const SUITE = CipherSuite.Mls128Dhkemx25519Chacha20poly1305Sha256Ed25519;
export const OTHER_SUITE = CipherSuite.Mls128Dhkemx25519Aes128gcmSha256Ed25519;
export const DOMAIN = "kindred.example";

export const base64 = (bytes) => Buffer.from(bytes).toString("base64");
export const uuidBytes = (uuid) => Buffer.from(uuid.replaceAll("-", ""), "hex");

/** The server's key as external sender: made of a seed that the tests know too. */
export class Server {
  constructor(seed) {
    this.seed = seed;
    const pkcs8 = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed]);
    this.key = createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" });
    const spki = createPublicKey(this.key).export({ format: "der", type: "spki" });
    this.publicKey = spki.subarray(-32);
  }

  externalSender() {
    return ExternalSender.parsePublicKey(this.publicKey, SignatureScheme.Ed25519);
  }

  /** An external Remove proposal of its own making, to hold the server's against. */
  externalRemove(groupId, epoch, leaf) {
    const number = Buffer.alloc(8);
    number.writeBigUInt64BE(BigInt(epoch));
    const removed = Buffer.alloc(4);
    removed.writeUInt32BE(leaf);
    const vector = (bytes) =>
      Buffer.concat([bytes.length < 64 ? Buffer.of(bytes.length) : Buffer.of(0x40 | (bytes.length >> 8), bytes.length & 255), bytes]);
    const framed = Buffer.concat([
      Buffer.of(0, 1, 0, 1),
      vector(groupId),
      number,
      Buffer.of(2, 0, 0, 0, 0, 0, 2, 0, 3),
      removed,
    ]);
    const content = Buffer.concat([vector(Buffer.from("MLS 1.0 FramedContentTBS")), vector(framed)]);
    return Buffer.concat([framed, vector(sign(null, content, this.key))]);
  }
}

/** One device. `take` says what the delivery service makes of a commit: an exception refuses it. */
export class Device {
  static async open(account, hex, suite = SUITE) {
    const device = new Device();
    device.id = new ClientId(new Uuid(account), DeviceId.fromHexString(hex), DOMAIN);
    device.account = account;
    device.clientId = Buffer.from(device.id.copyBytes()).toString();
    device.take = () => {};
    device.core = CoreCrypto.new(await Database.inMemory());
    const transport = {
      sendCommitBundle: async (bundle) => {
        device.sent = {
          commit: Buffer.from(bundle.commit),
          groupInfo: Buffer.from(bundle.groupInfo.payload),
          welcome: bundle.welcome ? Buffer.from(bundle.welcome.serialize()) : null,
        };
        try {
          await device.take(device.sent);
        } catch (error) {
          throw new MlsTransportError.MessageRejected({ reason: String(error) });
        }
      },
      prepareForTransport: async () => {
        throw new Error("history sharing is not used");
      },
    };
    await device.do(async (ctx) => {
      await ctx.mlsInit(device.id, transport);
      device.credential = await ctx.addCredential(Credential.basic(suite, device.id));
    });
    device.signatureKey = Buffer.from(await device.core.publicKey(device.credential));
    return device;
  }

  do(action) {
    return this.core.transaction(action);
  }

  /** A key package; core-crypto 10.3 takes the lifetime in milliseconds. */
  keyPackage(lifetime) {
    return this.do(async (ctx) => Buffer.from((await ctx.generateKeyPackage(this.credential, lifetime)).serialize()));
  }

  create(groupId, server) {
    return this.do((ctx) => ctx.createConversation(new ConversationId(groupId), this.credential, server?.externalSender()));
  }

  add(groupId, keyPackages) {
    const packages = keyPackages.map((bytes) => new KeyPackage(bytes));
    return this.do((ctx) => ctx.addClientsToConversation(new ConversationId(groupId), packages));
  }

  remove(groupId, devices) {
    return this.do((ctx) => ctx.removeClientsFromConversation(new ConversationId(groupId), devices.map((device) => device.id)));
  }

  update(groupId) {
    return this.do((ctx) => ctx.updateKeyingMaterial(new ConversationId(groupId)));
  }

  commitPending(groupId) {
    return this.do((ctx) => ctx.commitPendingProposals(new ConversationId(groupId)));
  }

  enter(groupInfo) {
    return this.do((ctx) => ctx.joinByExternalCommit(new GroupInfo(groupInfo.subarray(4)), this.credential));
  }

  open(welcome) {
    return this.do((ctx) => ctx.processWelcomeMessage(new Welcome(welcome)));
  }

  process(groupId, message) {
    return this.do((ctx) => ctx.decryptMessage(new ConversationId(groupId), message));
  }

  encrypt(groupId, text) {
    return this.do(async (ctx) => Buffer.from(await ctx.encryptMessage(new ConversationId(groupId), Buffer.from(text))));
  }

  forget(groupId) {
    return this.do((ctx) => ctx.wipeConversation(new ConversationId(groupId)));
  }

  /** Signs further messages with a second key of the same client; at most one a second. */
  async rotate(groupId) {
    const next = await this.do((ctx) => ctx.addCredential(Credential.basic(SUITE, this.id)));
    await this.do((ctx) => ctx.setConversationCredential(new ConversationId(groupId), next));
  }

  async epoch(groupId) {
    return Number(await this.core.conversationEpoch(new ConversationId(groupId)));
  }

  async members(groupId) {
    const ids = await this.core.getClientIds(new ConversationId(groupId));
    return ids.map((id) => Buffer.from(id.copyBytes()).toString()).sort();
  }
}

/** Numbers that follow from a seed, so that a history can be made again: SHA-256 in counter mode. */
export function random(seed) {
  let count = 0;
  return (below) => createHash("sha256").update(`${seed}/${count++}`).digest().readUInt32BE() % below;
}
