/** What stands in a bundle's JSON files (docs/protocol.md, section 13). An undeclared field or a wrong type is refused. */
import { LATEST } from "../crypto/attestation.ts";
import { type Bytes, equal, utf8 } from "../protocol/bytes.ts";
import { count, list, Malformed, nullable, object, oneOf, type Reader, type Shape, text } from "../protocol/shape.ts";

export const FORMAT = "kindred-evidence/1";
export const SEAL = "kindred-export+jwt";
export const BUNDLE = "bundle.json";
export const PAGE = "index.html";
export const KEYS = "keys.json";
export const MANIFEST = "manifest.json";
export const SEALED = "seal.jwt";
/** Every bundle has these files; beside them stand pictures. */
export const NAMES = [BUNDLE, PAGE, KEYS, MANIFEST, SEALED] as const;

/** Why a message may be withheld, and how the page says so. Nobody has to take a maker's own words for the server's. */
export const REASONS = {
  uninvolved: "By someone who has nothing to do with the case.",
  left_out: "Left out by the moderator who made this.",
} as const;
export type Reason = keyof typeof REASONS;

export function isReason(text: string): text is Reason {
  return Object.hasOwn(REASONS, text);
}

/** How the page calls the sender that appears as the `number`th (from 0): Person A to Person Z, then Person AA. */
export function label(number: number): string {
  let letters = "";
  for (let left = number + 1; left > 0; left = Math.floor((left - 1) / 26)) letters = String.fromCharCode(65 + ((left - 1) % 26)) + letters;
  return `Person ${letters}`;
}

function closed<T>(shape: Shape<T>): Reader<T> {
  const read = object(shape);
  const names = Object.keys(shape);
  return (value, name) => {
    const found = read(value, name);
    const given = Object.keys(value as object);
    if (given.length !== names.length || !names.every((one) => given.includes(one))) throw new Malformed(name);
    return found;
  };
}

/** Text that can be written as UTF-8. */
const words: Reader<string> = (value, name) => {
  const found = text(value, name);
  if (/\p{Surrogate}/u.test(found)) throw new Malformed(name);
  return found;
};

const time: Reader<number> = (value, name) => {
  const found = count(value, name);
  if (found > LATEST) throw new Malformed(name);
  return found;
};

const message = closed({
  attestation: words, who: nullable(words), content: nullable(words), text: nullable(words), withheld: nullable(words),
  pictures: list(nullable(words)),
});

/** An entry of the audit log about the case, with the digest before it, so that it verifies alone, and those of attestations. */
const custodyFields = {
  seq: count, at: time, actor: words, action: words, subject: words, detail: words, attested: list(words), previous: words, digest: words,
  key_id: words, signature: words,
};

const custodyEntry = closed(custodyFields);

/** The same, as `GET /cases/{case}/custody` gives it; a newer server may add fields. */
export const custodyAnswer = object(custodyFields);

export const bundle = closed({
  format: oneOf(FORMAT), domain: words, network: words, case: words, made_at: time, made_by: words,
  handed_over: nullable(words), messages: list(message), custody: list(custodyEntry),
});

export const manifest = closed({ format: oneOf(FORMAT), files: texts });

/** 32 bytes in base64url. */
const digest: Reader<string> = (value, name) => {
  const found = text(value, name);
  if (!/^[A-Za-z0-9_-]{43}$/u.test(found)) throw new Malformed(name);
  return found;
};

/** A signing key as it is published; of a retired one also `exp` and `seals` (crypto/signed.ts). */
interface Jwk {
  kty: "OKP";
  crv: "Ed25519";
  alg: "EdDSA";
  use: "sig";
  kid: string;
  x: string;
  nbf: number;
  exp?: number;
  seals?: string[];
}

const IN_USE = { kty: oneOf("OKP"), crv: oneOf("Ed25519"), alg: oneOf("EdDSA"), use: oneOf("sig"), kid: digest, x: digest, nbf: count };

function jwkBy(by: typeof closed): Reader<Jwk> {
  const [current, retired] = [by(IN_USE), by({ ...IN_USE, exp: count, seals: list(digest) })];
  return (value, name) => (typeof value === "object" && value !== null && "exp" in value ? retired : current)(value, name);
}

/** The server's published keys, and of a newer server what this one knows. */
export const keySet = closed({ keys: list(jwkBy(closed)), domain: words });
export const keySetAnswer = object({ keys: list(jwkBy(object)), domain: words });

/**
 * One message. `who` is the `label` of its sender, by the order in which senders appear; `content` is the MIMI content
 * (base64url), `text` what it says. `pictures` has one item for each attachment: the name of the picture's file, or null when
 * it was not to be had. Of a message that is withheld only the attestation is left, and `withheld` is one of REASONS.
 */
export type Message = ReturnType<typeof message>;
export type Custody = ReturnType<typeof custodyEntry>;
export type Bundle = ReturnType<typeof bundle>;

function texts(value: unknown, name: string): Map<string, string> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Malformed(name);
  return new Map(Object.entries(value).map(([key, one]) => [words(key, name), words(one, name)]));
}

/** What JSON of a bundle says, in its one spelling: nothing else is written between the lines. Throws Malformed. */
export function exactly<T>(data: Bytes, read: Reader<T>): T {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data));
  } catch {
    throw new Malformed("file");
  }
  const found = read(value, "file");
  if (!equal(jsonFile(found), data)) throw new Malformed("file");
  return found;
}

/** A JSON file as a bundle holds it: no spaces, fields in the order given here. */
export function jsonFile(value: unknown): Bytes {
  return utf8(JSON.stringify(value, (_, one: unknown) => (one instanceof Map ? Object.fromEntries(one) : one)));
}
