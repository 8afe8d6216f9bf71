"""Which channels this server's configuration turns on. Nothing here imports what sends."""

from __future__ import annotations

from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings

from chat.models import PushChannel


def webpush_on() -> bool:
    return bool(settings.VAPID_SUBJECT)


def fcm_on() -> bool:
    return bool(settings.FCM_SERVICE_ACCOUNT)


def push_on() -> bool:
    return webpush_on() or fcm_on()


def is_on(channel: str) -> bool:
    return fcm_on() if channel == PushChannel.FCM else webpush_on()


def vapid_private_key() -> ec.EllipticCurvePrivateKey:
    return _private_key(settings.VAPID_KEY)


def vapid_public_key() -> bytes:
    """The uncompressed P-256 point (65 bytes) that browsers are given as `applicationServerKey`."""
    public = vapid_private_key().public_key()
    return public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


@lru_cache(maxsize=1)
def _private_key(scalar: bytes) -> ec.EllipticCurvePrivateKey:
    # Any 32 random bytes but for a few in 2^32 are below the order of the curve; cryptography refuses the others.
    return ec.derive_private_key(int.from_bytes(scalar), ec.SECP256R1())
