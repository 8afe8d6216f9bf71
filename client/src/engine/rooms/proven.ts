/** What this device can prove of a message: that the server has stamped it. */
import type { Evidence, StoredMessage } from "../../content/stored-message.ts";

export type Proven = Evidence & { tag: NonNullable<Evidence["tag"]>; frank: NonNullable<Evidence["frank"]> };

export function isProven(evidence: Evidence | null): evidence is Proven {
  return evidence !== null && evidence.tag !== null && evidence.frank !== null;
}

/** It is something that somebody said, also when they took it back, and moderators can be shown that they did. */
export function isShowable({ body, id, evidence }: StoredMessage): boolean {
  return (body.type === "text" || body.type === "unreadable") && id !== null && isProven(evidence);
}
