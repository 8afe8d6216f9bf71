/**
 * Whether what stands in a bundle stands there once and in its order, and whether any of its custody is missing: as
 * moderation/evidence/order.py.
 */
import type { Attested } from "../crypto/attestation.ts";
import { base64url, concat, fromBase64url, sha256 } from "../protocol/bytes.ts";
import type { Custody } from "./bundle.ts";

const TWICE = "it is here twice";
const LATE = "it is out of order";

/**
 * What the server's log had about the case when it sealed: so many entries, the last of them with that seq (0 for none);
 * `digest` is the SHA-256 (base64url) over the digests of all of them, one after the other.
 */
export interface Known {
  entries: number;
  last: number;
  digest: string;
}

/** Of messages, one after the other: chat by chat as they began, each by seq; then those whose chat is not told, by time. */
export class Order {
  readonly #known = new Set<string>();
  readonly #places = new Set<string>();
  readonly #chats = new Map<string, number>();
  #began = 0;
  #last: Key = [0, 0, 0];

  /** What is wrong with where the next message stands; null when nothing is. `token` is its attestation, `stamp` what that says. */
  problem(token: string, { room, seq, time, mark }: Attested): string | null {
    // Where the room is withheld, the same message is known by its mark; before there were marks, by its signature alone.
    const known = [token.split("~")[0] ?? "", ...(mark === null ? [] : [mark])];
    const place = `${String(seq)} ${room ?? ""}`;
    if (known.some((one) => this.#known.has(one)) || (room !== null && this.#places.has(place))) return TWICE;
    for (const one of known) this.#known.add(one);
    if (room === null) return this.#late([Infinity, time, seq]);
    this.#places.add(place);
    const chat = this.#chats.get(room);
    const late = this.#late([chat ?? this.#chats.size, 0, seq]);
    if (chat !== undefined) return late;
    this.#chats.set(room, this.#chats.size);
    const before = this.#began;
    this.#began = Math.max(before, time);
    return time < before ? LATE : late;
  }

  #late(key: Key): string | null {
    if (compare(key, this.#last) < 0) return LATE;
    this.#last = key;
    return null;
  }
}

/** What is wrong with custody as a whole; `known` is null where no seal could be read. */
export async function wholeProblems(entries: readonly Custody[], known: Known | null): Promise<string[]> {
  const problems: string[] = [];
  const seen = new Set<number>();
  let last = 0;
  for (const { seq } of entries) {
    if (seen.has(seq)) problems.push(`custody ${String(seq)}: ${TWICE}`);
    else if (seq < last) problems.push(`custody ${String(seq)}: ${LATE}`);
    seen.add(seq);
    last = Math.max(last, seq);
  }
  if (known && (seen.size !== known.entries || last !== known.last)) {
    problems.push(`custody: it is not the ${String(known.entries)} entries up to ${String(known.last)} that the server's log had`);
  } else if (known && (await digestOf(entries)) !== known.digest) problems.push("custody: the server's log had other entries");
  return problems;
}

/** Null where one has not the form. */
async function digestOf(entries: readonly Custody[]): Promise<string | null> {
  try {
    return base64url(await sha256(concat(...entries.map(({ digest }) => fromBase64url(digest)))));
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

interface Placed {
  stamp: Pick<Attested, "room" | "seq" | "time">;
  withheld: boolean;
}

/** In the order that `Order` wants. Each has to be there once. */
export function ordered<T extends Placed>(messages: readonly T[]): T[] {
  const roomOf = ({ stamp, withheld }: Placed): string | null => (withheld ? null : stamp.room);
  const first = new Map<string | null, T["stamp"]>();
  for (const message of messages) {
    const known = first.get(roomOf(message));
    if (!known || message.stamp.seq < known.seq) first.set(roomOf(message), message.stamp);
  }
  const chats = [...first].sort(([, one], [, other]) => one.time - other.time).map(([room]) => room);
  const key = (message: T): Key => {
    const room = roomOf(message);
    return room === null ? [Infinity, message.stamp.time, message.stamp.seq] : [chats.indexOf(room), 0, message.stamp.seq];
  };
  return [...messages].sort((one, other) => compare(key(one), key(other)));
}

type Key = readonly [number, number, number];

function compare(one: Key, other: Key): number {
  const at = one.findIndex((value, index) => value !== other[index]);
  return at < 0 ? 0 : (one[at] ?? 0) - (other[at] ?? 0);
}
