/**
 * Two extensions that ts-mls 1.6 reads and writes otherwise than RFC 9420: both hold a vector, and ts-mls leaves out the vector's length.
 * Everything else about them, and all cryptography, is ts-mls's own.
 */
import {
  decodeExternalSender, encodeExternalSender, encodeMlsMessage, getCiphersuiteFromName, getCiphersuiteImpl,
  type CiphersuiteImpl, type ClientState, type Extension,
} from "ts-mls";
import { createGroupInfoWithRatchetTree } from "ts-mls/createCommit.js";
import { bytes, concat, type Bytes } from "./encodings.ts";

const keyLength = 32;
const plain = await getCiphersuiteImpl(getCiphersuiteFromName("MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519"));

/** `ExternalPub.external_pub` (section 12.4.3.2) is `opaque<V>`: ts-mls hands the extension to `importPublicKey` as it stands. */
export const suite: CiphersuiteImpl = {
  ...plain,
  hpke: { ...plain.hpke, importPublicKey: (key) => plain.hpke.importPublicKey(key.length === keyLength + 1 && key[0] === keyLength ? key.subarray(1) : key) },
};

/** The list of one external sender (section 12.1.8.1). */
export function externalSenders(signatureKey: Uint8Array, name: string): Extension {
  const sender = encodeExternalSender({ signaturePublicKey: signatureKey, credential: { credentialType: "basic", identity: Buffer.from(name) } });
  return { extensionType: "external_senders", extensionData: vector(sender) };
}

/** The key of the only external sender. Throws where there is not exactly one. */
export function externalSenderKey(extensions: readonly Extension[]): Bytes {
  const [found, ...more] = extensions.filter((extension) => extension.extensionType === "external_senders");
  if (found === undefined || more.length > 0) throw new Error("Not one list of external senders");
  const start = (found.extensionData[0] ?? 0) < 64 ? 1 : 2;
  const [sender, length] = decodeExternalSender(found.extensionData, start) ?? [];
  if (sender === undefined || length !== found.extensionData.length - start) throw new Error("Not one external sender");
  return bytes(sender.signaturePublicKey);
}

/** What others need to join by external commit: an MLSMessage of a GroupInfo with the tree and the key for it. */
export async function groupInfoOf(state: ClientState): Promise<Bytes> {
  const { publicKey } = await suite.hpke.deriveKeyPair(state.keySchedule.externalSecret);
  const externalPub: Extension = { extensionType: "external_pub", extensionData: vector(await suite.hpke.exportPublicKey(publicKey)) };
  const groupInfo = await createGroupInfoWithRatchetTree(state.groupContext, state.confirmationTag, state, state.ratchetTree, [externalPub], suite);
  return bytes(encodeMlsMessage({ version: "mls10", wireformat: "mls_group_info", groupInfo }));
}

/** `opaque<V>` (section 2.1.2), up to 16,383 bytes. */
function vector(data: Uint8Array): Bytes {
  if (data.length > 16_383) throw new Error("Too long for a vector with two bytes of length");
  return concat(data.length < 64 ? Uint8Array.of(data.length) : Uint8Array.of(0x40 | (data.length >> 8), data.length & 255), data);
}
