"""The one exception that this package raises for what a client sent, and its closed list of codes.

A wrong argument of the calling code (a key of the wrong length, a pending removal of
another epoch) is a programming error and raises ValueError instead, so that it is seen.
"""

from __future__ import annotations

from enum import StrEnum


class MlsCode(StrEnum):
    """Why a message was refused. The values are part of the protocol and never change meaning."""

    MALFORMED = "malformed"
    TOO_LARGE = "too_large"
    WRONG_SUITE = "wrong_suite"
    WRONG_GROUP = "wrong_group"
    STALE_EPOCH = "stale_epoch"
    FUTURE_EPOCH = "future_epoch"
    BAD_SIGNATURE = "bad_signature"
    WRONG_SENDER = "wrong_sender"
    IDENTITY_MISMATCH = "identity_mismatch"
    NOT_ALLOWED = "not_allowed"
    MEMBERSHIP_MISMATCH = "membership_mismatch"
    PENDING_REMOVAL = "pending_removal"
    KEY_PACKAGE_UNKNOWN = "key_package_unknown"
    KEY_PACKAGE_EXPIRED = "key_package_expired"
    BAD_LIFETIME = "bad_lifetime"
    WELCOME_MISMATCH = "welcome_mismatch"
    GROUP_INFO_MISMATCH = "group_info_mismatch"


class MlsError(Exception):
    """What a client sent cannot be accepted.

    code    one of MlsCode, for the client's program
    detail  one English sentence for the developer of a client; never holds key material,
            content, or an identifier that the client did not send itself
    """

    def __init__(self, code: MlsCode, detail: str) -> None:
        super().__init__(f"{code.value}: {detail}")
        self.code = code
        self.detail = detail
