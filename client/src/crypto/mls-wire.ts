/** What has to be read from MLS structures (RFC 9420) before core-crypto is asked to act on them. */
import { type Bytes, equal, utf8Text } from "../protocol/bytes.ts";

export interface KeyPackageIdentity {
  suite: number;
  signatureKey: Bytes;
  /** The basic credential's identity: a client id. */
  clientId: string;
}

const BASIC_CREDENTIAL = 1;

/** Throws RangeError or TypeError when the bytes are not a KeyPackage with a basic credential. */
export function keyPackageIdentity(keyPackage: Uint8Array): KeyPackageIdentity {
  const reader = new TlsReader(keyPackage);
  reader.skip(2); // version
  const suite = reader.uint16();
  reader.vector(); // init_key
  reader.vector(); // leaf_node.encryption_key
  const signatureKey = reader.vector();
  if (reader.uint16() !== BASIC_CREDENTIAL) throw new RangeError("not a basic credential");
  return { suite, signatureKey, clientId: utf8Text(reader.vector()) };
}

const PUBLIC_MESSAGE = 1;
const PRIVATE_MESSAGE = 2;

/** The epoch that an MLSMessage with a PublicMessage or PrivateMessage names; null when it is neither. */
export function messageEpoch(message: Uint8Array): bigint | null {
  try {
    const reader = new TlsReader(message);
    reader.skip(2); // version
    const format = reader.uint16();
    if (format !== PUBLIC_MESSAGE && format !== PRIVATE_MESSAGE) return null;
    reader.vector(); // group_id
    return reader.uint64();
  } catch {
    return null;
  }
}

const MEMBER = 1;
const NEW_MEMBER_COMMIT = 4;

/** True for an MLSMessage with a PublicMessage by which somebody joins by themselves, or again. */
export function isExternalCommit(message: Uint8Array): boolean {
  try {
    const reader = new TlsReader(message);
    reader.skip(2); // version
    if (reader.uint16() !== PUBLIC_MESSAGE) return false;
    reader.vector(); // group_id
    reader.uint64(); // epoch
    return reader.uint8() === NEW_MEMBER_COMMIT;
  } catch {
    return false;
  }
}

const EXTERNAL_SENDER = 2;
const PROPOSAL = 2;
const REMOVE = 3;

/**
 * True for an MLSMessage that proposes anything but what the server may: to take a device out. Whoever commits carries out
 * what was proposed, so that a proposal to add somebody would bring them in by another's hand.
 */
export function proposesOther(message: Uint8Array): boolean {
  try {
    const reader = new TlsReader(message);
    reader.skip(2); // version
    const format = reader.uint16();
    if (format !== PUBLIC_MESSAGE && format !== PRIVATE_MESSAGE) return false;
    reader.vector(); // group_id
    reader.uint64(); // epoch
    if (format === PRIVATE_MESSAGE) return reader.uint8() === PROPOSAL;
    const sender = reader.uint8();
    if (sender === MEMBER || sender === EXTERNAL_SENDER) reader.skip(4); // leaf or sender index
    reader.vector(); // authenticated_data
    return reader.uint8() === PROPOSAL && !(sender === EXTERNAL_SENDER && reader.uint16() === REMOVE);
  } catch {
    return false;
  }
}

const HEADER_LENGTH = 4;
const MLS_GROUP_INFO = Uint8Array.of(0, 1, 0, 4);

/** The GroupInfo inside an MLSMessage. Throws RangeError when it holds something else. */
export function groupInfoBody(message: Bytes): Bytes {
  if (!equal(message.subarray(0, HEADER_LENGTH), MLS_GROUP_INFO)) throw new RangeError("not a GroupInfo");
  return message.slice(HEADER_LENGTH);
}

/** The group and epoch that a GroupInfo (as MLSMessage) names; the id has 16 bytes for a room. Throws RangeError. */
export function groupInfoGroup(message: Bytes): { id: Bytes; epoch: number } {
  const reader = new TlsReader(groupInfoBody(message));
  reader.skip(4); // group_context.version and cipher_suite
  return { id: reader.vector(), epoch: Number(reader.uint64()) };
}

/** TLS presentation language with MLS's variable-size vector lengths (RFC 9420 section 2.1.2). */
export class TlsReader {
  readonly #view: DataView;
  #offset = 0;

  constructor(private readonly data: Uint8Array) {
    this.#view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  }

  get done(): boolean {
    return this.#offset >= this.data.length;
  }

  skip(length: number): void {
    if (this.#offset + length > this.data.length) throw new RangeError("cut off");
    this.#offset += length;
  }

  uint8(): number {
    const value = this.#view.getUint8(this.#offset);
    this.#offset += 1;
    return value;
  }

  uint16(): number {
    const value = this.#view.getUint16(this.#offset);
    this.#offset += 2;
    return value;
  }

  uint64(): bigint {
    const value = this.#view.getBigUint64(this.#offset);
    this.#offset += 8;
    return value;
  }

  vector(): Bytes {
    const length = this.#length();
    const start = this.#offset;
    this.skip(length);
    return this.data.slice(start, start + length) as Bytes;
  }

  #length(): number {
    const first = this.uint8();
    const size = first >> 6;
    if (size === 3) throw new RangeError("vector length");
    let length = first & 0x3f;
    for (let i = 1; i < 1 << size; i += 1) length = length * 256 + this.uint8();
    return length;
  }
}
