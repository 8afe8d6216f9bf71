"""Small values that the database keeps and alone does not tell: sealed under a hub key, which lies elsewhere.

    sealed = 0x01 || number of the hub key (4) || nonce (12) || AES-256-GCM(HKDF(hub key, info), nonce, value, aad = id)

`info` says what kind of value it is, `id` which row it belongs to: put into another place it does not open. Values of one
kind have one length, so that those of two rows look alike.
"""

import os
from functools import lru_cache
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_FORM = b"\x01"
_NUMBER, _NONCE = 4, 12


class NotOpened(Exception):
    """It was never sealed, its key is gone, or it was moved."""


def seal(info: bytes, row: UUID, value: bytes) -> bytes:
    """33 bytes more than the value has."""
    number, key = settings.HUB_KEYS.newest()
    nonce = os.urandom(_NONCE)
    return _FORM + number.to_bytes(_NUMBER) + nonce + _cipher(key, info).encrypt(nonce, value, row.bytes)


def unseal(info: bytes, row: UUID, sealed: bytes) -> bytes:
    """Raises NotOpened."""
    head = 1 + _NUMBER
    if sealed[:1] != _FORM:
        raise NotOpened
    try:
        key = settings.HUB_KEYS[int.from_bytes(sealed[1:head])]
        return _cipher(key, info).decrypt(sealed[head : head + _NONCE], sealed[head + _NONCE :], row.bytes)
    except (KeyError, InvalidTag):
        raise NotOpened from None


@lru_cache(maxsize=64)
def _cipher(key: bytes, info: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, salt=None, info=info).derive(key))
