"""Names for rows about a device that lead only who has PUSH_KEY to it: who waits to be woken has not written what is new."""

from __future__ import annotations

import hmac
from uuid import UUID

from django.conf import settings

from chat.models import PushPresence, PushWake
from chat.sealing import NotOpened, seal, unseal

_WAKE, _PRESENCE = b"wake", b"presence"
_INFO = b"kindred wakes v1"
_ALL_ALIKE = UUID(int=0)


def wake_name(device: int) -> str:
    """64 hex digits: the primary key of its row in the outbox."""
    return _name(_WAKE, device)


def presence_name(device: int) -> str:
    """64 hex digits: the primary key of the row that says that it is connected."""
    return _name(_PRESENCE, device)


def seal_device(device: int) -> bytes:
    """The device (primary key), for the worker that takes its row."""
    return seal(_INFO, _ALL_ALIKE, device.to_bytes(8))


def device_of(wake: PushWake) -> int | None:
    """None where it cannot be opened: with a key that was lost, or as the row was changed."""
    try:
        device = int.from_bytes(unseal(_INFO, _ALL_ALIKE, bytes(wake.sealed)))
    except NotOpened:
        return None
    return device if wake_name(device) == wake.pk else None


def forget(device: int) -> None:
    """That it is to be woken, and that it is connected."""
    PushWake.objects.filter(pk=wake_name(device)).delete()
    PushPresence.objects.filter(pk=presence_name(device)).delete()


def _name(purpose: bytes, device: int) -> str:
    return hmac.new(settings.PUSH_KEY, b"Kindred push name v1" + purpose + device.to_bytes(8), "sha256").hexdigest()
