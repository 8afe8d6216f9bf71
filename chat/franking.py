"""Message franking (docs/protocol.md, section 7; draft-ietf-mimi-protocol, franking).

The server's stamp binds a sender's commitment to sender, room, place and time without knowing the content and
without the sender being stored. Keys are given in: this module knows no settings and no database.
"""

from __future__ import annotations

import hmac
from uuid import UUID

import cbor2

TAG_BYTES = 32
FRANK_BYTES = 32


def user_uri(domain: str, account: UUID) -> str:
    return f"mimi://{domain}/u/{account}"


def room_uri(domain: str, room: UUID) -> str:
    return f"mimi://{domain}/r/{room}"


def franking_tag(salt: bytes, content: bytes) -> bytes:
    """HMAC-SHA256(salt, content) over the MIMI content's bytes without padding, as the sender makes it."""
    return hmac.digest(salt, content, "sha256")


def context(sender: str, room: str, seq: int, accepted_ms: int) -> bytes:
    """Deterministic CBOR (RFC 8949 section 4.2) of [sender URI, room URI, seq, accepted time in ms]."""
    return cbor2.dumps([sender, room, seq, accepted_ms], canonical=True)


def frank(hub_key: bytes, tag: bytes, context: bytes) -> bytes:
    """The server's stamp: HMAC-SHA256(hub_key, tag || context), 32 bytes."""
    return hmac.digest(hub_key, tag + context, "sha256")


def verify(hub_key: bytes, tag: bytes, context: bytes, stamp: bytes) -> bool:
    """Whether `stamp` is the frank of this tag in this context under this hub key. Takes constant time."""
    return hmac.compare_digest(frank(hub_key, tag, context), stamp)
