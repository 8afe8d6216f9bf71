/** What the web addresses in a message tell: known scam hosts by a list of hashes on this device, look-alike names, shorteners. */
import { equal, hex, sha256, utf8 } from "../protocol/bytes.ts";

export type LinkKind = "knownLink" | "lookAlikeLink" | "shortLink";

const MAGIC = utf8("KHL1");
const HASH = 8;
/** More of one message are not looked at. */
const MOST_HOSTS = 20;
const address = /(?:https?:\/\/|www\.)[^\s<>"'“”«»]{1,2000}|(?<![\p{L}\p{N}@._-])(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,62})\.){1,6}[\p{L}]{2,24}(?![\p{L}\p{N}@-])(?:\/[^\s<>"'“”«»]{0,2000})?/giu;

/** What a sentence puts behind an address. */
const closing = /[\p{P}~]+$/u;

/** Hosts that only pass on to somewhere else. */
const shorteners: ReadonlySet<string> = new Set([
  "bit.ly", "buff.ly", "clck.ru", "cutt.ly", "goo.gl", "goo.su", "is.gd", "lnkd.in", "ow.ly", "rb.gy", "rebrand.ly", "s.id", "shorturl.at", "t.co", "t.ly", "tiny.cc",
  "tinyurl.com", "u.to", "urlz.fr", "v.gd", "vk.cc", "x.gd",
]);

export interface Host {
  /** As the browser would ask for it: lower case, other letters as xn--…. */
  ascii: string;
  /** As it was written. */
  written: string;
}

/** The hosts of a text's web addresses, each once, without a leading `www.`. */
export function hostsIn(text: string): Host[] {
  const hosts = new Map<string, Host>();
  for (const [match] of text.matchAll(address)) {
    if (hosts.size >= MOST_HOSTS) break;
    const found = match.replace(closing, "");
    const whole = /^https?:/iu.test(found) ? found : `https://${found}`;
    if (!URL.canParse(whole)) continue;
    const ascii = bare(new URL(whole).hostname);
    const written = bare(/^https?:\/\/(?:[^/?#@]*@)?([^/?#:]+)/iu.exec(whole)?.[1]?.normalize("NFC").toLowerCase() ?? "");
    // Addresses of numbers, and of this machine.
    if (ascii.includes(".") && /[a-z]$/u.test(ascii)) hosts.set(ascii, { ascii, written });
  }
  return [...hosts.values()];
}

/** What is known of hosts by their names alone. */
export function named(hosts: readonly Host[]): LinkKind[] {
  const kinds: LinkKind[] = [];
  if (hosts.some(({ written }) => written.split(".").some(mixes))) kinds.push("lookAlikeLink");
  if (hosts.some(({ ascii }) => shorteners.has(ascii))) kinds.push("shortLink");
  return kinds;
}

/** Letters of two scripts in one part of a name: nobody's language is written so, Japanese and Korean beside Latin aside. */
function mixes(label: string): boolean {
  const scripts = [/\p{Script=Latin}/u, /\p{Script=Cyrillic}/u, /\p{Script=Greek}/u, /\p{Script=Armenian}/u, /\p{Script=Hebrew}/u, /\p{Script=Arabic}/u];
  return scripts.filter((script) => script.test(label)).length > 1;
}

/** A list of truncated hashes (docs/hints.md). Null where the bytes are none. */
export class HostList {
  private constructor(private readonly hashes: ReadonlySet<string>) {}

  static read(data: Uint8Array): HostList | null {
    if (data.length < 8 || !equal(data.subarray(0, 4), MAGIC)) return null;
    const count = new DataView(data.buffer, data.byteOffset).getUint32(4);
    if (data.length !== 8 + count * HASH) return null;
    return new HostList(new Set(Array.from({ length: count }, (_, index) => hex(data.subarray(8 + index * HASH, 8 + (index + 1) * HASH)))));
  }

  get size(): number {
    return this.hashes.size;
  }

  /** Whether one of the hosts, or a name above it, is on the list. */
  async knows(hosts: readonly Host[]): Promise<boolean> {
    const names = new Set(hosts.flatMap(({ ascii }) => above(ascii)));
    for (const name of names) if (this.hashes.has(hex((await sha256(utf8(name))).subarray(0, HASH)))) return true;
    return false;
  }
}

/** `a.b.example` and `b.example`: the name itself and those above it that can be registered. */
function above(host: string): string[] {
  const parts = host.split(".");
  return parts.slice(0, -1).map((_, index) => parts.slice(index).join("."));
}

function bare(host: string): string {
  return host.replace(/\.$/u, "").replace(/^www\./u, "");
}
