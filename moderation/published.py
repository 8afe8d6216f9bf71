"""The signing keys as the world gets them: when each was in use and, of retired ones, which evidence they sealed.

How many seals there were is nobody's to know (docs/threat-model.md, P35): among them stand others, of nothing, up to a power
of two. These follow from a secret, so that each answer has the same.
"""

from __future__ import annotations

import hmac
import time

from django.conf import settings

from moderation.log_queries import sealed_by
from moderation.signing import Published, b64
from moderation.signing_keys import SigningKeys

FEWEST = 64
_KEPT_SECONDS = 60.0
_DECOYS = b"kindred seal decoys v1"
_kept: dict[str, tuple[float, frozenset[str]]] = {}


def published() -> dict[str, Published]:
    """Every key of this server by its id."""
    keys: SigningKeys = settings.ATTESTATION_KEYS.now()
    return {kid: _published(kid, public, keys) for kid, public in keys.public.items()}


def _published(kid: str, public: bytes, keys: SigningKeys) -> Published:
    since, until = keys.in_use[kid]
    return Published(public, since, until, frozenset() if until is None else _seals(kid))


def _seals(kid: str) -> frozenset[str]:
    """Of a key that signs no more they stay the same; where processes take a new key up one by one, not at once."""
    kept = _kept.get(kid)
    if kept is None or time.monotonic() - kept[0] > _KEPT_SECONDS:
        seals = {b64(bytes.fromhex(seal)) for seal in sealed_by(kid)}
        kept = _kept[kid] = time.monotonic(), frozenset(seals | _decoys(kid, len(seals)))
    return kept[1]


def _decoys(kid: str, count: int) -> set[str]:
    size = max(FEWEST, 1 << (count - 1).bit_length()) if count else FEWEST
    made = (_DECOYS + kid.encode() + number.to_bytes(8) for number in range(size - count))
    return {b64(hmac.digest(settings.AUDIT_KEY, one, "sha256")) for one in made}
