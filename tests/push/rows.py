"""The rows of push, made and read with the server's key: none of them says in the clear whose it is and what it tells."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from django.db import transaction

from chat.models import PushPresence, PushProcess, PushSubscription, PushWake
from chat.push.naming import device_of, presence_name, seal_device, wake_name
from chat.rhythm import Rhythm, change_rhythms, rhythm_of, seal_rhythm


def subscribed(device: int, sealed: bytes = b"sealed", **rhythm: Any) -> PushSubscription:
    """How a device (primary key) may be woken, not saved yet; the rest as in `Rhythm`."""
    rhythm.setdefault("heard_on", date(2026, 11, 24))
    return PushSubscription(
        device_id=device, channel="webpush", sealed=sealed, rhythm=seal_rhythm(device, Rhythm(**rhythm))
    )


def rhythms(devices: Iterable[int]) -> list[Rhythm]:
    """Of those that have a subscription."""
    return [rhythm_of(row) for row in PushSubscription.objects.filter(device__in=list(devices)).order_by("device")]


def with_rhythm(device: int, **changed: Any) -> None:
    """Changes what is written down of one that has a subscription."""
    with transaction.atomic():
        change_rhythms([device], lambda rhythm: replace(rhythm, **changed))


def wake(device: int, **how: Any) -> PushWake:
    """Its row in the outbox, not saved yet."""
    return PushWake(name=wake_name(device), sealed=seal_device(device), **how)


def waiting(devices: Iterable[int]) -> list[PushWake]:
    """What waits in the outbox for these devices."""
    return list(PushWake.objects.filter(pk__in=[wake_name(device) for device in devices]))


def waking() -> dict[int, PushWake]:
    """What waits in the outbox, by device (primary key)."""
    return {device: row for row in PushWake.objects.all() if (device := device_of(row)) is not None}


def connect(device: int, process: PushProcess) -> None:
    PushPresence.objects.create(name=presence_name(device), process=process)


def is_connected(device: int) -> bool:
    """Whether a row says so, of whichever process."""
    return PushPresence.objects.filter(pk=presence_name(device)).exists()
