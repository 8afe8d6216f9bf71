export type Piece = { text: string; href: null } | { text: string; href: string; host: string };

const candidate = /\b(?:https?:\/\/|www\.)[^\s<>"“”«»]+/giu;

/** Splits a text into plain pieces and web addresses. Only http and https, and no address that hides another by a user name. */
export function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  let done = 0;
  for (const match of text.matchAll(candidate)) {
    const shown = trimmed(match[0]);
    const url = addressOf(shown);
    if (!url) continue;
    if (match.index > done) pieces.push({ text: text.slice(done, match.index), href: null });
    pieces.push({ text: shown, href: url.href, host: url.host });
    done = match.index + shown.length;
  }
  if (done < text.length) pieces.push({ text: text.slice(done), href: null });
  return pieces;
}

function addressOf(text: string): URL | null {
  const whole = text.toLowerCase().startsWith("www.") ? `https://${text}` : text;
  if (!URL.canParse(whole)) return null;
  const url = new URL(whole);
  const web = url.protocol === "https:" || url.protocol === "http:";
  return web && url.username === "" && url.password === "" && url.hostname.includes(".") ? url : null;
}

const pairs: Record<string, string> = { ")": "(", "]": "[", "}": "{" };

/** Without the punctuation that ends a sentence; a closing bracket stays when it was opened in the address. */
function trimmed(address: string): string {
  let end = address.length;
  while (end > 0) {
    const last = address.charAt(end - 1);
    const open = pairs[last];
    const body = address.slice(0, end);
    const unpaired = open !== undefined && body.split(last).length > body.split(open).length;
    if (!unpaired && !/[.,;:!?'’…،؟।。]/u.test(last)) break;
    end--;
  }
  return address.slice(0, end);
}

/** The fragment of an invite link (`#i.…` network, `#r.…` room) in what was pasted or opened, or null. */
export function inviteIn(text: string): { fragment: string; kind: "network" | "room" } | null {
  const found = /#?\b([ir])\.([A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*)?)/u.exec(text.includes("#") ? text.slice(text.indexOf("#")) : text.trim());
  if (!found) return null;
  return { fragment: `#${found[1]}.${found[2]}`, kind: found[1] === "i" ? "network" : "room" };
}

/** The fragment of a code that somebody's screen shows, to be compared (`#v.…`), or null. */
export function proofIn(text: string): string | null {
  return /#v\.[A-Za-z0-9_-]+/u.exec(text)?.[0] ?? null;
}

/** The fragment of a new device's code (`#l.…`) in what was opened, or null. */
export function deviceCodeIn(text: string): string | null {
  return /#l\.[A-Za-z0-9_-]{16}$/u.exec(text.trim())?.[0] ?? null;
}

/** True for a link that this very app made, which opens here and not in another tab. */
export function ownInvite(href: string, origin: string): string | null {
  if (!href.startsWith(`${origin}/`)) return null;
  return inviteIn(new URL(href).hash)?.fragment ?? null;
}
