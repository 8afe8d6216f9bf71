"""Invite links (docs/protocol.md, section 3). The secret stands in the fragment, which no browser sends."""

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Any

import msgspec

SECRET_BYTES = 16


@dataclass(frozen=True)
class InviteSecret:
    """A fresh secret; only `digest` (SHA-256) is ever stored."""

    value: bytes = field(default_factory=lambda: secrets.token_bytes(SECRET_BYTES), repr=False)

    @property
    def digest(self) -> bytes:
        return hashlib.sha256(self.value).digest()


def invite_link(origin: str, secret: InviteSecret, inviter: dict[str, Any] | None = None) -> str:
    """`{origin}/#i.{secret}.{map}`; without an inviter the map is `{n: nil}`: the network itself invites."""
    return f"{origin}/#i.{_base64url(secret.value)}.{_base64url(msgspec.msgpack.encode(inviter or {'n': None}))}"


def _base64url(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")
