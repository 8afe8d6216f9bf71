/** What can be done with MLS groups inside one transaction. Rooms are UUIDs; devices are client ids as text. */
import { type Bytes, ownBytes, utf8Text } from "../protocol/bytes.ts";
import { uuidBytes, uuidText } from "../protocol/ids.ts";
import { epochCheck } from "./comparing.ts";
import type { ClientIdHandle, Context, ConversationId, CoreCryptoLibrary, CredentialRef } from "./core-crypto.ts";
import { groupInfoBody, messageEpoch, proposesOther } from "./mls-wire.ts";
import { type Outcome, outcomeOf, outcomeOfError } from "./outcome.ts";

/** A leaf of the group: its client id and the thumbprint of the key it really signs with. */
export interface Leaf {
  client: string;
  thumbprint: string;
}

export interface GroupState {
  epoch: number;
  check: Bytes;
}

export class MlsTransaction {
  readonly #rooms = new Map<string, ConversationId>();
  readonly #epochs = new Map<string, bigint>();

  constructor(
    private readonly library: CoreCryptoLibrary,
    private readonly context: Context,
    private readonly credential: CredentialRef,
  ) {}

  /** KeyPackages (without MLSMessage header), valid for about three months; each lets this device be added once. */
  async keyPackages(count: number): Promise<Bytes[]> {
    const made: Bytes[] = [];
    for (let i = 0; i < count; i += 1) {
      made.push(ownBytes((await this.context.generateKeyPackage(this.credential)).serialize()));
    }
    return made;
  }

  /** A group of this device alone at epoch 0. `externalSender` is the server's Ed25519 public key. */
  async create(room: string, externalSender: Bytes): Promise<void> {
    const { ExternalSender, SignatureScheme } = this.library;
    const sender = ExternalSender.parsePublicKey(externalSender, SignatureScheme.Ed25519);
    await this.context.createConversation(this.#room(room), this.credential, sender);
  }

  exists(room: string): Promise<boolean> {
    return this.context.conversationExists(this.#room(room));
  }

  async wipe(room: string): Promise<void> {
    if (await this.exists(room)) await this.context.wipeConversation(this.#room(room));
  }

  /** Commits an Add of each key package, and every pending proposal with it. */
  async add(room: string, keyPackages: readonly Bytes[]): Promise<void> {
    const packages = keyPackages.map((data) => new this.library.KeyPackage(data));
    await this.context.addClientsToConversation(this.#room(room), packages);
  }

  /** Commits new keys for this device, and every pending proposal with it. */
  async update(room: string): Promise<void> {
    await this.context.updateKeyingMaterial(this.#room(room));
  }

  /** Commits the pending proposals; does nothing when there are none. */
  async commitPending(room: string): Promise<void> {
    await this.context.commitPendingProposals(this.#room(room));
  }

  /** Joins by external commit, also in place of an own old leaf. `groupInfo` is an MLSMessage. Returns the room. */
  async joinExternal(groupInfo: Bytes): Promise<string> {
    const info = new this.library.GroupInfo(groupInfoBody(groupInfo));
    return uuidText((await this.context.joinByExternalCommit(info, this.credential)).copyBytes());
  }

  /** Joins by Welcome (an MLSMessage) and returns the room. */
  async joinWelcome(welcome: Bytes): Promise<string> {
    return uuidText((await this.context.processWelcomeMessage(new this.library.Welcome(welcome))).copyBytes());
  }

  async encrypt(room: string, data: Bytes): Promise<Bytes> {
    return ownBytes(await this.context.encryptMessage(this.#room(room), data));
  }

  /** Processes one message of the room's log. Throws only when the library itself fails. */
  async decrypt(room: string, message: Bytes): Promise<Outcome> {
    const current = this.#epochs.get(room) ?? (await this.context.conversationEpoch(this.#room(room)));
    this.#epochs.set(room, current);
    // core-crypto would keep it for later, and its native keystore then refuses to commit the whole transaction.
    if ((messageEpoch(message) ?? 0n) > current) return { type: "ahead" };
    if (proposesOther(message)) return { type: "refused" };
    try {
      const outcome = outcomeOf(await this.context.decryptMessage(this.#room(room), message), clientText);
      if (outcome.type === "commit") this.#epochs.delete(room);
      return outcome;
    } catch (error) {
      const outcome = outcomeOfError(this.library, error);
      if (outcome === null) throw error;
      return outcome;
    }
  }

  async epoch(room: string): Promise<number> {
    return Number(await this.context.conversationEpoch(this.#room(room)));
  }

  /** The epoch, and what proves later that this device was in just this one. */
  async state(room: string): Promise<GroupState> {
    const epoch = await this.epoch(room);
    return { epoch, check: await epochCheck(room, epoch, await this.exportSecret(room)) };
  }

  /** The members' client ids in the order of their leaves. */
  async members(room: string): Promise<string[]> {
    return (await this.context.getClientIds(this.#room(room))).map(takeText);
  }

  async leaves(room: string): Promise<Leaf[]> {
    const conversation = this.#room(room);
    const ids = await this.context.getClientIds(conversation);
    const identities = await this.context.getDeviceIdentities(conversation, ids);
    return identities.map(({ clientId, thumbprint }) => ({ client: clientId ? clientText(clientId) : "", thumbprint }));
  }

  /** 32 bytes that everyone in exactly this state of the group can derive, and nobody else (RFC 9420, section 8.5). */
  async exportSecret(room: string): Promise<Bytes> {
    return ownBytes((await this.context.exportSecretKey(this.#room(room), 32)).copyBytes());
  }

  /** The public key whose external proposals this group accepts. */
  async externalSender(room: string): Promise<Bytes> {
    return ownBytes((await this.context.getExternalSender(this.#room(room))).serialize());
  }

  #room(room: string): ConversationId {
    let id = this.#rooms.get(room);
    if (!id) {
      id = new this.library.ConversationId(uuidBytes(room));
      this.#rooms.set(room, id);
    }
    return id;
  }
}

function clientText(id: { copyBytes(): Uint8Array }): string {
  return utf8Text(id.copyBytes());
}

/** As clientText, and frees the handle: rooms have hundreds. */
function takeText(id: ClientIdHandle): string {
  const text = clientText(id);
  id.uniffiDestroy();
  return text;
}
