"""What is no longer needed goes: subscriptions of devices that fell silent or were revoked, and dead processes."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from chat.models import PushSubscription
from chat.push import presence

SILENT_DAYS = 60


def tidy() -> None:
    presence.sweep()
    oldest = timezone.now().date() - timedelta(days=SILENT_DAYS)
    PushSubscription.objects.filter(Q(heard_on__lt=oldest) | Q(device__revoked_at__isnull=False)).delete()
