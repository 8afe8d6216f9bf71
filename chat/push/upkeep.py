"""What is no longer needed goes: subscriptions of devices that fell silent or were revoked, and dead processes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from chat.models import PushSubscription
from chat.push import presence

SILENT_DAYS = 60

rounds: list[Callable[[], None]] = []
"""What else a worker does each time: apps that build on this one add theirs when they are ready."""


def tidy() -> None:
    presence.sweep()
    for each in rounds:
        each()
    oldest = timezone.now().date() - timedelta(days=SILENT_DAYS)
    PushSubscription.objects.filter(Q(heard_on__lt=oldest) | Q(device__revoked_at__isnull=False)).delete()
