import { deviceCodeIn, inviteIn, proofIn } from "./links.ts";

/** What a code can be for: a new device, comparing with a person, coming in, coming into a group. */
export type CodeKind = "device" | "person" | "invite" | "room";

/** Kindred's code with its fragment; one of Kindred's on another server; or something else altogether. */
export type Seen = { kind: CodeKind; fragment: string } | { kind: "elsewhere"; host: string } | { kind: "foreign" };

/** What a scanned text is to the app that runs at `origin`. It is never opened, only read. */
export function seenIn(text: string, origin: string): Seen {
  const address = URL.canParse(text.trim()) ? new URL(text.trim()) : null;
  const found = address && /^https?:$/u.test(address.protocol) ? codeIn(address.hash) : null;
  if (!address || !found) return { kind: "foreign" };
  return address.origin === origin ? found : { kind: "elsewhere", host: address.host };
}

function codeIn(hash: string): { kind: CodeKind; fragment: string } | null {
  const [device, person, invite] = [deviceCodeIn(hash), proofIn(hash), inviteIn(hash)];
  if (device) return { kind: "device", fragment: device };
  if (person) return { kind: "person", fragment: person };
  return invite && { kind: invite.kind === "room" ? "room" : "invite", fragment: invite.fragment };
}
