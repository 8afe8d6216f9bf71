/** Cards in the talk of a case as they travel (docs/protocol.md, section 11.3). Pure. */
import { type Bytes, ownBytes } from "../protocol/bytes.ts";
import { encode, rfc8949EncodeOptions } from "cborg";
import { uuidBytes } from "../protocol/ids.ts";
import { flag, Malformed, nullable, object, oneOf, text, uuidBin } from "../protocol/shape.ts";
import type { Card, HandOver, Service } from "../contract/index.ts";

export const SERVICE_TYPE = "application/vnd.kindred.service+cbor";
export const HAND_OVER_TYPE = "application/vnd.kindred.hand-over+cbor";
/** Of each text, in letters. */
export const LONGEST_LINE = 300;

const serviceBody = object({ v: oneOf(1), name: text, does: text, phone: text, web: text, place: text, hours: text });
const aboutBody = object({ to: text, what: text, why: text });
const handOverBody = object({ v: oneOf(1), referral: uuidBin, about: nullable(aboutBody), consent: nullable(flag) });

export function cardType({ kind }: Card): string {
  return kind === "service" ? SERVICE_TYPE : HAND_OVER_TYPE;
}

export function encodeCard(card: Card): Bytes {
  switch (card.kind) {
    case "service":
      return cbor({ v: 1, ...tidyService(card.service) });
    case "handOver":
      return cbor({ v: 1, referral: uuidBytes(card.referral), about: tidyAbout(card.about), consent: null });
    case "answer":
      return cbor({ v: 1, referral: uuidBytes(card.referral), about: null, consent: card.consent });
  }
}

/** Throws Malformed. */
export function readService(value: unknown): Card {
  const { name, does, phone, web, place, hours } = serviceBody(value, "service");
  const service = tidyService({ name, does, phone, web, place, hours });
  if (service.name === "") throw new Malformed("service.name");
  return { kind: "service", service };
}

/** Either what it is about or an answer. Throws Malformed. */
export function readHandOver(value: unknown): Card {
  const { referral, about, consent } = handOverBody(value, "handOver");
  if (about !== null && consent === null) return { kind: "handOver", referral, about: tidyAbout(about) };
  if (about === null && consent !== null) return { kind: "answer", referral, consent };
  throw new Malformed("handOver");
}

export function tidyService({ name, does, phone, web, place, hours }: Service): Service {
  return { name: line(name), does: line(does), phone: line(phone), web: line(web), place: line(place), hours: line(hours) };
}

export function tidyAbout({ to, what, why }: HandOver): HandOver {
  return { to: line(to), what: line(what), why: line(why) };
}

function line(words: string): string {
  return [...words.trim()].slice(0, LONGEST_LINE).join("");
}

function cbor(value: unknown): Bytes {
  return ownBytes(encode(value, rfc8949EncodeOptions));
}
