/** Invite links, and links that prove who one is: everything stands in the fragment, which browsers never send (docs/protocol.md, section 3). */
import { decode, encode } from "@msgpack/msgpack";
import { base64url, type Bytes, concat, fromBase64url, utf8, utf8Text } from "./bytes.ts";
import { uuidBytes, uuidText } from "./ids.ts";
import { binOf, nullable, object, text, uuidBin } from "./shape.ts";

/** Who invites, as the link says it: a first contact to pin. */
export interface Inviter {
  account: string;
  identityKey: Bytes;
}

/** Into the network. */
export interface NetworkLink {
  kind: "network";
  secret: Bytes;
  name: string | null;
  inviter: Inviter | null;
  /** The network's first coordinator, from whom every other one's standing follows. */
  first?: Inviter | null;
  /** 16 bytes of an invite to look after the network: who comes by it shows with them that they did. */
  proof?: Bytes | null;
}

export type InviteLink =
  | NetworkLink
  | RoomInviteLink;

/** Its bounds, and the room that it is for, are signed by its inviter (section 3.4); which room it is the server says. */
export interface RoomInviteLink {
  kind: "room";
  secret: Bytes;
  name: string | null;
  inviter: Inviter;
  uses: number;
  /** Milliseconds since 1970 UTC, a whole number of hours. */
  expires: number;
  terms: Bytes;
}

export const HOUR_MS = 3_600_000;

const inviter = { a: nullable(uuidBin), k: nullable(binOf(32)) };
const networkMap = object({ n: nullable(text), ...inviter, c: nullable(binOf(48)), p: nullable(binOf(16)) });

/** Null when the fragment is no invite. A leading '#' is allowed, and so is white space around it. */
export function parseLink(fragment: string): InviteLink | null {
  const [kind, secretText, mapText, ...rest] = fragment.trim().replace(/^.*#/s, "").split(".");
  if (!secretText || rest.length > 0) return null;
  try {
    const secret = binOf(16)(fromBase64url(secretText), "secret");
    if (kind === "i") {
      const { n, a, k, c, p } = networkMap(mapText ? decode(fromBase64url(mapText)) : {}, "link");
      return { kind: "network", secret, name: n, inviter: a && k ? { account: a, identityKey: k } : null, first: c && who(c), proof: p };
    }
    if (kind === "r" && mapText) return { kind: "room", secret, ...roomPart(fromBase64url(mapText)) };
  } catch {
    // Whatever is wrong with it, it is a link that leads nowhere.
  }
  return null;
}

export function formatLink(origin: string, link: InviteLink): string {
  if (link.kind === "room") return `${origin}/#r.${base64url(link.secret)}.${base64url(roomBytes(link))}`;
  const map: Record<string, unknown> = {};
  if (link.name !== null) map["n"] = link.name;
  if (link.inviter) {
    map["a"] = uuidBytes(link.inviter.account);
    map["k"] = link.inviter.identityKey;
  }
  if (link.first) map["c"] = concat(uuidBytes(link.first.account), link.first.identityKey);
  if (link.proof) map["p"] = link.proof;
  return `${origin}/#i.${base64url(link.secret)}.${base64url(encode(map))}`;
}

const [ACCOUNT, KEY, BOUNDS, TERMS] = [16, 32, 5, 64];

/** Without names of its parts: the link is drawn as a code that cameras have to read. */
function roomBytes({ name, inviter, uses, expires, terms }: RoomInviteLink): Bytes {
  const bounds = new Uint8Array(BOUNDS);
  const view = new DataView(bounds.buffer);
  view.setUint8(0, uses);
  view.setUint32(1, expires / HOUR_MS);
  return concat(uuidBytes(inviter.account), inviter.identityKey, bounds, terms, utf8(name ?? ""));
}

/** Throws RangeError when it is cut off. */
function roomPart(data: Bytes): Omit<RoomInviteLink, "kind" | "secret"> {
  const ends = [ACCOUNT, ACCOUNT + KEY, ACCOUNT + KEY + BOUNDS, ACCOUNT + KEY + BOUNDS + TERMS] as const;
  if (data.length < ends[3]) throw new RangeError("cut off");
  const view = new DataView(data.buffer, data.byteOffset + ends[1], BOUNDS);
  return {
    inviter: { account: uuidText(data.slice(0, ends[0])), identityKey: data.slice(ends[0], ends[1]) },
    uses: view.getUint8(0), expires: view.getUint32(1) * HOUR_MS, terms: data.slice(ends[2], ends[3]), name: utf8Text(data.slice(ends[3])) || null,
  };
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
    return { shown: who(data.slice(0, PROOF_PART)), seen: who(data.slice(PROOF_PART)) };
  } catch {
    return null;
  }
}

/** An account and its identity key, one behind the other. */
function who(data: Bytes): Inviter {
  return { account: uuidText(data.slice(0, 16)), identityKey: data.slice(16) };
}
