/** Invite links, and links that prove who one is: everything stands in the fragment, which browsers never send (docs/protocol.md, section 3). */
import { decode, encode } from "@msgpack/msgpack";
import { base64url, type Bytes, concat, fromBase64url } from "./bytes.ts";
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
  | { kind: "room"; secret: Bytes; room: string; name: string | null; inviter: Inviter | null };

const inviter = { a: nullable(uuidBin), k: nullable(binOf(32)) };
const networkMap = object({ n: nullable(text), ...inviter, c: nullable(binOf(48)), p: nullable(binOf(16)) });
const roomMap = object({ r: uuidBin, n: nullable(text), ...inviter });

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
    if (kind === "r" && mapText) {
      const { r, n, a, k } = roomMap(decode(fromBase64url(mapText)), "link");
      return { kind: "room", secret, room: r, name: n, inviter: a && k ? { account: a, identityKey: k } : null };
    }
  } catch {
    // Whatever is wrong with it, it is a link that leads nowhere.
  }
  return null;
}

export function formatLink(origin: string, link: InviteLink): string {
  const map: Record<string, unknown> = link.kind === "room" ? { r: uuidBytes(link.room) } : {};
  if (link.name !== null) map["n"] = link.name;
  if (link.inviter) {
    map["a"] = uuidBytes(link.inviter.account);
    map["k"] = link.inviter.identityKey;
  }
  if (link.kind === "network" && link.first) map["c"] = concat(uuidBytes(link.first.account), link.first.identityKey);
  if (link.kind === "network" && link.proof) map["p"] = link.proof;
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
    return { shown: who(data.slice(0, PROOF_PART)), seen: who(data.slice(PROOF_PART)) };
  } catch {
    return null;
  }
}

/** An account and its identity key, one behind the other. */
function who(data: Bytes): Inviter {
  return { account: uuidText(data.slice(0, 16)), identityKey: data.slice(16) };
}
