"""Every error the server can answer with (docs/protocol.md, section 9)."""

from __future__ import annotations

from enum import StrEnum
from typing import Any


class Code(StrEnum):
    """The closed list of error codes, as they stand on the wire."""

    MALFORMED = "malformed"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    SUSPENDED = "suspended"
    NOT_FOUND = "not_found"
    INVITE_UNKNOWN = "invite_unknown"
    INVITE_USED = "invite_used"
    INVITE_EXPIRED = "invite_expired"
    INVITE_REVOKED = "invite_revoked"
    CONDUCT_OUTDATED = "conduct_outdated"
    ACCOUNT_EXISTS = "account_exists"
    ROOM_EXISTS = "room_exists"
    DIRECT_EXISTS = "direct_exists"
    ROOM_NOT_READY = "room_not_ready"
    BAD_CERTIFICATE = "bad_certificate"
    BAD_KEY_PACKAGE = "bad_key_package"
    STALE_EPOCH = "stale_epoch"
    EPOCH_TOO_OLD = "epoch_too_old"
    PENDING_REMOVAL = "pending_removal"
    BAD_COMMIT = "bad_commit"
    NOT_IN_ROOM = "not_in_room"
    MUTED = "muted"
    DECIDED = "decided"
    BY_DECISION = "by_decision"
    ROOM_FULL = "room_full"
    PUSH_OFF = "push_off"
    TOO_LARGE = "too_large"
    TOO_MANY = "too_many"
    BAD_FRANK = "bad_frank"
    CASE_CLAIMED = "case_claimed"
    CASE_CLOSED = "case_closed"
    CASE_WITHDRAWN = "case_withdrawn"
    QUOTA = "quota"
    RATE_LIMITED = "rate_limited"
    UNAVAILABLE = "unavailable"


#: HTTP status and the English sentence for each code. The sentence is for developers; clients word their own.
_TABLE: dict[Code, tuple[int, str]] = {
    Code.MALFORMED: (422, "not of the documented form"),
    Code.UNAUTHENTICATED: (401, "no token, or not one that is known"),
    Code.FORBIDDEN: (403, "known, but not allowed"),
    Code.SUSPENDED: (403, "the account is suspended"),
    Code.NOT_FOUND: (404, "no such thing, or not yours to see"),
    Code.INVITE_UNKNOWN: (404, "no such invite"),
    Code.INVITE_USED: (409, "the invite has been used up"),
    Code.INVITE_EXPIRED: (410, "the invite's time is over"),
    Code.INVITE_REVOKED: (410, "the invite was taken back"),
    Code.CONDUCT_OUTDATED: (409, "agree to the current code of conduct first"),
    Code.ACCOUNT_EXISTS: (409, "the account id is taken"),
    Code.ROOM_EXISTS: (409, "the room id is taken"),
    Code.DIRECT_EXISTS: (409, "the two already have a direct room"),
    Code.ROOM_NOT_READY: (409, "the room has no commit yet"),
    Code.BAD_CERTIFICATE: (422, "the device certificate does not fit"),
    Code.BAD_KEY_PACKAGE: (422, "a key package does not fit the device"),
    Code.STALE_EPOCH: (409, "another commit came first"),
    Code.EPOCH_TOO_OLD: (409, "encrypt again in the current epoch"),
    Code.PENDING_REMOVAL: (409, "the commit leaves out a pending removal"),
    Code.BAD_COMMIT: (422, "the commit does not fit the room"),
    Code.NOT_IN_ROOM: (403, "this device is not in the room"),
    Code.MUTED: (403, "the room takes nothing from this account for a while"),
    Code.DECIDED: (403, "moderators decided it, and they alone end it"),
    Code.BY_DECISION: (403, "in an open room this takes a decision, with a reason: POST /decisions"),
    Code.ROOM_FULL: (409, "the room is full"),
    Code.PUSH_OFF: (409, "this server does not push by that channel"),
    Code.TOO_LARGE: (413, "larger than allowed"),
    Code.TOO_MANY: (409, "more than allowed"),
    Code.BAD_FRANK: (422, "this server stamped no such message"),
    Code.CASE_CLAIMED: (409, "someone else works on the case"),
    Code.CASE_CLOSED: (409, "the case is closed"),
    Code.CASE_WITHDRAWN: (409, "whoever asked took the case back"),
    Code.QUOTA: (507, "no more is stored for this account or network for now"),
    Code.RATE_LIMITED: (429, "too fast; try again later"),
    Code.UNAVAILABLE: (503, "nothing was stored; try again later"),
}


RETRY_AFTER_MS = 1000


class ProtocolError(Exception):
    """A refusal that is answered to the caller as it is, and changes nothing.

    `detail` holds further wire fields: `retry_after_ms` (int), `epoch` (int, with `stale_epoch`), `until` (int: ms since
    1970 UTC, with `muted`), `room` (UUID text, with `direct_exists`), `version` (int, with `conduct_outdated`), `index`
    (int, with `bad_frank`), `account` (UUID text, with `case_claimed`), `detail` (text: the broken rule).
    """

    def __init__(self, code: Code, message: str | None = None, **detail: Any) -> None:
        super().__init__(message or _TABLE[code][1])
        self.code = code
        self.detail = detail

    @property
    def message(self) -> str:
        return str(self.args[0])

    @property
    def http_status(self) -> int:
        return _TABLE[self.code][0]

    def as_dict(self) -> dict[str, Any]:
        """The HTTP body's `error` object: `{code, message, **detail}`."""
        return {"code": self.code.value, "message": self.message, **self.detail}


def unavailable() -> ProtocolError:
    """Nothing was stored, and nothing is wrong with what was sent: try again in a second."""
    return ProtocolError(Code.UNAVAILABLE, retry_after_ms=RETRY_AFTER_MS)
