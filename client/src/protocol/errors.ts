/** What the server refuses with (docs/protocol.md, section 9), and what stands for a network that did not answer. */

export type ServerCode =
  | "malformed" | "unauthenticated" | "forbidden" | "suspended" | "not_found"
  | "invite_unknown" | "invite_used" | "invite_expired" | "invite_revoked"
  | "conduct_outdated" | "account_exists" | "room_exists" | "direct_exists" | "room_not_ready"
  | "bad_certificate" | "bad_key_package" | "stale_epoch" | "epoch_too_old" | "pending_removal" | "bad_commit"
  | "not_in_room" | "muted" | "decided" | "by_decision" | "room_full" | "too_large" | "too_many" | "bad_frank" | "case_claimed" | "case_closed" | "case_withdrawn" | "quota" | "rate_limited" | "unavailable";

/**
 * A refusal, over HTTP or the socket. `unreachable` means that no answer came: the request may or may not have been
 * carried out. A code that this client does not know is kept as text.
 */
export class Refusal extends Error {
  constructor(
    readonly code: ServerCode | "unreachable" | (string & {}),
    readonly detail: {
      retryAfterMs?: number | null;
      /** The room's current epoch, with `stale_epoch`. */
      epoch?: number | null;
      /** Until when the room takes nothing, with `muted`. */
      until?: number | null;
      /** The existing room, with `direct_exists`. */
      room?: string | null;
      /** Which of what was sent, from 0, with `bad_frank`. */
      index?: number | null;
    } = {},
  ) {
    super(code);
    this.name = "Refusal";
  }
}

export function isRefusal(error: unknown, ...codes: (ServerCode | "unreachable")[]): error is Refusal {
  return error instanceof Refusal && (codes.length === 0 || codes.some((code) => code === error.code));
}
