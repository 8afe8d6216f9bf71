"""Which devices with a subscription are connected to any process, in the database and with expiry.

In the database rather than in Redis: whoever decides whom to wake asks for it in the same query, it works the same
with one process and with many, and nobody is woken needlessly because Redis was started anew. Only devices that can
be woken have a row, while they are connected; a process says once in PUSH_BEAT_MS that it lives.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from chat.models import PushPresence, PushProcess, PushSubscription
from chat.push.times import now_ms

CHUNK = 500
_COME = """
INSERT INTO chat_pushpresence (subscription_id, process_id)
SELECT device_id, %s FROM chat_pushsubscription WHERE device_id IN ({marks})
ON CONFLICT (subscription_id) DO UPDATE SET process_id = excluded.process_id
WHERE chat_pushpresence.process_id <> excluded.process_id
"""


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
            PushPresence.objects.filter(subscription__in=gone[start : start + CHUNK], process=process).delete()
        for start in range(0, len(came), CHUNK):
            some = came[start : start + CHUNK]
            with connection.cursor() as cursor:
                cursor.execute(_COME.format(marks=",".join(["%s"] * len(some))), [process, *some])
            heard = PushSubscription.objects.filter(device__in=some).exclude(heard_on=today, unanswered=0)
            heard.update(heard_on=today, unanswered=0)


def leave(process: str) -> None:
    """The process ends in order."""
    PushProcess.objects.filter(id=process).delete()


def sweep() -> None:
    """Forgets processes that have died, and with them their devices' presence."""
    PushProcess.objects.filter(beat_at__lt=stale_before(now_ms())).delete()
