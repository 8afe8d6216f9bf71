/** Hands an account from an old device to a new one through the server's relay, which sees sealed bytes (section 2.2). */
import { linkOffer, linkTaken, nothing } from "../../protocol/api.ts";
import { base64url, type Bytes, randomBytes, sha256 } from "../../protocol/bytes.ts";
import { isRefusal } from "../../protocol/errors.ts";
import type { Receiving } from "../../crypto/handing.ts";
import { checkNumber, codeFragment, linkOf, makeOffer, openOffer, readCode, typedCode } from "../../crypto/link-code.ts";
import { sleep } from "../../transport/backoff.ts";
import type { Http } from "../../transport/http.ts";
import { Failure, type LinkCode } from "../../contract/index.ts";

const EXPIRES_MS = 10 * 60_000;
const LOOK_MS = 2_000;
const PART_BYTES = 512 * 1024;
const PAD = 64 * 1024;
const LENGTH_BYTES = 4;
/** What 32 parts hold, padded, less what sealing adds. */
export const MOST_BYTES = 32 * (PART_BYTES - 64) - PAD;

const handing = () => import("../../crypto/handing.ts");

/** The new device's side: an offer, and what comes for it. */
export class Awaiting {
  private constructor(
    private readonly http: Http,
    private readonly receiving: Receiving,
    private readonly code: Bytes,
    private readonly path: string,
    private readonly key: Bytes,
    readonly shown: LinkCode,
  ) {}

  /** Throws Refusal. */
  static async offer(http: Http, origin: string): Promise<Awaiting> {
    const receiving = await (await handing()).receiving();
    const { code, link, sealed } = await makeOffer(receiving.publicKey);
    const key = randomBytes(32);
    const path = `/links/${base64url(link)}`;
    await http.put(path, { offer: sealed, take_hash: await sha256(key) }, nothing);
    return new Awaiting(http, receiving, code, path, key, {
      address: `${origin}/${codeFragment(code)}`, typed: typedCode(code), number: await checkNumber(code), expiresAt: Date.now() + EXPIRES_MS,
    });
  }

  /** Waits for the old device. Throws Failure (`expired`, `cancelled`) and Refusal. */
  async receive(signal: AbortSignal): Promise<Bytes> {
    const parts: Bytes[] = [];
    for (;;) {
      const { parts: count, sealed } = await this.#take(parts.length, signal);
      if (sealed) parts.push(sealed);
      if (count === null) await sleep(LOOK_MS, signal);
      else if (!sealed) return unpadded(await this.receiving.open(this.code, parts));
    }
  }

  /** One part, or how things stand. A network that is away for a while is waited for. */
  async #take(part: number, signal: AbortSignal) {
    for (;;) {
      if (signal.aborted) throw new Failure("cancelled");
      if (Date.now() > this.shown.expiresAt) throw new Failure("expired");
      try {
        return await this.http.post(`${this.path}/take`, { key: this.key, part }, linkTaken);
      } catch (error) {
        if (isRefusal(error, "not_found")) throw new Failure("expired");
        if (!isRefusal(error, "unreachable", "unavailable", "rate_limited")) throw error;
        await sleep(error.detail.retryAfterMs ?? LOOK_MS, signal);
      }
    }
  }
}

/** Its length, itself, and zeros, so that how long the parts are says little. */
function padded(data: Bytes): Bytes {
  const whole = new Uint8Array(Math.ceil((LENGTH_BYTES + data.length) / PAD) * PAD);
  new DataView(whole.buffer).setUint32(0, data.length);
  whole.set(data, LENGTH_BYTES);
  return whole;
}

function unpadded(whole: Bytes): Bytes {
  const length = new DataView(whole.buffer, whole.byteOffset).getUint32(0);
  return whole.slice(LENGTH_BYTES, LENGTH_BYTES + length);
}

/** What an old device knows of the new one. */
export interface Found {
  code: Bytes;
  path: string;
  publicKey: Bytes;
  number: string;
}

/** Throws Failure `not_found` for a code that leads nowhere, and Refusal. */
export async function findOffer(http: Http, typed: string): Promise<Found> {
  const code = readCode(typed);
  if (!code) throw new Failure("not_found");
  const path = `/links/${base64url(await linkOf(code))}`;
  const { offer } = await http.get(path, linkOffer);
  const publicKey = await openOffer(code, offer);
  if (!publicKey) throw new Failure("not_found");
  return { code, path, publicKey, number: await checkNumber(code) };
}

/** Seals and sends. A part whose answer was lost is sent again. Throws Refusal. */
export async function sendTo(http: Http, { code, path, publicKey }: Found, data: Bytes): Promise<void> {
  const parts = await (await handing()).sealFor(publicKey, code, padded(data), PART_BYTES);
  for (const [part, sealed] of parts.entries()) {
    for (let tries = 1; ; tries += 1) {
      try {
        await http.post(`${path}/answer`, { part, parts: parts.length, sealed }, nothing);
        break;
      } catch (error) {
        if (!isRefusal(error, "unreachable", "unavailable", "rate_limited") || tries >= 5) throw error;
        await sleep(error.detail.retryAfterMs ?? LOOK_MS);
      }
    }
  }
}
