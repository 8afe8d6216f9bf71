/**
 * The server's signed statement about one message (docs/protocol.md, section 11): an SD-JWT (RFC 9901) whose sender,
 * room and tag can be withheld without breaking it.
 */
import { base64url, type Bytes, sha256, utf8, utf8Text } from "../protocol/bytes.ts";
import { bytesOf, type Claims, type Keys, NotVerified, verifiedClaims } from "./signed.ts";

const KIND = "kindred-attestation+sd-jwt";
const WITHHOLDABLE: readonly unknown[] = ["sender", "room", "tag"];
const RESERVED: readonly string[] = ["_sd", "_sd_alg", "..."];

/** The end of the year 9999 in ms since 1970 UTC, the last that can be written as a date. */
export const LATEST = 253_402_300_799_999;

/**
 * `time` in milliseconds; `sender` and `room` are URIs, `tag` base64url; null where that was withheld. `mark` (base64url) is
 * the same for the same message in one case; null in attestations from before there were marks.
 */
export interface Attested {
  case: string;
  seq: number;
  time: number;
  sender: string | null;
  room: string | null;
  tag: string | null;
  mark: string | null;
}

/** What an attestation says. Throws NotVerified when none of `keys` signed it or it has not the form. */
export async function readAttestation(token: string, keys: Keys): Promise<Attested> {
  const said = await disclosed(token, keys);
  for (const name of ["case", "seq", "time"]) if (!(name in said)) throw new NotVerified(`it says no ${name}`);
  return {
    case: String(said["case"]),
    seq: whole(said["seq"], Number.MAX_SAFE_INTEGER), time: whole(said["time"], LATEST),
    sender: textOrNull(said["sender"]), room: textOrNull(said["room"]), tag: textOrNull(said["tag"]), mark: textOrNull(said["mark"]),
  };
}

/** SHA-256 of what the server signed, the same whatever is withheld. */
export function attestationDigest(token: string): Promise<Bytes> {
  return sha256(utf8(token.split("~")[0] ?? ""));
}

/** The attestation without sender, room and tag: that there was a message at this place and time, its mark, and no more. */
export function withhold(token: string): string {
  const [signed = "", ...disclosures] = split(token);
  return [signed, ...disclosures.filter((text) => !WITHHOLDABLE.includes(parse(text)[0])), ""].join("~");
}

async function disclosed(token: string, keys: Keys): Promise<Claims> {
  const [signed = "", ...disclosures] = split(token);
  const { _sd: digests = [], _sd_alg: algorithm, ...open } = await verifiedClaims(signed, KIND, keys);
  if (algorithm !== "sha-256" || !Array.isArray(digests)) throw new NotVerified("it is no statement with disclosures");
  const found = new Map(Object.entries(open));
  for (const text of disclosures) {
    const [name, value] = parse(text);
    if (!digests.includes(base64url(await sha256(utf8(text)))) || found.has(name) || RESERVED.includes(name)) {
      throw new NotVerified("a disclosed part does not belong to it");
    }
    found.set(name, value);
  }
  return Object.fromEntries(found);
}

function split(token: string): string[] {
  const parts = token.split("~");
  if (parts.length < 2 || parts.at(-1) !== "") throw new NotVerified("it is no statement with disclosures");
  return parts.slice(0, -1);
}

function parse(disclosure: string): [name: string, value: unknown] {
  const unreadable = "a disclosed part cannot be read";
  const bytes: Bytes = bytesOf(disclosure, unreadable);
  let items: unknown;
  try {
    items = JSON.parse(utf8Text(bytes));
  } catch {
    throw new NotVerified(unreadable);
  }
  if (!Array.isArray(items) || items.length !== 3 || typeof items[1] !== "string") throw new NotVerified(unreadable);
  return [items[1], items[2]];
}

function whole(value: unknown, most: number): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0 || value > most) throw new NotVerified("it has not the form");
  return value;
}

function textOrNull(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== "string") throw new NotVerified("it has not the form");
  return value;
}
