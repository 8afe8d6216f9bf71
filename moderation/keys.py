"""This server's signer, made once from the settings."""

from __future__ import annotations

from functools import cache

from django.conf import settings

from moderation.signing import Signer


@cache
def signer() -> Signer:
    keys = settings.ATTESTATION_KEYS
    return Signer(keys.current, keys.seeds, keys.retired)
