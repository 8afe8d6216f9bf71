"""Which devices with a subscription are connected to any process, in the database and with expiry.

In the database rather than in Redis: it works the same with one process and with many, and nobody is woken needlessly
because Redis was started anew. Under names that lead to a device with PUSH_KEY alone (naming.py). Only devices that can
be woken have a row, while they are connected; a process says once in PUSH_BEAT_MS that it lives.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from chat.models import PushPresence, PushProcess, PushSubscription
from chat.push.naming import presence_name
from chat.push.times import now_ms
from chat.rhythm import change_rhythms

CHUNK = 500


def stale_before(now: int) -> int:
    """Processes that last said before this (ms) that they live have died."""
    oldest: int = now - 4 * settings.PUSH_BEAT_MS
    return oldest


def beat(process: str) -> None:
    PushProcess.objects.update_or_create(id=process, defaults={"beat_at": now_ms()})


def change(process: str, came: Sequence[int], gone: Sequence[int]) -> None:
    """Devices (primary keys) that connected to this process or left it. Those without a subscription are passed over."""
    today = timezone.now().date()
    with transaction.atomic(durable=True):
        for start in range(0, len(gone), CHUNK):
            names = [presence_name(device) for device in gone[start : start + CHUNK]]
            PushPresence.objects.filter(pk__in=names, process=process).delete()
        for start in range(0, len(came), CHUNK):
            some = PushSubscription.objects.filter(device__in=came[start : start + CHUNK])
            here = list(some.values_list("device_id", flat=True))
            _come(process, [presence_name(device) for device in here])
            change_rhythms(here, lambda rhythm: replace(rhythm, heard_on=today, unanswered=0))


def _come(process: str, names: list[str]) -> None:
    there = set(PushPresence.objects.filter(pk__in=names, process=process).values_list("pk", flat=True))
    PushPresence.objects.bulk_create(
        [PushPresence(name=name, process_id=process) for name in sorted(names) if name not in there],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["process"],
    )


def leave(process: str) -> None:
    """The process ends in order."""
    PushProcess.objects.filter(id=process).delete()


def sweep() -> None:
    """Forgets processes that have died, and with them their devices' presence."""
    PushProcess.objects.filter(beat_at__lt=stale_before(now_ms())).delete()
