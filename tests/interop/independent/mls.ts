/** MLS (RFC 9420) by ts-mls, with what the protocol asks of it: public handshakes, and a certificate behind every leaf. */
import {
  acceptAll, createApplicationMessage, createCommit, createGroup, decodeMlsMessage, emptyPskIndex, encodeMlsMessage, joinGroup, joinGroupExternal, mlsExporter, processMessage,
  type AuthenticationService, type ClientConfig, type ClientState, type Credential, type KeyPackage, type MLSMessage, type PrivateKeyPackage,
  type PrivateMessage, type Proposal, type PublicMessage,
} from "ts-mls";
import { defaultClientConfig } from "ts-mls/clientConfig.js";
import { processProposal } from "ts-mls/clientState.js";
import { verifyFramedContentSignature } from "ts-mls/framedContent.js";
import { decryptSenderData } from "ts-mls/privateMessage.js";
import { bytes, clientId, readClientId, same, toHex, type Bytes, type Client } from "./encodings.ts";
import { externalSenderKey, externalSenders, groupInfoOf, suite } from "./extensions.ts";

/** Whether this client id may have this MLS signature key. */
export type Trust = (client: Client, signatureKey: Bytes) => Promise<boolean>;

export interface Seat extends Client {
  leaf: number;
  signatureKey: Bytes;
}

/** A commit that the server has not taken yet, and the group as it is when it has. */
export interface Prepared {
  epoch: number;
  commit: Bytes;
  groupInfo: Bytes;
  welcome: Bytes | null;
  next: ClientState;
}

export interface Keys {
  publicPackage: KeyPackage;
  privatePackage: PrivateKeyPackage;
}

export type Processed = { kind: "application"; sender: Seat; data: Bytes } | { kind: "commit"; removed: boolean } | { kind: "proposal" };

/** Decodes an MLSMessage of one wire format. */
export function open<W extends MLSMessage["wireformat"]>(message: Uint8Array, wireformat: W): MLSMessage & { wireformat: W } {
  const [decoded, length] = decodeMlsMessage(message, 0) ?? [];
  if (decoded?.wireformat !== wireformat || length !== message.length) throw new Error(`Not a ${wireformat}: ${toHex(message.subarray(0, 8))}`);
  return decoded as MLSMessage & { wireformat: W };
}

export function closed(message: MLSMessage): Bytes {
  return bytes(encodeMlsMessage(message));
}

export function credential(client: Client): Credential {
  return { credentialType: "basic", identity: clientId(client) };
}

function config(trust: Trust): ClientConfig {
  const authService: AuthenticationService = {
    validateCredential: async (shown, signatureKey) => shown.credentialType === "basic" && trust(readClientId(shown.identity), bytes(signatureKey)),
  };
  return { ...defaultClientConfig, authService };
}

/** One device's place in one room's MLS group. */
export class Group {
  constructor(
    /** What ts-mls knows; a forger changes it, others have no business with it. */
    public state: ClientState,
    private readonly externalSender: Bytes,
  ) {
    if (!same(externalSenderKey(state.groupContext.extensions), externalSender)) throw new Error("The group's external sender is not the server");
  }

  static async create(groupId: Bytes, keys: Keys, externalSender: Bytes, senderName: string, trust: Trust): Promise<Group> {
    const state = await createGroup(groupId, keys.publicPackage, keys.privatePackage, [], suite, config(trust));
    const groupContext = { ...state.groupContext, extensions: [externalSenders(externalSender, senderName)] };
    return new Group({ ...state, groupContext }, externalSender);
  }

  static async byWelcome(welcome: Bytes, keys: Keys, externalSender: Bytes, trust: Trust): Promise<Group> {
    const opened = open(welcome, "mls_welcome").welcome;
    return new Group(await joinGroup(opened, keys.publicPackage, keys.privatePackage, emptyPskIndex, suite, undefined, undefined, config(trust)), externalSender);
  }

  /** `again` removes the leaf that this device has already. */
  static async byExternalCommit(groupInfo: Bytes, keys: Keys, again: boolean, trust: Trust): Promise<Prepared> {
    const opened = open(groupInfo, "mls_group_info").groupInfo;
    const { publicMessage, newState } = await joinGroupExternal(opened, keys.publicPackage, keys.privatePackage, again, suite, undefined, config(trust));
    const commit = closed({ version: "mls10", wireformat: "mls_public_message", publicMessage });
    return { epoch: Number(opened.groupContext.epoch), commit, groupInfo: await groupInfoOf(newState), welcome: null, next: newState };
  }

  /** The same group, with whoever comes into it from now on checked by `trust`. */
  trusting(trust: Trust): Group {
    this.state = { ...this.state, clientConfig: config(trust) };
    return this;
  }

  get epoch(): number {
    return Number(this.state.groupContext.epoch);
  }

  /** 32 bytes that everyone in this state of the group can derive. */
  exported(): Promise<Uint8Array> {
    return mlsExporter(this.state.keySchedule.exporterSecret, "exporter", new Uint8Array(), 32, suite);
  }

  get removed(): boolean {
    return this.state.groupActiveState.kind === "removedFromGroup";
  }

  /** While there are some, MLS lets nobody send an application message. */
  get pendingProposals(): number {
    return Object.keys(this.state.unappliedProposals).length;
  }

  get ownLeaf(): number {
    return this.state.privatePath.leafIndex;
  }

  seats(tree = this.state.ratchetTree): Seat[] {
    return tree.flatMap((node, index) =>
      node?.nodeType === "leaf" && node.leaf.credential.credentialType === "basic"
        ? [{ ...readClientId(node.leaf.credential.identity), leaf: index / 2, signatureKey: bytes(node.leaf.signaturePublicKey) }]
        : [],
    );
  }

  async encrypt(data: Bytes): Promise<Bytes> {
    const { newState, privateMessage } = await createApplicationMessage(this.state, data, suite);
    this.state = newState;
    return closed({ version: "mls10", wireformat: "mls_private_message", privateMessage });
  }

  async process(message: Bytes): Promise<Processed> {
    const decoded = decodeMlsMessage(message, 0)?.[0];
    if (decoded?.wireformat === "mls_private_message") return this.decrypt(decoded.privateMessage);
    if (decoded?.wireformat !== "mls_public_message") throw new Error("Neither a public nor a private message");
    const { content } = decoded.publicMessage;
    if (content.sender.senderType === "external") return this.proposedByServer(decoded.publicMessage);
    const result = await processMessage(decoded, this.state, emptyPskIndex, acceptAll, suite);
    this.state = result.newState;
    return content.contentType === "commit" ? { kind: "commit", removed: this.removed } : { kind: "proposal" };
  }

  /** A commit of these proposals and of everything that is pending; empty, it renews this device's keys. */
  async prepare(proposals: readonly Proposal[] = []): Promise<Prepared> {
    const options = { wireAsPublicMessage: true, extraProposals: [...proposals], ratchetTreeExtension: true };
    const { newState, commit, welcome } = await createCommit({ state: this.state, cipherSuite: suite }, options);
    return {
      epoch: this.epoch,
      commit: closed(commit),
      groupInfo: await groupInfoOf(newState),
      welcome: welcome === undefined ? null : closed({ version: "mls10", wireformat: "mls_welcome", welcome }),
      next: newState,
    };
  }

  adopt({ next }: Prepared): void {
    this.state = next;
  }

  private async decrypt(message: PrivateMessage): Promise<Processed> {
    const then = this.state.historicalReceiverData.get(message.epoch);
    const [secret, tree] = then ? [then.senderDataSecret, then.ratchetTree] : [this.state.keySchedule.senderDataSecret, this.state.ratchetTree];
    const senderData = await decryptSenderData(message, secret, suite);
    const result = await processMessage({ wireformat: "mls_private_message", privateMessage: message }, this.state, emptyPskIndex, acceptAll, suite);
    this.state = result.newState;
    const sender = this.seats(tree).find(({ leaf }) => leaf === senderData?.leafIndex);
    if (result.kind !== "applicationMessage" || sender === undefined) throw new Error("A private message that is no application message");
    return { kind: "application", sender, data: bytes(result.message) };
  }

  /** ts-mls would look for the key at the wrong place (extensions.ts says how), so the signature is verified here. */
  private async proposedByServer({ content, auth }: PublicMessage): Promise<Processed> {
    const { groupContext } = this.state;
    const fits = content.epoch === groupContext.epoch && same(content.groupId, groupContext.groupId);
    const fromServer = content.sender.senderType === "external" && content.sender.senderIndex === 0;
    if (!fits || !fromServer || content.contentType !== "proposal" || content.proposal.proposalType !== "remove") throw new Error("A server may only propose to remove");
    if (!(await verifyFramedContentSignature(this.externalSender, "mls_public_message", content, auth, groupContext, suite.signature))) {
      throw new Error("A proposal that the server did not sign");
    }
    this.state = await processProposal(this.state, { wireformat: "mls_public_message", content, auth }, content.proposal, suite.hash);
    return { kind: "proposal" };
  }
}
