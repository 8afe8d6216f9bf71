/** Turns whatever went wrong into words that a screen can choose from. */
import { Refusal } from "../../protocol/errors.ts";
import { StorageFull } from "../../store/backend.ts";
import { Failure, type FailureCode } from "../../contract/index.ts";
import { WrongGroup } from "./wrong-group.ts";

const BY_REFUSAL: Record<string, FailureCode> = {
  unreachable: "offline", unauthenticated: "forbidden", forbidden: "forbidden", suspended: "suspended", not_found: "not_found",
  invite_unknown: "invite_unknown", invite_used: "invite_used", invite_expired: "invite_expired", invite_revoked: "invite_revoked",
  conduct_outdated: "conflict", account_exists: "conflict", room_exists: "conflict", direct_exists: "conflict",
  room_not_ready: "unavailable", stale_epoch: "conflict", pending_removal: "conflict", not_in_room: "forbidden", decided: "decided", by_decision: "by_decision",
  room_full: "room_full", too_large: "too_large", too_many: "conflict", case_claimed: "conflict", case_closed: "conflict", case_withdrawn: "withdrawn", quota: "server_full", rate_limited: "rate_limited", unavailable: "unavailable",
};

export function asFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  if (error instanceof WrongGroup) return new Failure("untrusted");
  if (error instanceof StorageFull) return new Failure("storage_full");
  if (error instanceof Refusal) return new Failure(BY_REFUSAL[error.code] ?? "unexpected", error.detail.retryAfterMs ?? null);
  return new Failure("unexpected");
}
