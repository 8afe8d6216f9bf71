"""What is kept for one device alone: its inbox, of which what it has acknowledged goes, and the day it was last here."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from chat.delivery.log import Batch
from chat.models import Device, InboxItem, WelcomeBlob


def acknowledge(device: int, seq: int) -> tuple[None, list[Batch]]:
    """Deletes the device's items up to seq, and Welcomes that nobody waits for any more. A job of the writer's."""
    with transaction.atomic(durable=True):
        done = InboxItem.objects.filter(device=device, seq__lte=seq)
        welcomes = list(done.values_list("welcome_id", flat=True))
        if welcomes:
            done.delete()
            WelcomeBlob.objects.filter(id__in=welcomes, items=None).delete()
    return None, []


def seen(device: int, day: date) -> tuple[None, list[Batch]]:
    """A job of the writer's, so that it never waits for the database's only writer."""
    Device.objects.filter(pk=device).update(last_seen_on=day)
    return None, []
