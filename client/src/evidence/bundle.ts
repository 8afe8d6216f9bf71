/** What stands in a bundle's JSON files (docs/protocol.md, section 13). An undeclared field or a wrong type is refused. */
import { LATEST } from "../crypto/attestation.ts";
import { type Bytes, utf8 } from "../protocol/bytes.ts";
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

/** An entry of the audit log about the case, with the digest before it, so that it verifies alone. */
const custodyFields = {
  seq: count, at: time, actor: words, action: words, subject: words, detail: words, previous: words, digest: words,
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

/**
 * One message. `who` labels its sender, the same for the same sender throughout; `content` is the MIMI content
 * (base64url), `text` what it says. `pictures` has one item for each attachment: the name of the picture's file, or null when
 * it was not to be had. Of a message that is withheld only the attestation is left, and `withheld` says why.
 */
export type Message = ReturnType<typeof message>;
export type Custody = ReturnType<typeof custodyEntry>;
export type Bundle = ReturnType<typeof bundle>;

function texts(value: unknown, name: string): Map<string, string> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Malformed(name);
  return new Map(Object.entries(value).map(([key, one]) => [words(key, name), words(one, name)]));
}

/** A JSON file as a bundle holds it: no spaces, fields in the order given here. */
export function jsonFile(value: unknown): Bytes {
  return utf8(JSON.stringify(value));
}
