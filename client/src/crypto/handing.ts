/**
 * Seals what an old device hands to a new one: HPKE (RFC 9180) to the key that the code commits to, in parts, so that no
 * part can be left out, moved or repeated. A module of its own, loaded only when a device is linked.
 */
import { Aes256Gcm, CipherSuite, HkdfSha256 } from "@hpke/core";
import { DhkemX25519HkdfSha256 } from "@hpke/dhkem-x25519";
import { type Bytes, concat, ownBytes, utf8 } from "../protocol/bytes.ts";

/** Of the encapsulated key, which stands before the first part. */
const ENC_BYTES = 32;
const TAG_BYTES = 16;

export interface Receiving {
  publicKey: Bytes;
  /** Opens part after part. Throws NotForUs. */
  open(code: Bytes, parts: readonly Bytes[]): Promise<Bytes>;
}

/** What came was not sealed for this key and code. */
export class NotForUs extends Error {
  constructor() {
    super("sealed for someone else");
    this.name = "NotForUs";
  }
}

const suite = () => new CipherSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() });

const info = (code: Bytes): Bytes => concat(utf8("Kindred link answer v1"), Uint8Array.of(0), code);
const place = (part: number, parts: number): Bytes => Uint8Array.of(part, parts);

/** A key pair for one transfer. */
export async function receiving(): Promise<Receiving> {
  const hpke = suite();
  const pair = await hpke.kem.generateKeyPair();
  return {
    publicKey: ownBytes(new Uint8Array(await hpke.kem.serializePublicKey(pair.publicKey))),
    async open(code, parts) {
      try {
        const [first = new Uint8Array()] = parts;
        const context = await hpke.createRecipientContext({ recipientKey: pair.privateKey, enc: first.slice(0, ENC_BYTES), info: info(code) });
        const opened: Uint8Array[] = [];
        for (const [index, part] of parts.entries()) {
          const sealed = index === 0 ? part.slice(ENC_BYTES) : part;
          opened.push(new Uint8Array(await context.open(sealed, place(index, parts.length))));
        }
        return concat(...opened);
      } catch {
        // The library has many names for it.
        throw new NotForUs();
      }
    },
  };
}

/** Seals `data` in parts of at most `partBytes`. */
export async function sealFor(publicKey: Bytes, code: Bytes, data: Bytes, partBytes: number): Promise<Bytes[]> {
  const hpke = suite();
  const recipientPublicKey = await hpke.kem.deserializePublicKey(publicKey);
  const context = await hpke.createSenderContext({ recipientPublicKey, info: info(code) });
  const room = partBytes - ENC_BYTES - TAG_BYTES;
  const parts = Math.max(1, Math.ceil(data.length / room));
  const sealed: Bytes[] = [];
  for (let index = 0; index < parts; index += 1) {
    const box = new Uint8Array(await context.seal(data.slice(index * room, (index + 1) * room), place(index, parts)));
    sealed.push(index === 0 ? concat(new Uint8Array(context.enc), box) : box);
  }
  return sealed;
}
