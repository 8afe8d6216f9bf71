/** Invite links, and links that prove who one is: everything stands in the fragment, which browsers never send (docs/protocol.md, section 3). */
import { decode, encode } from "@msgpack/msgpack";
import { base64url, type Bytes, concat, fromBase64url } from "./bytes.ts";
import { uuidBytes, uuidText } from "./ids.ts";
import { binOf, count, nullable, object, text, uuidBin } from "./shape.ts";

/** Who invites, as the link says it: a first contact to pin. */
export interface Inviter {
  account: string;
  identityKey: Bytes;
}

export type InviteLink =
  | { kind: "network"; secret: Bytes; name: string | null; inviter: Inviter | null }
  | RoomInviteLink;

/** Its bounds are signed by its inviter (section 3.4). */
export interface RoomInviteLink {
  kind: "room";
  secret: Bytes;
  room: string;
  name: string | null;
  inviter: Inviter;
  uses: number;
  /** Milliseconds since 1970 UTC. */
  expires: number;
  terms: Bytes;
}

const who = { a: nullable(uuidBin), k: nullable(binOf(32)) };
const networkMap = object({ n: nullable(text), ...who });
const roomMap = object({ r: uuidBin, n: nullable(text), a: uuidBin, k: binOf(32), u: count, e: count, s: binOf(64) });

/** Null when the fragment is no invite. A leading '#' is allowed, and so is white space around it. */
export function parseLink(fragment: string): InviteLink | null {
  const [kind, secretText, mapText, ...rest] = fragment.trim().replace(/^.*#/s, "").split(".");
  if (!secretText || rest.length > 0) return null;
  try {
    const secret = binOf(16)(fromBase64url(secretText), "secret");
    if (kind === "i") {
      const { n, a, k } = networkMap(mapText ? decode(fromBase64url(mapText)) : {}, "link");
      return { kind: "network", secret, name: n, inviter: a && k ? { account: a, identityKey: k } : null };
    }
    if (kind === "r" && mapText) {
      const { r, n, a, k, u, e, s } = roomMap(decode(fromBase64url(mapText)), "link");
      return { kind: "room", secret, room: r, name: n, inviter: { account: a, identityKey: k }, uses: u, expires: e, terms: s };
    }
  } catch {
    // Whatever is wrong with it, it is a link that leads nowhere.
  }
  return null;
}

export function formatLink(origin: string, link: InviteLink): string {
  const map: Record<string, unknown> = link.kind === "room" ? { r: uuidBytes(link.room), u: link.uses, e: link.expires, s: link.terms } : {};
  if (link.name !== null) map["n"] = link.name;
  if (link.inviter) {
    map["a"] = uuidBytes(link.inviter.account);
    map["k"] = link.inviter.identityKey;
  }
  const letter = link.kind === "room" ? "r" : "i";
  return `${origin}/#${letter}.${base64url(link.secret)}.${base64url(encode(map))}`;
}

/** What one person's screen shows another: their own identity key, and the one they remember of the other. */
export interface Proof {
  shown: Inviter;
  seen: Inviter;
}

const PROOF_PART = 16 + 32;

export function formatProof(origin: string, { shown, seen }: Proof): string {
  return `${origin}/#v.${base64url(concat(...[shown, seen].flatMap(({ account, identityKey }) => [uuidBytes(account), identityKey])))}`;
}

/** Null when the fragment is no such link. */
export function parseProof(fragment: string): Proof | null {
  const [kind, body, ...rest] = fragment.trim().replace(/^.*#/s, "").split(".");
  if (kind !== "v" || !body || rest.length > 0) return null;
  try {
    const data = binOf(2 * PROOF_PART)(fromBase64url(body), "proof");
    const part = (from: number): Inviter => ({ account: uuidText(data.slice(from, from + 16)), identityKey: data.slice(from + 16, from + PROOF_PART) });
    return { shown: part(0), seen: part(PROOF_PART) };
  } catch {
    return null;
  }
}
