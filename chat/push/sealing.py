"""What a device gave us to wake it by, encrypted at rest under PUSH_KEY, which is not in the database.

    sealed = 0x01 || nonce (12) || AES-256-GCM(PUSH_KEY, nonce, MessagePack map padded by zero bytes, aad)
    aad    = "Kindred push v1" || device primary key (8)

so that a row cannot be moved to another device. The padding hides which provider the endpoint is of.
"""

from __future__ import annotations

import os

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

_FORM = b"\x01"
_NONCE = 12
_BLOCK = 512


class Target(msgspec.Struct, frozen=True, omit_defaults=True):
    """Either `token` (FCM), or `endpoint`, `p256dh` (65 bytes) and `auth` (16 bytes) of a Web Push subscription."""

    token: str = ""
    endpoint: str = ""
    p256dh: bytes = b""
    auth: bytes = b""


class Unsealable(Exception):
    """Not sealed for this device under this key: a key that was lost, or a row that was moved."""


def seal(device: int, target: Target) -> bytes:
    plain = msgspec.msgpack.encode(target)
    size = len(plain).to_bytes(2)
    padded = size + plain + bytes(-(len(plain) + 2) % _BLOCK)
    nonce = os.urandom(_NONCE)
    return _FORM + nonce + AESGCM(settings.PUSH_KEY).encrypt(nonce, padded, _aad(device))


def unseal(device: int, sealed: bytes) -> Target:
    """Raises Unsealable."""
    if sealed[:1] != _FORM:
        raise Unsealable
    nonce, body = sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :]
    try:
        padded = AESGCM(settings.PUSH_KEY).decrypt(nonce, body, _aad(device))
    except (InvalidTag, ValueError):
        raise Unsealable from None
    size = int.from_bytes(padded[:2])
    return msgspec.msgpack.decode(padded[2 : 2 + size], type=Target)


def _aad(device: int) -> bytes:
    return b"Kindred push v1" + device.to_bytes(8)
