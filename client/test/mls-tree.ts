/** Reads members out of a GroupInfo and signs external Remove proposals, as a server does (RFC 9420). For tests. */
import { type Bytes, concat, utf8, utf8Text } from "../src/protocol/bytes.ts";
import { groupInfoBody, TlsReader } from "../src/crypto/mls-wire.ts";
import type { IdentityKey } from "../src/crypto/identity.ts";
import { webCryptoEd25519 } from "../src/crypto/ed25519.ts";

const RATCHET_TREE = 2;

/** Epoch, and client ids by leaf index (null for blank leaves). */
export function readGroupInfo(message: Bytes): { epoch: number; leaves: (string | null)[] } {
  const reader = new TlsReader(groupInfoBody(message));
  reader.skip(4);
  reader.vector(); // group_id
  const epoch = Number(reader.uint64());
  reader.vector(); // tree_hash
  reader.vector(); // confirmed_transcript_hash
  reader.vector(); // group context extensions
  const extensions = new TlsReader(reader.vector());
  while (!extensions.done) {
    const type = extensions.uint16();
    const data = extensions.vector();
    if (type === RATCHET_TREE) return { epoch, leaves: leavesOf(new TlsReader(new TlsReader(data).vector())) };
  }
  throw new RangeError("no ratchet tree");
}

function leavesOf(nodes: TlsReader): (string | null)[] {
  const leaves: (string | null)[] = [];
  for (let index = 0; !nodes.done; index += 1) {
    let client: string | null = null;
    if (nodes.uint8() === 1) {
      if (nodes.uint8() === 1) client = leafNode(nodes);
      else for (let field = 0; field < 3; field += 1) nodes.vector();
    }
    if (index % 2 === 0) leaves.push(client);
  }
  return leaves;
}

function leafNode(reader: TlsReader): string {
  reader.vector(); // encryption_key
  reader.vector(); // signature_key
  reader.skip(2); // credential type
  const client = utf8Text(reader.vector());
  for (let list = 0; list < 5; list += 1) reader.vector(); // capabilities
  const source = reader.uint8();
  if (source === 1) reader.skip(16); // lifetime
  if (source === 3) reader.vector(); // parent_hash
  reader.vector(); // extensions
  reader.vector(); // signature
  return client;
}

function number(value: number | bigint, octets: number): Bytes {
  return Uint8Array.from({ length: octets }, (_, i) => Number((BigInt(value) >> BigInt(8 * (octets - 1 - i))) & 0xffn));
}

function vector(data: Bytes): Bytes {
  const length = data.length < 64 ? Uint8Array.of(data.length) : number(data.length | 0x4000, 2);
  return concat(length, data);
}

/** An external Remove proposal as MLSMessage. */
export function externalRemove(key: IdentityKey, group: Bytes, epoch: number, leaf: number): Promise<Bytes> {
  const remove = 3;
  return externalProposal(key, group, epoch, concat(number(remove, 2), number(leaf, 4)));
}

/** An external Add proposal as MLSMessage, which no honest server makes. */
export function externalAdd(key: IdentityKey, group: Bytes, epoch: number, keyPackage: Bytes): Promise<Bytes> {
  const add = 1;
  return externalProposal(key, group, epoch, concat(number(add, 2), keyPackage));
}

async function externalProposal(key: IdentityKey, group: Bytes, epoch: number, body: Bytes): Promise<Bytes> {
  const [external, proposal] = [2, 2];
  const content = concat(
    vector(group), number(epoch, 8), number(external, 1), number(0, 4), vector(new Uint8Array()), number(proposal, 1), body,
  );
  const head = concat(number(1, 2), number(1, 2));
  const signed = concat(vector(utf8("MLS 1.0 FramedContentTBS")), vector(concat(head, content)));
  return concat(head, content, vector(await webCryptoEd25519.sign(key.seed, signed)));
}
