"""This server's signer, made anew only when its keys change."""

from __future__ import annotations

from django.conf import settings

from moderation.signing import Signer
from moderation.signing_keys import SigningKeys

_made: tuple[SigningKeys, Signer] | None = None


def signer() -> Signer:
    global _made  # noqa: PLW0603 (one for the process)
    keys: SigningKeys = settings.ATTESTATION_KEYS.now()
    made = _made
    if made is None or made[0] is not keys:
        made = _made = keys, Signer(keys.current, keys.seeds, keys.retired)
    return made[1]
