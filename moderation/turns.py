"""Since when whoever asked waits for a moderator again, as their device told: sealed under a hub key.

    sealed = 0x01 || number of the hub key (4) || nonce (12) || AES-256-GCM(HKDF(hub key), nonce, turn, aad = case id)
    turn   = since, in ms (8; 0: nobody waits) || calls (2; in older ones 1)

Beside the log of the case's room, which has times and no senders, it would name the sender of an entry
(docs/adr/0009-time-to-answer.md). One that says "nobody waits" looks alike. The keys are not in the database.
"""

import logging
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_FORM = b"\x01"
_NUMBER, _NONCE = 4, 12
_INFO = b"kindred turns v1"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Turn:
    """It is the moderators' turn since then; `calls` counts how often they were called for it."""

    since: datetime
    calls: int = 0


def seal_turn(case: UUID, turn: Turn | None) -> bytes:
    """Of the same length for every turn and for none."""
    since, calls = (0, 0) if turn is None else ((turn.since - _EPOCH) // _MS, turn.calls)
    number, key = settings.HUB_KEYS.newest()
    nonce = os.urandom(_NONCE)
    plain = since.to_bytes(8) + calls.to_bytes(2)
    return _FORM + number.to_bytes(_NUMBER) + nonce + _cipher(key).encrypt(nonce, plain, case.bytes)


def open_turn(case: UUID, sealed: bytes) -> Turn | None:
    """None also for what was never sealed, or with a key that was lost since: a clock that is lost calls nobody."""
    head = 1 + _NUMBER
    if sealed[:1] != _FORM:
        return None
    try:
        key = settings.HUB_KEYS[int.from_bytes(sealed[1:head])]
        plain = _cipher(key).decrypt(sealed[head : head + _NONCE], sealed[head + _NONCE :], case.bytes)
    except (KeyError, InvalidTag):
        log.warning("The clock of a case cannot be opened: its key is gone, or it was moved.")
        return None
    since = int.from_bytes(plain[:8])
    return Turn(_EPOCH + since * _MS, int.from_bytes(plain[8:])) if since else None


def _cipher(key: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, salt=None, info=_INFO).derive(key))
