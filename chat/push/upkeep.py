"""What is no longer needed goes: subscriptions of devices that fell silent or were revoked, and dead processes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from chat.models import PushSubscription
from chat.push import presence
from chat.rhythm import rhythm_of

SILENT_DAYS = 60
SUBSCRIPTIONS = 1000

rounds: list[Callable[[], None]] = []
"""What else a worker does each time: apps that build on this one add theirs when they are ready."""


def tidy(after: int = 0) -> int:
    """One round, which looks at `SUBSCRIPTIONS` of them with greater primary keys. Returns after which to go on."""
    presence.sweep()
    for each in rounds:
        each()
    oldest = timezone.now().date() - timedelta(days=SILENT_DAYS)
    looked_at = list(PushSubscription.objects.filter(pk__gt=after).order_by("pk").only("rhythm")[:SUBSCRIPTIONS])
    silent = [row.pk for row in looked_at if rhythm_of(row).heard_on < oldest]
    PushSubscription.objects.filter(Q(device__in=silent) | Q(device__revoked_at__isnull=False)).delete()
    return looked_at[-1].pk if len(looked_at) == SUBSCRIPTIONS else 0
